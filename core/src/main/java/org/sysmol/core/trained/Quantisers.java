package org.sysmol.core.trained;

/**
 * All quantiser parameters of a plan, in unpermuted channels.
 *
 * @param valueStep by value id: step of the eight-bit codes of images and streams, positive; 0 for
 *     values that have none
 * @param alpha by group id: {@code alpha} of a searched group; step of an edge group that has a
 *     batch normalisation or an activation of its own; 0 for other edge groups, which use their
 *     value's step
 * @param precision by group id, then input channel: 1, 2 or 4 for searched groups, 8 for edge
 *     groups
 * @param continuous by group id, then input channel: the precision {@code p^} that the search
 *     found, before constraints; empty for edge groups
 * @param delta by index in {@code Plan.convolutions()}, then output channel: step of searched
 *     weights, positive; empty for edge layers, whose steps follow from their weights
 */
public record Quantisers(
    float[] valueStep, float[] alpha, int[][] precision, float[][] continuous, float[][] delta) {}
