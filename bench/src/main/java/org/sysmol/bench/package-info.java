/** Side-by-side timing of sysmol and other runtimes: one process, interleaved rounds, medians. */
@NullMarked
package org.sysmol.bench;

import org.jspecify.annotations.NullMarked;
