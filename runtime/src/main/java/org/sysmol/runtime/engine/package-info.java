/** The engines: a scalar reference that is the specification in code, and its faster twins. */
@NullMarked
package org.sysmol.runtime.engine;

import org.jspecify.annotations.NullMarked;
