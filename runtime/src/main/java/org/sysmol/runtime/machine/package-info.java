/** The processor at hand: what it can do, and memory that it executes. */
@NullMarked
package org.sysmol.runtime.machine;

import org.jspecify.annotations.NullMarked;
