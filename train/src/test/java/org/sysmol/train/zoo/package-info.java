/** Tests of the zoo. */
@NullMarked
package org.sysmol.train.zoo;

import org.jspecify.annotations.NullMarked;
