/** What a chip can execute, as far as training, packing and simulation need to know it. */
@NullMarked
package org.sysmol.core.architecture;

import org.jspecify.annotations.NullMarked;
