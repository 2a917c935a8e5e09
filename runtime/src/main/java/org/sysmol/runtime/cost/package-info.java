/** What layers cost on the processor at hand, measured with the generated kernels themselves. */
@NullMarked
package org.sysmol.runtime.cost;

import org.jspecify.annotations.NullMarked;
