/** Untrained networks that sysmol can make by itself. */
@NullMarked
package org.sysmol.train.zoo;

import org.jspecify.annotations.NullMarked;
