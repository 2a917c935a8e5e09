/**
 * Golden tests of the emitted Verilog: vectors whose results Java computes, run through a public
 * simulator.
 */
@NullMarked
package org.sysmol.hardware.rtl.check;

import org.jspecify.annotations.NullMarked;
