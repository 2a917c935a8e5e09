/**
 * oneDNN as a peer: a network of its primitives in a child process with a capped instruction set.
 */
@NullMarked
package org.sysmol.bench.onednn;

import org.jspecify.annotations.NullMarked;
