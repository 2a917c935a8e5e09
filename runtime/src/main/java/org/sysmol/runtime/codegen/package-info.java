/** Kernels as machine code: one program per layer, for its own shape and codes. */
@NullMarked
package org.sysmol.runtime.codegen;

import org.jspecify.annotations.NullMarked;
