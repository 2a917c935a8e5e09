package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import picocli.CommandLine;

/** What import says of a file, and how it compares it. */
class ImportCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = new CommandLine(new ImportCommand());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (problem, command, parsed) -> {
          command.getErr().println(problem.getMessage());
          return ((SysmolException) problem).exitCode();
        });
    return line.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "depthwise", "residual"})
  void networksOnRealPicturesAreThoseOfOnnxRuntime(String name) {
    String file = "../datasets/shapes/" + name + ".onnx";
    assertThat(run(file, "--data", "../datasets/shapes", "--limit", "30")).isZero();
    assertThat(out.toString())
        .contains("on 30 images of ")
        .containsPattern("from ONNX Runtime \\d+\\.\\d+")
        .contains("(tolerance 1e-04); 0 images are put into another class");
  }

  @Test
  void differencesBeyondRoundingAreNotEqual() {
    assertThat(new ImportComparison("x", 1, 0.99e-4, 1.0, 0, "1").isEqual()).isTrue();
    assertThat(new ImportComparison("x", 1, 1.01e-4, 1.0, 0, "1").isEqual()).isFalse();
    assertThat(new ImportComparison("x", 1, 1 / 0.0, 1.0, 0, "1").isEqual()).isFalse();
    assertThat(new ImportComparison("x", 1, 0, 0, 0, "1").isEqual()).isTrue();
  }

  @Test
  void optionsOfPicturesNeedPictures() {
    for (List<String> option :
        List.of(List.of("--limit", "3"), List.of("--mean", "0.5"), List.of("--split", "train"))) {
      assertThat(run("../datasets/shapes/plain.onnx", option.getFirst(), option.getLast()))
          .isEqualTo(2);
      assertThat(err.toString())
          .contains(option.getFirst() + " means nothing here", "the pictures of --data");
    }
    assertThat(run("--check", "x", "--data", "../datasets/shapes")).isEqualTo(2);
    assertThat(err.toString()).contains("--data is for an ONNX file");
  }
}
