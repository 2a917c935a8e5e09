/** Random networks on every engine against the scalar reference, for as long as one likes. */
@NullMarked
package org.sysmol.bench.fuzz;

import org.jspecify.annotations.NullMarked;
