/** Programs of other projects that are run here: simulators and synthesis. */
@NullMarked
package org.sysmol.hardware.tool;

import org.jspecify.annotations.NullMarked;
