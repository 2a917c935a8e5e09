package org.sysmol.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Tensor;

/**
 * A folder with a {@code case.txt}: a model, inputs, and what they must give.
 *
 * @param folder where it lies
 * @param model the ONNX file
 * @param tolerance relative to the larger of 1 and the expected value; 0 means equal floats
 * @param runs what is fed and expected, by the number of the run
 */
record ImportCase(Path folder, Path model, double tolerance, Map<Integer, Run> runs) {
  private static final long MOST_CELLS = 1L << 26;
  private static final long LONGEST_DESCRIPTION = 1 << 20;

  /**
   * One run.
   *
   * @param inputs fed tensors by name
   * @param outputs expected tensors by name
   * @param others by label, results that exist in the field but are not accepted
   */
  record Run(
      Map<String, Tensor> inputs,
      Map<String, Tensor> outputs,
      Map<String, Map<String, Tensor>> others) {
    Run() {
      this(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    }
  }

  /** True if the model must be refused: no output is expected of it. */
  boolean mustBeRefused() {
    return runs.values().stream().allMatch(run -> run.outputs().isEmpty());
  }

  /** Reads {@code folder/case.txt} and the tensors that it names. */
  static ImportCase read(Path folder) {
    Path description = folder.resolve("case.txt");
    List<String> lines;
    try {
      if (Files.size(description) > LONGEST_DESCRIPTION) {
        throw broken(description, "is longer than a case can be");
      }
      lines = Files.readAllLines(description);
    } catch (IOException e) {
      throw SysmolException.badInput("Case file " + description + " can't be read: " + e + ".", e);
    }
    String model = "";
    double tolerance = 0;
    var runs = new TreeMap<Integer, Run>();
    for (String line : lines) {
      String[] words = line.strip().split("\\s+", -1);
      switch (words[0]) {
        case "", "id", "title", "opset", "note" -> {}
        case "model" -> model = word(description, words, 1, 2);
        case "tol" -> tolerance = number(description, word(description, words, 1, 2));
        default -> tensor(folder, description, words, runs);
      }
    }
    if (model.isEmpty()) {
      throw broken(description, "names no model");
    }
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw broken(description, "has the tolerance " + tolerance);
    }
    return new ImportCase(folder, folder.resolve(model), tolerance, runs);
  }

  private static void tensor(
      Path folder, Path description, String[] words, Map<Integer, Run> runs) {
    boolean other = words[0].startsWith("alt:");
    if (!other && !words[0].equals("in") && !words[0].equals("out")) {
      throw broken(description, "has a line that begins with " + words[0]);
    }
    int number = (int) number(description, word(description, words, 1, 5));
    Run run = runs.computeIfAbsent(number, _ -> new Run());
    Map<String, Tensor> target =
        other
            ? run.others().computeIfAbsent(words[0].substring(4), _ -> new LinkedHashMap<>())
            : words[0].equals("in") ? run.inputs() : run.outputs();
    Tensor tensor = floats(description, folder.resolve(words[4]), words[3]);
    if (target.put(words[2], tensor) != null) {
      throw broken(description, "gives the tensor " + words[2] + " of a run twice");
    }
  }

  private static Tensor floats(Path description, Path file, String sizes) {
    var shape = new ArrayList<Integer>();
    long cells = 1;
    for (String size : sizes.split(",", -1)) {
      double extent = number(description, size);
      if (!(extent >= 1 && cells * extent <= MOST_CELLS)) {
        throw broken(description, "has a tensor of sizes " + sizes);
      }
      shape.add((int) extent);
      cells *= (int) extent;
    }
    try {
      if (Files.size(file) != 4 * cells) {
        throw broken(
            description,
            "names "
                + file.getFileName()
                + " of "
                + Files.size(file)
                + " bytes for sizes "
                + sizes);
      }
      float[] data = new float[(int) cells];
      ByteBuffer.wrap(Files.readAllBytes(file))
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(data);
      return Tensor.of(data, shape.stream().mapToInt(Integer::intValue).toArray());
    } catch (IOException e) {
      throw SysmolException.badInput("Tensor file " + file + " can't be read: " + e + ".", e);
    }
  }

  private static String word(Path description, String[] words, int index, int count) {
    if (words.length != count) {
      throw broken(description, "has a line of another form than " + words[0] + " lines have");
    }
    return words[index];
  }

  private static double number(Path description, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw SysmolException.badInput(
          "Case file " + description + " has \"" + text + "\" where a number belongs.", e);
    }
  }

  private static SysmolException broken(Path description, String what) {
    return SysmolException.badInput("Case file " + description + " " + what + "; correct it.");
  }
}
