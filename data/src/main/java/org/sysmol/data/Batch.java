package org.sysmol.data;

/**
 * Some images, ready for a network.
 *
 * @param images fp32, size x channels x height x width
 * @param labels one per image, or {@link ImageSet#UNLABELLED}
 * @param size the number of images; the last batch of an epoch may be smaller than the others
 */
public record Batch(float[] images, int[] labels, int size) {}
