/** The packed network: what a .smol file holds and every engine runs, in rearranged channels. */
@NullMarked
package org.sysmol.core.packed;

import org.jspecify.annotations.NullMarked;
