/** Tests of oneDNN as a peer. */
@NullMarked
package org.sysmol.bench.onednn;

import org.jspecify.annotations.NullMarked;
