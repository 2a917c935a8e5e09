/** Tests of networks without training. */
@NullMarked
package org.sysmol.bench.synthetic;

import org.jspecify.annotations.NullMarked;
