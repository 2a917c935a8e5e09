package org.sysmol.train;

/**
 * An epoch in the log.
 *
 * @param phase it belongs to
 * @param epoch from 1 within the phase
 * @param loss mean task loss
 * @param accuracy percent of training images right while training
 * @param heldOut percent of held-out images right after the epoch, of what the phase would end with
 *     there; NaN where that was not measured
 * @param bits bits per weight over all layers: 32 in full precision, continuous while searching,
 *     assigned while fine-tuning
 * @param bitsByGroup mean bits of each searched group's channels
 * @param images that were trained on; 0 where an older checkpoint does not say
 * @param seconds that training on them took; NaN where an older checkpoint does not say
 */
public record EpochRecord(
    Phase phase,
    int epoch,
    double loss,
    double accuracy,
    double heldOut,
    double bits,
    double[] bitsByGroup,
    long images,
    double seconds) {
  /** The same with an accuracy on held-out images, in percent. */
  EpochRecord withHeldOut(double percent) {
    return new EpochRecord(
        phase, epoch, loss, accuracy, percent, bits, bitsByGroup, images, seconds);
  }

  /** Images trained on in a second; NaN where that is not known. */
  public double imagesPerSecond() {
    return images / seconds;
  }
}
