package org.sysmol.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * Convolutions of bfloat16 numbers in the search and the fine-tuning: on processors that multiply
 * such numbers themselves they take about half the time of binary32.
 *
 * <p>bfloat16 has 8 significant bits. Codes of 1, 2 and 4 bits lie on grids of at most 15 steps, so
 * what rounding adds to them is small against what quantisation took, and the network that comes
 * out is packed and measured in exact integers like any other. Phases in full precision stay
 * binary32, so a baseline is what its name says.
 */
public final class Bfloat16 {
  /** What Linux calls the extensions. */
  private static final List<String> EXTENSIONS = List.of("avx512_bf16", "amx_bf16");

  private Bfloat16() {}

  /** Whether this processor multiplies bfloat16 numbers. */
  public static boolean here() {
    try {
      return saysSo(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the first processor that Linux lists has one of the extensions. */
  static boolean saysSo(List<String> processors) {
    return processors.stream()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> Arrays.asList(line.split("\\s+")))
        .filter(flags -> EXTENSIONS.stream().anyMatch(flags::contains))
        .isPresent();
  }

  /**
   * Refuses what can't be had.
   *
   * @param device what training is to compute on
   * @throws SysmolException if it is not the CPU, or a CPU without bfloat16
   */
  public static void require(String device) {
    if (!device.equals(Device.CPU)) {
      throw SysmolException.badInput(
          "Convolutions in bfloat16 are for training on the CPU; train without --bf16, or with"
              + " --device cpu.");
    }
    if (!here()) {
      throw SysmolException.badInput(
          "This processor has none of "
              + String.join(", ", EXTENSIONS)
              + ", so convolutions in bfloat16 would be slower, not faster; train without --bf16.");
    }
  }
}
