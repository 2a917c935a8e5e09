/**
 * Emission: an architecture's vector units as plain Verilog-2005 text. {@link
 * org.sysmol.hardware.rtl.RtlFiles} is the way in; docs/hardware.md shows the structure.
 */
@NullMarked
package org.sysmol.hardware.rtl;

import org.jspecify.annotations.NullMarked;
