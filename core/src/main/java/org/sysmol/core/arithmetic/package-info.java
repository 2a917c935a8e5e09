/** The one arithmetic of docs/arithmetic.md: codes, values, epilogue and batch-norm folding. */
@NullMarked
package org.sysmol.core.arithmetic;

import org.jspecify.annotations.NullMarked;
