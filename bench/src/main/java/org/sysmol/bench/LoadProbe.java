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
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.Goldens;
import org.sysmol.runtime.SmolNetwork;

/**
 * What it costs to have a network ready: measured in a fresh process that does nothing else, since
 * neither a warm machine nor other contestants' memory may count.
 *
 * @param loadMs milliseconds from a file to a network that can run: reading, checking, generating
 *     code
 * @param peakMib most memory that the process had resident while it loaded and ran, the Java
 *     machine's own included, in MiB
 */
public record LoadProbe(double loadMs, double peakMib) {
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

  private static LoadProbe run(List<String> arguments) {
    Process process = JavaProcess.start(LoadProbe.class, Map.of(), arguments);
    try {
      process.getOutputStream().close();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String[] parts = answer.split(" ", -1);
      if (process.waitFor() != 0 || parts.length != 2) {
        throw SysmolException.failed(
            "Loading " + arguments.get(1) + " in a process of its own did not work: " + answer);
      }
      return new LoadProbe(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
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
    if (arguments[0].equals("sysmol")) {
      EngineClass engine =
          EngineClass.parse(arguments[2], Optional.of(arguments[3]).filter(s -> !s.isEmpty()));
      long before = System.nanoTime();
      try (SmolNetwork network = SmolNetwork.of(SmolFile.read(file), engine.choose())) {
        SmolNetwork.Session session = network.newSession();
        ms = (System.nanoTime() - before) / 1e6;
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
    System.out.printf(Locale.ROOT, "%.3f %.1f%n", ms, resident());
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
