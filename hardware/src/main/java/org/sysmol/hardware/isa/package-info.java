/** The instruction set of the mixed-precision unit: what each instruction means, bit for bit. */
@NullMarked
package org.sysmol.hardware.isa;

import org.jspecify.annotations.NullMarked;
