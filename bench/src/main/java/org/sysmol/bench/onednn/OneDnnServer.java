package org.sysmol.bench.onednn;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.onnx.OnnxReader;
import org.sysmol.onnx.ValueRange;

/**
 * The child process: builds the network, then answers lines on its standard input. The instruction
 * set is capped by the environment before the library is loaded, hence the process.
 *
 * <ul>
 *   <li>{@code run FIRST COUNT}: nanoseconds of that many inferences, separated by blanks
 *   <li>{@code scores INDEX}: the results of an image
 *   <li>{@code layers RUNS}: how many primitives there are, then a line for each: name,
 *       implementation, multiply-accumulates, median nanoseconds, separated by tabs
 *   <li>{@code quit}
 * </ul>
 *
 * <p>It says {@code ready} and its effective instruction set first, {@code refused} and why it
 * can't run the network, or {@code error} and what went wrong.
 */
public final class OneDnnServer {
  private final PrimitiveNetwork network;
  private final List<float[]> images;
  private final PrintStream out;

  private OneDnnServer(PrimitiveNetwork network, List<float[]> images, PrintStream out) {
    this.network = network;
    this.images = images;
    this.out = out;
  }

  /**
   * Arguments: ONNX file, images, channels, height, width, a folder for the library, ranges for
   * eight bits.
   */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    OneDnnServer server;
    try {
      Network floats = OnnxReader.read(Path.of(arguments[0])).network();
      int channels = Integer.parseInt(arguments[2]);
      int height = Integer.parseInt(arguments[3]);
      int width = Integer.parseInt(arguments[4]);
      Optional<Map<String, ValueRange>> ranges =
          arguments.length > 6 ? Optional.of(ranges(Path.of(arguments[6]))) : Optional.empty();
      server =
          new OneDnnServer(
              new PrimitiveNetwork(Path.of(arguments[5]), floats, ranges, channels, height, width),
              images(Path.of(arguments[1]), channels * height * width),
              out);
    } catch (SysmolException | IllegalArgumentException e) {
      boolean refused =
          e instanceof SysmolException known && known.kind() == SysmolException.Kind.BAD_INPUT;
      out.println((refused ? "refused " : "error ") + e.getMessage());
      return;
    }
    out.println("ready " + InstructionSets.name(server.network.instructions()));
    server.serve(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
  }

  private static Map<String, ValueRange> ranges(Path file) throws IOException {
    Map<String, ValueRange> ranges = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split("\t", -1);
      ranges.put(parts[0], new ValueRange(Float.parseFloat(parts[1]), Float.parseFloat(parts[2])));
    }
    return ranges;
  }

  private static List<float[]> images(Path file, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<float[]> images = new ArrayList<>();
    while (bytes.hasRemaining()) {
      float[] image = new float[size];
      bytes.asFloatBuffer().get(image);
      bytes.position(bytes.position() + 4 * size);
      images.add(image);
    }
    return images;
  }

  private void serve(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "run" -> run(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
        case "scores" -> scores(Integer.parseInt(words[1]));
        case "layers" -> layers(Integer.parseInt(words[1]));
        default -> {
          return;
        }
      }
    }
  }

  private void run(int first, int count) {
    StringBuilder answer = new StringBuilder();
    for (int i = 0; i < count; i++) {
      float[] image = images.get((first + i) % images.size());
      long before = System.nanoTime();
      network.run(image);
      answer.append(System.nanoTime() - before).append(' ');
    }
    out.println(answer.toString().strip());
  }

  private void scores(int index) {
    StringBuilder answer = new StringBuilder();
    for (float score : network.run(images.get(index))) {
      answer.append(score).append(' ');
    }
    out.println(answer.toString().strip());
  }

  private void layers(int runs) {
    List<Library.Call> calls = network.calls();
    long[][] times = new long[calls.size()][runs];
    for (int run = 0; run < runs; run++) {
      long[] each = network.timed(images.get(run % images.size()));
      for (int c = 0; c < times.length; c++) {
        times[c][run] = each[c];
      }
    }
    out.println(calls.size());
    for (int c = 0; c < times.length; c++) {
      Arrays.sort(times[c]);
      Library.Call call = calls.get(c);
      out.println(
          call.name()
              + "\t"
              + call.implementation()
              + "\t"
              + call.macs()
              + "\t"
              + times[c][runs / 2]);
    }
  }
}
