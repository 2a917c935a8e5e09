/**
 * What every part shares: errors and versions. The rooms below hold the arithmetic and the files.
 */
@NullMarked
package org.sysmol.core;

import org.jspecify.annotations.NullMarked;
