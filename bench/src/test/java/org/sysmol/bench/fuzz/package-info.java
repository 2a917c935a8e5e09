/** Tests of the fuzzing. */
@NullMarked
package org.sysmol.bench.fuzz;

import org.jspecify.annotations.NullMarked;
