package org.sysmol.core.preprocess;

import org.sysmol.core.SysmolException;

/**
 * How a picture of any size is brought to the size that the centre crop is cut from.
 *
 * <p>A file stores a choice as its {@link #kind()} and the two numbers {@link #height()} and {@link
 * #width()}; {@link #of} is the way back.
 */
public sealed interface Resize {

  /**
   * The word that names this choice in a file: {@code none}, {@code shorter-side}, {@code exact}.
   */
  String kind();

  /** The first number to store, in pixels; 0 where the choice has none. */
  int height();

  /** The second number to store, in pixels; 0 where the choice has none. */
  int width();

  /** The picture must already have exactly the network's height and width; nothing is cut off. */
  record None() implements Resize {
    @Override
    public String kind() {
      return "none";
    }

    @Override
    public int height() {
      return 0;
    }

    @Override
    public int width() {
      return 0;
    }
  }

  /**
   * Keeps the proportions: the shorter side becomes {@code pixels}, the longer one {@code
   * floor(pixels * longer / shorter)}.
   *
   * @param pixels length of the shorter side afterwards, 1 to {@link Preprocessing#MAX_SIDE}
   */
  record ShorterSide(int pixels) implements Resize {
    /** Checks the range. */
    public ShorterSide {
      Preprocessing.requireSide("The resize's shorter side", pixels);
    }

    @Override
    public String kind() {
      return "shorter-side";
    }

    @Override
    public int height() {
      return pixels;
    }

    @Override
    public int width() {
      return pixels;
    }
  }

  /**
   * Ignores the proportions.
   *
   * @param height pixels from top to bottom afterwards, 1 to {@link Preprocessing#MAX_SIDE}
   * @param width pixels from left to right afterwards, 1 to {@link Preprocessing#MAX_SIDE}
   */
  record Exact(int height, int width) implements Resize {
    /** Checks the ranges. */
    public Exact {
      Preprocessing.requireSide("The resize's height", height);
      Preprocessing.requireSide("The resize's width", width);
    }

    @Override
    public String kind() {
      return "exact";
    }
  }

  /**
   * The choice that was stored as {@code kind}, {@code height} and {@code width}.
   *
   * @throws SysmolException if no choice has that word or those numbers
   */
  static Resize of(String kind, int height, int width) {
    Resize resize =
        switch (kind) {
          case "none" -> new None();
          case "shorter-side" -> new ShorterSide(height);
          case "exact" -> new Exact(height, width);
          default ->
              throw SysmolException.badInput(
                  "The preprocessing's resize is \""
                      + kind
                      + "\", which is unknown: expected none, shorter-side or exact.");
        };
    if (resize.height() != height || resize.width() != width) {
      throw SysmolException.badInput(
          "The preprocessing's resize is \""
              + kind
              + "\" with the numbers "
              + height
              + " and "
              + width
              + ", which do not fit it: none stores 0 and 0, shorter-side the same number twice.");
    }
    return resize;
  }
}
