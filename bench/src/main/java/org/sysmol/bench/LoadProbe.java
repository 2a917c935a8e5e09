package org.sysmol.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.Goldens;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.engine.Preparation;

/**
 * What it costs to have a network ready: measured in a fresh process that does nothing else, since
 * neither a warm machine nor other contestants' memory may count.
 *
 * @param loadMs milliseconds from a file to a network that can run: reading, checking, generating
 *     code
 * @param peakMib most memory that the process had resident while it loaded and ran, the Java
 *     machine's own included, in MiB
 * @param codeMs of these milliseconds, those in which code was generated and encoded; 0 for others
 *     than sysmol
 * @param weightsMs milliseconds of all threads that rearranged weights at the same time
 * @param codeBytes of machine code
 */
public record LoadProbe(
    double loadMs, double peakMib, double codeMs, double weightsMs, long codeBytes) {
  private static final int RUNS = 5;

  /** Loads a {@code .smol} as sysmol does. */
  public static LoadProbe ofSysmol(Path file, EngineClass engine) {
    return run(
        List.of(
            "sysmol",
            file.toString(),
            engine.engine(),
            engine.isa().map(isa -> isa.text()).orElse("")));
  }

  /**
   * Loads an ONNX file as ONNX Runtime does.
   *
   * @param shape of one image
   */
  public static LoadProbe ofOnnxRuntime(Path file, long[] shape) {
    return run(
        List.of(
            "onnxruntime",
            file.toString(),
            Long.toString(shape[1]),
            Long.toString(shape[2]),
            Long.toString(shape[3])));
  }

  /** As the command itself was started: with the classes that the launcher kept, if it did. */
  private static List<String> flags() {
    String start = System.getProperty("sysmol.start");
    return start == null
        ? List.of()
        : List.of("--add-modules", "jdk.incubator.vector", "-XX:AOTCache=" + start);
  }

  private static LoadProbe run(List<String> arguments) {
    Process process = JavaProcess.start(flags(), LoadProbe.class, Map.of(), arguments);
    try {
      process.getOutputStream().close();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String[] parts = answer.split(" ", -1);
      int code = process.waitFor();
      if (code != 0 || parts.length != 5) {
        throw SysmolException.failed(
            "Loading %s in a process of its own did not work (exit code %d): %s"
                .formatted(arguments.get(1), code, answer));
      }
      return new LoadProbe(
          Double.parseDouble(parts[0]),
          Double.parseDouble(parts[1]),
          Double.parseDouble(parts[2]),
          Double.parseDouble(parts[3]),
          Long.parseLong(parts[4]));
    } catch (IOException e) {
      throw SysmolException.failed("The process that loads a network stopped.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed("Loading was interrupted.", e);
    } finally {
      process.destroy();
    }
  }

  /** The process: loads, runs a few images, prints milliseconds and MiB. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[1]);
    double ms;
    Preparation prepared = Preparation.NONE;
    if (arguments[0].equals("sysmol")) {
      EngineClass engine =
          EngineClass.parse(arguments[2], Optional.of(arguments[3]).filter(s -> !s.isEmpty()));
      long before = System.nanoTime();
      try (SmolNetwork network = SmolNetwork.load(file, engine::choose)) {
        SmolNetwork.Session session = network.newSession();
        ms = (System.nanoTime() - before) / 1e6;
        prepared = network.preparation();
        for (int i = 0; i < RUNS; i++) {
          session.run(Goldens.image(i, network.packed()));
        }
      }
    } else {
      long[] shape = {
        1, Long.parseLong(arguments[2]), Long.parseLong(arguments[3]), Long.parseLong(arguments[4])
      };
      long before = System.nanoTime();
      try (OnnxRuntimePeer peer = new OnnxRuntimePeer(file, shape, 1)) {
        ms = (System.nanoTime() - before) / 1e6;
        for (int i = 0; i < RUNS; i++) {
          peer.run(Goldens.image(i, (int) (shape[1] * shape[2] * shape[3])));
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%.3f %.1f %.3f %.3f %d%n",
        ms,
        resident(),
        prepared.codeNanos() / 1e6,
        prepared.weightsNanos() / 1e6,
        prepared.codeBytes());
  }

  private static double resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    return Double.NaN;
  }
}
