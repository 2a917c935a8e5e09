/** Trained network to packed network: fold, rearrange channels, pack, bound. */
@NullMarked
package org.sysmol.compile;

import org.jspecify.annotations.NullMarked;
