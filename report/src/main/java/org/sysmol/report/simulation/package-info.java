/** Cycles and energy of a network on a core with a mixed unit, and the page that shows them. */
@NullMarked
package org.sysmol.report.simulation;

import org.jspecify.annotations.NullMarked;
