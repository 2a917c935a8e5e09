package org.sysmol.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.Goldens;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.engine.Preparation;

/**
 * What it costs to have a network ready: measured in fresh processes that do nothing else, since
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
 * @param codeAloneMs milliseconds to choose kernels, generate and encode code in another fresh
 *     process that does nothing but that; 0 for others than sysmol
 */
public record LoadProbe(
    double loadMs,
    double peakMib,
    double codeMs,
    double weightsMs,
    long codeBytes,
    double codeAloneMs) {
  private static final int RUNS = 5;
  private static final String SYSMOL = "sysmol";
  private static final String CODE = "code";
  private static final String ONNX_RUNTIME = "onnxruntime";
  private static final String ERROR = "error ";

  /** Loads a {@code .smol} as sysmol does. */
  public static LoadProbe ofSysmol(Path file, EngineClass engine) {
    boolean portable = List.of("vector", "scalar").contains(engine.engine());
    LoadProbe loaded = run(sysmol(SYSMOL, file, engine), portable);
    if (loaded.codeBytes == 0) {
      return loaded;
    }
    LoadProbe alone = run(sysmol(CODE, file, engine), portable);
    return new LoadProbe(
        loaded.loadMs,
        loaded.peakMib,
        loaded.codeMs,
        loaded.weightsMs,
        loaded.codeBytes,
        alone.codeMs);
  }

  private static List<String> sysmol(String what, Path file, EngineClass engine) {
    return List.of(
        what, file.toString(), engine.engine(), engine.isa().map(isa -> isa.text()).orElse(""));
  }

  /**
   * Loads an ONNX file as ONNX Runtime does.
   *
   * @param shape of one image
   */
  public static LoadProbe ofOnnxRuntime(Path file, long[] shape) {
    return run(
        List.of(
            ONNX_RUNTIME,
            file.toString(),
            Long.toString(shape[1]),
            Long.toString(shape[2]),
            Long.toString(shape[3])),
        false);
  }

  /**
   * As the launcher starts {@code run}: with the JVM's first compiler alone, which native code does
   * not need more of, with the Vector API, which sysmol may fall back to, and with the classes that
   * it kept, if it did.
   *
   * @param sysmol whether sysmol loads
   * @param portable whether Java itself computes, which both compilers are for
   */
  private static List<String> flags(boolean sysmol, boolean portable) {
    List<String> flags = new ArrayList<>();
    flags.add("-XX:TieredStopAtLevel=" + (portable ? 4 : 1));
    String start = System.getProperty("sysmol.start");
    if (sysmol || start != null) {
      flags.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    }
    if (start != null) {
      flags.add("-XX:AOTCache=" + start);
    }
    return flags;
  }

  private static LoadProbe run(List<String> arguments, boolean portable) {
    boolean sysmol = !arguments.getFirst().equals(ONNX_RUNTIME);
    Process process =
        JavaProcess.start(flags(sysmol, portable), LoadProbe.class, Map.of(), arguments);
    try {
      process.getOutputStream().close();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String[] parts = answer.split(" ", -1);
      int code = process.waitFor();
      if (answer.startsWith(ERROR)) {
        throw SysmolException.failed(
            "Loading %s in a process of its own did not work: %s"
                .formatted(arguments.get(1), answer.substring(ERROR.length())));
      }
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
          Long.parseLong(parts[4]),
          0);
    } catch (IOException e) {
      throw SysmolException.failed("The process that loads a network stopped.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed("Loading was interrupted.", e);
    } finally {
      process.destroy();
    }
  }

  /**
   * The process: does what it is asked for and prints milliseconds, MiB and bytes, or {@code error}
   * and why it could not, in one line.
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[1]);
    LoadProbe found;
    try {
      found =
          switch (arguments[0]) {
            case SYSMOL -> load(file, engine(arguments));
            case CODE -> generate(file, engine(arguments));
            default -> loadOnnx(file, arguments);
          };
    } catch (SysmolException e) {
      System.out.println(ERROR + String.valueOf(e.getMessage()).replaceAll("\\R", " "));
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "%.3f %.1f %.3f %.3f %d%n",
        found.loadMs,
        found.peakMib,
        found.codeMs,
        found.weightsMs,
        found.codeBytes);
  }

  private static EngineClass engine(String[] arguments) {
    return EngineClass.parse(arguments[2], Optional.of(arguments[3]).filter(isa -> !isa.isEmpty()));
  }

  private static LoadProbe load(Path file, EngineClass engine) throws IOException {
    long before = System.nanoTime();
    try (SmolNetwork network = SmolNetwork.load(file, engine::chooseByKeptCosts)) {
      SmolNetwork.Session session = network.newSession();
      double ms = milliseconds(System.nanoTime() - before);
      for (int i = 0; i < RUNS; i++) {
        session.run(Goldens.image(i, network.packed()));
      }
      return of(ms, network.preparation());
    }
  }

  private static LoadProbe generate(Path file, EngineClass engine) throws IOException {
    PackedNetwork packed = SmolFile.read(file);
    if (!(engine.chooseByKeptCosts().engine() instanceof MachineCodeEngine generator)) {
      return of(0, Preparation.NONE);
    }
    Preparation prepared = generator.generate(packed);
    return of(milliseconds(prepared.codeNanos()), prepared);
  }

  private static LoadProbe loadOnnx(Path file, String[] arguments) throws IOException {
    long[] shape = {
      1, Long.parseLong(arguments[2]), Long.parseLong(arguments[3]), Long.parseLong(arguments[4])
    };
    long before = System.nanoTime();
    try (OnnxRuntimePeer peer = new OnnxRuntimePeer(file, shape, 1)) {
      double ms = milliseconds(System.nanoTime() - before);
      for (int i = 0; i < RUNS; i++) {
        peer.run(Goldens.image(i, (int) (shape[1] * shape[2] * shape[3])));
      }
      return of(ms, Preparation.NONE);
    }
  }

  private static LoadProbe of(double ms, Preparation prepared) throws IOException {
    return new LoadProbe(
        ms,
        resident(),
        milliseconds(prepared.codeNanos()),
        milliseconds(prepared.weightsNanos()),
        prepared.codeBytes(),
        0);
  }

  private static double milliseconds(long nanos) {
    return nanos / 1e6;
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
