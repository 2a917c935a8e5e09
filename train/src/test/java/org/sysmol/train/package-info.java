/** Proofs of the trainer. */
@NullMarked
package org.sysmol.train;

import org.jspecify.annotations.NullMarked;
