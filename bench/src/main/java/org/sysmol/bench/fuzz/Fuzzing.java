package org.sysmol.bench.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.engine.VectorEngine;
import org.sysmol.runtime.machine.CpuClass;

/**
 * Compares engines with the scalar reference on random networks, tensor by tensor, on one to three
 * threads, in sessions that keep their tensors and in such that reuse memory.
 *
 * @param engines what is compared
 */
public record Fuzzing(List<Engine> engines) {
  private static final int IMAGES = 2;
  private static final int MOST_THREADS = 3;

  /**
   * What came of it.
   *
   * @param networks compared
   * @param comparisons of all tensors of a run
   * @param difference one full sentence, if an engine differed
   */
  public record Outcome(long networks, long comparisons, Optional<String> difference) {}

  /** Copies the list. */
  public Fuzzing {
    engines = List.copyOf(engines);
  }

  /**
   * The engines of this machine: the portable one and machine code of every class.
   *
   * @param only the one class to compare, or empty for all engines
   * @param missing receives a sentence for each that is not there
   */
  public static Fuzzing ofThisMachine(Optional<CpuClass> only, Consumer<String> missing) {
    List<Engine> engines = new ArrayList<>();
    if (only.isEmpty()) {
      engines.add(new VectorEngine());
    }
    for (CpuClass cpuClass : CpuClass.values()) {
      if (cpuClass == CpuClass.BASELINE || only.filter(c -> c != cpuClass).isPresent()) {
        continue;
      }
      MachineCodeEngine.Creation made = MachineCodeEngine.create(cpuClass);
      made.engine().ifPresent(engines::add);
      if (made.engine().isEmpty()) {
        missing.accept("class " + cpuClass.text() + " is not compared: " + made.refusal());
      }
    }
    return new Fuzzing(engines);
  }

  /**
   * Compares networks of seeds one after the other, until one differs.
   *
   * @param first seed of the first network; the others have the numbers after it
   * @param networks how many at most
   * @param nanoseconds how long at most
   * @param progress is called after each network
   */
  public Outcome run(long first, long networks, long nanoseconds, Runnable progress) {
    long end = System.nanoTime() + nanoseconds;
    long done = 0;
    long comparisons = 0;
    while (done < networks && System.nanoTime() - end < 0) {
      long seed = first + done;
      // A crash of the process reports the thread's name.
      Thread.currentThread().setName("sysmol fuzz, seed " + seed);
      PackedNetwork network = RandomNetwork.of(seed);
      NetworkCheck.check(network);
      List<float[]> images = images(network, seed);
      List<Run> expected = new ArrayList<>();
      try (Engine.Prepared reference = new ScalarEngine().prepare(network)) {
        for (float[] image : images) {
          expected.add(Run.of(reference, network, image, 1));
        }
      }
      done++;
      for (int e = 0; e < engines.size(); e++) {
        int threads = 1 + (int) Math.floorMod(seed + e, (long) MOST_THREADS);
        Optional<String> difference = compare(engines.get(e), network, images, expected, threads);
        comparisons += images.size();
        if (difference.isPresent()) {
          return new Outcome(done, comparisons, difference.map(what -> sentence(what, seed)));
        }
      }
      progress.run();
    }
    return new Outcome(done, comparisons, Optional.empty());
  }

  private static String sentence(String what, long seed) {
    return what + "; see it again with ./sysmol fuzz --seed " + seed + " --networks 1.";
  }

  private static List<float[]> images(PackedNetwork network, long seed) {
    SplittableRandom random = new SplittableRandom(~seed);
    List<float[]> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      // One that uses most codes, one that is cut off almost everywhere.
      float range = network.image().step() * (i == 0 ? 150 : 5000);
      float[] image = new float[network.image().size()];
      for (int k = 0; k < image.length; k++) {
        image[k] = (float) random.nextDouble(-range, range);
      }
      images.add(image);
    }
    return images;
  }

  /** What an engine computes otherwise, without a full stop; empty if nothing. */
  private static Optional<String> compare(
      Engine engine, PackedNetwork network, List<float[]> images, List<Run> expected, int threads) {
    String who = engine.description() + " on " + threads + (threads == 1 ? " thread" : " threads");
    try (Engine.Prepared prepared = engine.prepare(network)) {
      for (int i = 0; i < images.size(); i++) {
        Optional<String> other =
            Run.of(prepared, network, images.get(i), threads).unlike(expected.get(i), network);
        if (other.isPresent()) {
          return other.map(where -> who + " differs from the reference in " + where);
        }
      }
      Engine.Context reusing = prepared.newContext(threads);
      for (int i = images.size() - 1; i >= 0; i--) {
        float[] result = new float[network.result().size()];
        reusing.run(images.get(i), result);
        if (!Arrays.equals(result, expected.get(i).result())) {
          return Optional.of(who + " gives other results where tensors share memory, image " + i);
        }
      }
    } catch (RuntimeException broken) {
      return Optional.of(who + " broke off with " + broken);
    }
    return Optional.empty();
  }

  /** All that a run computes. */
  private record Run(List<byte[]> codes, float[] result) {
    static Run of(Engine.Prepared prepared, PackedNetwork network, float[] image, int threads) {
      Engine.Context context = prepared.newTracingContext(threads);
      try {
        float[] result = new float[network.result().size()];
        context.run(image, result);
        Tensors tensors = context.tensors();
        List<byte[]> codes = new ArrayList<>();
        for (int t = 0; t < network.tensors().size(); t++) {
          codes.add(tensors.codes(t).clone());
        }
        return new Run(codes, result);
      } finally {
        context.close();
      }
    }

    /** The first element that differs, in words. */
    Optional<String> unlike(Run expected, PackedNetwork network) {
      for (Step step : network.steps()) {
        PackedTensor tensor = network.tensors().get(step.output());
        int at = Arrays.mismatch(codes.get(step.output()), expected.codes.get(step.output()));
        if (!(tensor.encoding() instanceof Encoding.Real) && at >= 0) {
          return Optional.of(
              place(step, tensor, at)
                  + codes.get(step.output())[at]
                  + " instead of "
                  + expected.codes.get(step.output())[at]
                  + "), "
                  + step(step, network));
        }
      }
      int at = Arrays.mismatch(result, expected.result);
      Step last = network.steps().getLast();
      return at < 0
          ? Optional.empty()
          : Optional.of(
              "result "
                  + at
                  + " ("
                  + result[at]
                  + " instead of "
                  + expected.result[at]
                  + "), "
                  + step(last, network));
    }

    private static String place(Step step, PackedTensor tensor, int at) {
      int pixel = at / tensor.channels();
      return "tensor "
          + step.name()
          + " at row "
          + pixel / tensor.width()
          + ", column "
          + pixel % tensor.width()
          + ", channel "
          + at % tensor.channels()
          + " (";
    }

    private static String step(Step step, PackedNetwork network) {
      String what =
          switch (step) {
            case Step.Convolution c ->
                "a convolution "
                    + c.window()
                    + " of "
                    + c.groups()
                    + " groups"
                    + (c.residual() < 0 ? "" : " with a residual");
            case Step.MaxPool p -> "a maximum " + p.window();
            case Step.AveragePool p -> "an average " + p.window();
            case Step.Requantise r -> r.reorders() ? "a reorder" : "a requantisation";
            case Step.Join _ -> "a sum";
            case Step.Gather g -> "an index map of " + g.inputs().size() + " tensors";
            case Step.Scale _ -> "a product";
            case Step.Table t -> "a table for " + t.codes().length + " precisions";
            case Step.QuantiseImage _ -> "the image";
          };
      return what
          + (step.input() < 0 ? "" : " from " + tensor(network.tensors().get(step.input())))
          + " to "
          + tensor(network.tensors().get(step.output()));
    }

    private static String tensor(PackedTensor tensor) {
      String kind =
          switch (tensor.encoding()) {
            case Encoding.Mixed m -> m.signed() ? " odd codes" : " unsigned codes";
            case Encoding.Eight e -> e.signed() ? " signed bytes" : " unsigned bytes";
            case Encoding.Real _ -> " floats";
          };
      return tensor.channels() + "x" + tensor.height() + "x" + tensor.width() + kind;
    }
  }
}
