/** Generates programs for each step of a packed network (PAPER section 4). */
@NullMarked
package org.sysmol.hardware.program;

import org.jspecify.annotations.NullMarked;
