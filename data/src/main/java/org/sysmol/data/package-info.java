/** Folders and files of images to batches with labels. */
@NullMarked
package org.sysmol.data;

import org.jspecify.annotations.NullMarked;
