/**
 * The price of the emitted Verilog in silicon: synthesis with yosys and abc, timing with OpenSTA.
 */
@NullMarked
package org.sysmol.hardware.silicon;

import org.jspecify.annotations.NullMarked;
