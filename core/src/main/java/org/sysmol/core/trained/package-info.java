/**
 * What training hands on: a float network, its quantisers and where they came from; and its
 * folding.
 */
@NullMarked
package org.sysmol.core.trained;

import org.jspecify.annotations.NullMarked;
