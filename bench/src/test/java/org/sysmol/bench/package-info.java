/** Tests of the timing bench. */
@NullMarked
package org.sysmol.bench;

import org.jspecify.annotations.NullMarked;
