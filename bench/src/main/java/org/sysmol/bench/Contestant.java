package org.sysmol.bench;

/**
 * Something that classifies an image and is timed doing so.
 *
 * @param name as shown
 * @param body runs one image; must do the whole work, from a binary32 image to results
 */
public record Contestant(String name, Body body) {
  /** One inference. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs one image.
     *
     * @param image normalised binary32, {@code [channels, height, width]}
     */
    void run(float[] image);
  }
}
