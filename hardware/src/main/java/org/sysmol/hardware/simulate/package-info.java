/** Executes programs: what they compute, how many cycles they take and what energy. */
@NullMarked
package org.sysmol.hardware.simulate;

import org.jspecify.annotations.NullMarked;
