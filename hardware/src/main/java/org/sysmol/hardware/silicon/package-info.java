/**
 * The price of the emitted Verilog in silicon: synthesis with yosys and abc, timing and energy with
 * OpenSTA and Icarus Verilog, proofs that netlists equal it.
 */
@NullMarked
package org.sysmol.hardware.silicon;

import org.jspecify.annotations.NullMarked;
