/** How a picture becomes a network's input, as a {@code .smol} file records it. */
@NullMarked
package org.sysmol.core.preprocess;

import org.jspecify.annotations.NullMarked;
