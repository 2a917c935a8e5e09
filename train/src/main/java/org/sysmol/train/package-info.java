/**
 * Trains a network's precisions with libtorch: full precision, noise, quantised; and evaluates it.
 */
@NullMarked
package org.sysmol.train;

import org.jspecify.annotations.NullMarked;
