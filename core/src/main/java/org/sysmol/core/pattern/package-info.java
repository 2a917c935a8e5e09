/**
 * What a register can hold, and which channels of a layer get 1, 2 or 4 bits because of it:
 * patterns, sets of patterns, and the two rules that match a layer's channels to them (PAPER
 * section 2).
 */
@NullMarked
package org.sysmol.core.pattern;

import org.jspecify.annotations.NullMarked;
