package org.sysmol.bench;

import java.util.List;

/**
 * Something that classifies images and is timed doing so.
 *
 * @param name as shown
 * @param stopwatch times it
 */
public record Contestant(String name, Stopwatch stopwatch) {
  /** One inference. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs one image; must do the whole work, from a binary32 image to results.
     *
     * @param image normalised binary32, {@code [channels, height, width]}
     */
    void run(float[] image);
  }

  /** Times inferences, in this process or in another. */
  @FunctionalInterface
  public interface Stopwatch {
    /**
     * Runs images in turn.
     *
     * @param images normalised binary32; the same list at each call
     * @param first index of the first image; it and those after it wrap around
     * @param nanoseconds receives the time of each inference; its length says how many
     */
    void time(List<float[]> images, int first, long[] nanoseconds);
  }

  /** A contestant of this process. */
  public static Contestant of(String name, Body body) {
    return new Contestant(
        name,
        (images, first, nanoseconds) -> {
          for (int i = 0; i < nanoseconds.length; i++) {
            float[] image = images.get((first + i) % images.size());
            long before = System.nanoTime();
            body.run(image);
            nanoseconds[i] = System.nanoTime() - before;
          }
        });
  }
}
