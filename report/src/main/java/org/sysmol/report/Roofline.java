package org.sysmol.report;

import java.util.List;

/**
 * What layers reach beside what the processor could: the data of a roofline picture.
 *
 * @param cpuClass class that the code was generated for
 * @param roofs most that can be multiplied
 * @param slopes most that can be read
 * @param layers layers with multiply-accumulates
 */
public record Roofline(String cpuClass, List<Roof> roofs, List<Slope> slopes, List<Layer> layers) {
  /**
   * A horizontal line.
   *
   * @param name what is multiplied
   * @param gmacs 10^9 multiply-accumulates in a second
   */
  public record Roof(String name, double gmacs) {}

  /**
   * A slanting line.
   *
   * @param name where bytes come from
   * @param gbytes 10^9 bytes in a second
   */
  public record Slope(String name, double gbytes) {}

  /**
   * A layer.
   *
   * @param name of the layer
   * @param macs multiply-accumulates, positive
   * @param bytes read and written, each once, positive
   * @param ms median milliseconds, positive
   */
  public record Layer(String name, long macs, long bytes, double ms) {
    /** Multiply-accumulates for each byte. */
    public double intensity() {
      return (double) macs / bytes;
    }

    /** 10^9 multiply-accumulates in a second. */
    public double gmacs() {
      return macs / ms / 1e6;
    }
  }

  /** Copies the lists. */
  public Roofline {
    roofs = List.copyOf(roofs);
    slopes = List.copyOf(slopes);
    layers = List.copyOf(layers);
  }
}
