package org.sysmol.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Tensor;
import org.sysmol.onnx.CaseResult.Outcome;

/**
 * Runs import cases: each must end in its expected output or in a refusal by name.
 *
 * <p>A case is a folder with a {@code case.txt} of lines {@code model FILE}, {@code tol NUMBER},
 * {@code in RUN TENSOR SIZES FILE}, {@code out ...} (raw little-endian float32) and {@code
 * alt:LABEL ...} (another result that exists in the field: named if it appears, never accepted). A
 * case without {@code out} must be refused.
 */
public final class CaseRunner {
  private CaseRunner() {}

  /**
   * Runs the case in {@code folder}, or else all cases in the folders of {@code folder}, by name.
   *
   * @throws SysmolException if there is no case
   */
  public static List<CaseResult> run(Path folder) {
    if (Files.isRegularFile(folder.resolve("case.txt"))) {
      return List.of(runOne(folder));
    }
    List<Path> cases;
    try (Stream<Path> entries = Files.list(folder)) {
      cases =
          entries.filter(entry -> Files.isRegularFile(entry.resolve("case.txt"))).sorted().toList();
    } catch (IOException e) {
      throw SysmolException.badInput(
          "Folder " + folder + " can't be read (" + e + "); name a folder of import cases.", e);
    }
    if (cases.isEmpty()) {
      throw SysmolException.badInput(
          "Folder " + folder + " holds no import case; a case is a folder with a case.txt.");
    }
    return cases.stream().map(CaseRunner::runOne).toList();
  }

  private static CaseResult runOne(Path folder) {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    String name = last == null ? folder.toString() : last.toString();
    try {
      ImportCase read = ImportCase.read(folder);
      OnnxReader.Result model;
      try {
        model = OnnxReader.read(read.model());
      } catch (SysmolException e) {
        return new CaseResult(name, Outcome.REFUSED, String.valueOf(e.getMessage()));
      }
      if (read.mustBeRefused()) {
        return new CaseResult(
            name, Outcome.WRONG, "The model must be refused but was read without a complaint.");
      }
      String difference = difference(read, model);
      return difference == null
          ? new CaseResult(name, Outcome.OK, String.join(" ", model.warnings()))
          : new CaseResult(name, Outcome.WRONG, difference);
    } catch (SysmolException e) {
      return new CaseResult(name, Outcome.WRONG, String.valueOf(e.getMessage()));
    } catch (RuntimeException | OutOfMemoryError e) {
      return new CaseResult(name, Outcome.WRONG, "It crashed with " + e + ".");
    }
  }

  private static @Nullable String difference(ImportCase read, OnnxReader.Result model) {
    var evaluator = new FloatEvaluator(model.network());
    for (Map.Entry<Integer, ImportCase.Run> entry : read.runs().entrySet()) {
      ImportCase.Run run = entry.getValue();
      Map<String, Tensor> computed = evaluator.evaluate(run.inputs());
      String difference = difference(run.outputs(), computed, read.tolerance());
      if (difference != null) {
        String text = "Run " + entry.getKey() + ": " + difference;
        for (Map.Entry<String, Map<String, Tensor>> other : run.others().entrySet()) {
          if (difference(other.getValue(), computed, read.tolerance()) == null) {
            text += " It is the result \"" + other.getKey() + "\", which is not accepted.";
          }
        }
        return text;
      }
    }
    return null;
  }

  private static @Nullable String difference(
      Map<String, Tensor> expected, Map<String, Tensor> computed, double tolerance) {
    for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
      Tensor want = entry.getValue();
      Tensor got = computed.get(entry.getKey());
      if (got == null) {
        return "The network has no output " + entry.getKey() + ".";
      }
      if (!Arrays.equals(want.shape(), got.shape())) {
        return "Output "
            + entry.getKey()
            + " has the shape "
            + FloatEvaluator.shown(got.shape())
            + ", not "
            + FloatEvaluator.shown(want.shape())
            + ".";
      }
      for (int cell = 0; cell < want.data().length; cell++) {
        if (!agree(want.data()[cell], got.data()[cell], tolerance)) {
          return "Value "
              + cell
              + " of output "
              + entry.getKey()
              + " is "
              + got.data()[cell]
              + ", not "
              + want.data()[cell]
              + " (tolerance "
              + tolerance
              + ").";
        }
      }
    }
    return null;
  }

  /** Equal within a tolerance relative to the larger of 1 and the expected value. */
  static boolean agree(float want, float got, double tolerance) {
    if (want == got || (Float.isNaN(want) && Float.isNaN(got))) {
      return true;
    }
    // A NaN or an infinity on one side makes the comparison false.
    return Math.abs((double) got - want) <= tolerance * Math.max(1, Math.abs((double) want))
        && !Float.isInfinite(want);
  }
}
