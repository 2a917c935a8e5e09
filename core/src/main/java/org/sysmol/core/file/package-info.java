/**
 * Files that can be trusted after they were read: packed networks (.smol), trained networks and
 * checkpoints, in one container (docs/file-format.md).
 */
@NullMarked
package org.sysmol.core.file;

import org.jspecify.annotations.NullMarked;
