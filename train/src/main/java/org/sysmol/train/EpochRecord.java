package org.sysmol.train;

/**
 * An epoch in the log.
 *
 * @param phase it belongs to
 * @param epoch from 1 within the phase
 * @param loss mean task loss
 * @param accuracy percent of training images right while training
 * @param bits bits per weight over all layers: 32 in full precision, continuous while searching,
 *     assigned while fine-tuning
 * @param bitsByGroup mean bits of each searched group's channels
 */
public record EpochRecord(
    Phase phase, int epoch, double loss, double accuracy, double bits, double[] bitsByGroup) {}
