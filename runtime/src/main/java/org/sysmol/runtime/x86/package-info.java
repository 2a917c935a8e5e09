/**
 * Machine instructions as objects: written by kernel generators, encoded to bytes where the
 * processor has them, and executed in plain Java everywhere else.
 */
@NullMarked
package org.sysmol.runtime.x86;

import org.jspecify.annotations.NullMarked;
