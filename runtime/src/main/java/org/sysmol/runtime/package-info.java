/** A .smol and an input to an output, on the fastest engine the processor offers. */
@NullMarked
package org.sysmol.runtime;

import org.jspecify.annotations.NullMarked;
