package org.sysmol.hardware.program;

import java.util.List;
import org.sysmol.core.pattern.Pattern;

/**
 * All that a network runs.
 *
 * @param memory all of it before a run, without the image
 * @param image address of the image: planes of binary32, by the float network's channels
 * @param steps in order
 * @param result where the result is: binary32, rows of pixels, channels innermost
 * @param resultPixelBytes from one pixel of the result to the next
 * @param resultRowBytes from one row of the result to the next
 * @param patterns what VPSET counts
 */
public record NetworkProgram(
    byte[] memory,
    int image,
    List<StepProgram> steps,
    int result,
    int resultPixelBytes,
    int resultRowBytes,
    List<Pattern> patterns) {
  /** Copies the lists. */
  public NetworkProgram {
    steps = List.copyOf(steps);
    patterns = List.copyOf(patterns);
  }
}
