package org.sysmol.bench.onednn;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.sysmol.bench.Bench;
import org.sysmol.bench.Contestant;
import org.sysmol.bench.JavaProcess;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.onnx.OnnxWriter;
import org.sysmol.onnx.ValueRange;
import org.sysmol.runtime.machine.CpuClass;

/**
 * oneDNN in a child process: it is asked for inferences and answers with their times, so it takes
 * part in the same interleaved rounds.
 */
public final class OneDnnPeer implements AutoCloseable, Contestant.Stopwatch {
  private static final int LAYER_RUNS = 21;

  private final Process process;
  private final BufferedReader in;
  private final BufferedWriter out;
  private final String instructions;

  /**
   * Starts it.
   *
   * @param folder for the files that the child reads, not used by another that is just starting
   * @param floats batch normalisations folded
   * @param ranges of all values for eight bits, empty for floats
   * @param shape of one image, {@code [1, channels, height, width]}
   * @param images that it will run, in the order of the other contestants
   * @param isa class to which it is capped, empty for all that the machine has
   * @param threads within a primitive
   */
  public OneDnnPeer(
      Path folder,
      Network floats,
      Optional<Map<String, ValueRange>> ranges,
      long[] shape,
      List<float[]> images,
      Optional<CpuClass> isa,
      int threads) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    isa.ifPresent(cpuClass -> environment.put("ONEDNN_MAX_CPU_ISA", cap(cpuClass)));
    String kind = ranges.isPresent() ? "int8" : "fp32";
    Path model = folder.resolve("onednn-" + kind + ".onnx");
    Path pictures = folder.resolve("onednn-" + kind + ".images");
    List<String> arguments = new ArrayList<>();
    arguments.add(model.toString());
    arguments.add(pictures.toString());
    for (int i = 1; i < 4; i++) {
      arguments.add(Long.toString(shape[i]));
    }
    OnnxWriter.write(floats, model);
    try {
      arguments.add(folder.toString());
      writeImages(images, pictures);
      if (ranges.isPresent()) {
        Path file = folder.resolve("onednn-" + kind + ".ranges");
        List<String> lines = new ArrayList<>();
        ranges.get().forEach((name, r) -> lines.add(name + "\t" + r.low() + "\t" + r.high()));
        Files.write(file, lines);
        arguments.add(file.toString());
      }
    } catch (IOException e) {
      throw SysmolException.failed("Files for oneDNN can't be written (" + e + ").", e);
    }
    process = JavaProcess.start(OneDnnServer.class, environment, arguments);
    in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    out =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    String greeting = answer("starting");
    if (!greeting.startsWith("ready ")) {
      process.destroy();
      throw refusal(greeting);
    }
    instructions = greeting.substring("ready ".length());
  }

  private static SysmolException refusal(String greeting) {
    if (greeting.startsWith("refused ")) {
      return SysmolException.badInput(greeting.substring("refused ".length()));
    }
    return SysmolException.failed(
        greeting.startsWith("error ") ? greeting.substring("error ".length()) : greeting);
  }

  /** oneDNN's name of a class. */
  static String cap(CpuClass cpuClass) {
    return switch (cpuClass) {
      case BASELINE -> "SSE41";
      case AVX2 -> "AVX2";
      case AVXVNNI -> "AVX2_VNNI";
      case AVX512 -> "AVX512_CORE_VNNI";
      case AMX -> "AVX512_CORE_AMX";
    };
  }

  private static void writeImages(List<float[]> images, Path file) throws IOException {
    int size = images.getFirst().length;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(4 * size, images.size()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float[] image : images) {
      bytes.asFloatBuffer().put(image);
      bytes.position(bytes.position() + 4 * size);
    }
    Files.write(file, bytes.array());
  }

  private String ask(String question) {
    try {
      out.write(question + "\n");
      out.flush();
    } catch (IOException e) {
      throw SysmolException.failed("The process of oneDNN ended at: " + question + ".", e);
    }
    return answer(question);
  }

  private String answer(String question) {
    try {
      String line = in.readLine();
      if (line != null) {
        return line;
      }
    } catch (IOException e) {
      throw SysmolException.failed("The process of oneDNN ended at: " + question + ".", e);
    }
    throw SysmolException.failed("The process of oneDNN ended at: " + question + ".");
  }

  /**
   * The library's own name of the instruction set that it is capped to, {@code avx512_core_vnni}.
   */
  public String instructions() {
    return instructions;
  }

  @Override
  public void time(List<float[]> images, int first, long[] nanoseconds) {
    String[] times = ask("run " + first + " " + nanoseconds.length).split(" ", -1);
    for (int i = 0; i < nanoseconds.length; i++) {
      nanoseconds[i] = Long.parseLong(times[i]);
    }
  }

  /** The results of one of the images. */
  public float[] scores(int image) {
    String[] words = ask("scores " + image).split(" ", -1);
    float[] scores = new float[words.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Float.parseFloat(words[i]);
    }
    return scores;
  }

  /** Times of its primitives, copies between layouts included. */
  public List<Bench.Layer> layers() {
    int count = Integer.parseInt(ask("layers " + LAYER_RUNS));
    List<Bench.Layer> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] parts = answer("layers").split("\t", -1);
      layers.add(
          new Bench.Layer(
              parts[0], parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3]) / 1e6));
    }
    return layers;
  }

  @Override
  public void close() {
    try {
      out.write("quit\n");
      out.flush();
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (IOException e) {
      // It is gone already.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
