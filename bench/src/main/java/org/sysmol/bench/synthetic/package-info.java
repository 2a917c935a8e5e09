/**
 * Packed networks of known architectures without training: pseudo-real pictures calibrate them, a
 * mix says which share of channels has which precision. For timing; their answers mean nothing.
 */
@NullMarked
package org.sysmol.bench.synthetic;

import org.jspecify.annotations.NullMarked;
