package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Bounds;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * Sums that attain the bounds of their layer, in code of every class: executed by the interpreter,
 * and by the processor where it has the class. Nothing wraps or is cut off on the way.
 */
class AttainedBoundsTest {
  /** Outputs whose bounds are attained, one window for the largest sum, one for the smallest. */
  private static final int ATTAINED = 4;

  private static final int WINDOWS = 2 * ATTAINED;

  /** A layer; {@code bits} are the precisions of its channels, in runs of 32, 8 for edge layers. */
  private record Case(
      int channels, int outputs, int kernel, int groups, boolean signed, int... bits) {
    int width() {
      return WINDOWS * kernel;
    }

    /** Outputs side by side: one of each window, or at {@code stride} 1 those between them too. */
    int columns(int stride) {
      return (width() - kernel) / stride + 1;
    }
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (boolean signed : List.of(false, true)) {
      for (int[] bits : new int[][] {{8}, {4}, {2}, {1}, {4, 2, 1}, {2, 1}}) {
        cases.add(new Case(37, 17, 3, 1, signed, bits));
        cases.add(new Case(128, 64, 3, 1, signed, bits));
        cases.add(new Case(512, 16, 1, 1, signed, bits));
        cases.add(new Case(48, 48, 5, 48, signed, bits));
        cases.add(new Case(33, 6, 3, 3, signed, bits));
      }
      cases.add(new Case(25_088, 5, 1, 1, signed, 8));
      cases.add(new Case(25_088, 5, 1, 1, signed, 4, 1));
      // For tiles: steps in a loop, and blocks of outputs more than threads.
      cases.add(new Case(5_184, 129, 1, 1, signed, 8));
    }
    return cases;
  }

  @Test
  void sumsReachTheirBoundsOnEveryClass() {
    CpuFeatures machine = CpuFeatures.detect();
    int compared = 0;
    int transformed = 0;
    for (Case layer : cases()) {
      compared += compare(machine, layer, layer.kernel(), Target::new);
      if (layer.kernel() > 1 && layer.groups() == 1) {
        compared += compare(machine, layer, layer.kernel(), Target::lookups);
        compared += compare(machine, layer, 1, Target::winograd);
        Target target = Target.winograd(CpuClass.AVX512);
        String kernel = new NetworkCode(network(layer, 1), target).kernels().getLast();
        transformed += kernel.contains("winograd") ? 1 : 0;
      }
    }
    assertThat(transformed).as("layers by Winograd").isGreaterThan(5);
    System.out.println("Sums that attain their bounds: " + compared + " layers compared");
  }

  private static int compare(
      CpuFeatures machine, Case layer, int stride, Function<CpuClass, Target> targets) {
    int compared = 0;
    PackedNetwork network = network(layer, stride);
    Step.Convolution step = (Step.Convolution) network.steps().getLast();
    Tensors given = new Tensors(network);
    fill(given.codes(step.input()), step, network.tensors().get(step.input()));
    float[] expected = sums(given.codes(step.input()), step, layer, stride);
    for (CpuClass cpuClass : CpuClass.values()) {
      if (cpuClass == CpuClass.BASELINE) {
        continue;
      }
      Target target = targets.apply(cpuClass);
      InterpretedNetwork interpreted = new InterpretedNetwork(network, target);
      MemorySegment out = MemorySegment.ofArray(interpreted.step(2, given, 2));
      assertThat(results(out, interpreted.code().layout().tensor(step.output())))
          .as("%s interpreted, %s", cpuClass.text(), layer)
          .isEqualTo(expected);
      compared++;
      if (machine.supports(cpuClass)) {
        try (GuardedNetwork guarded = new GuardedNetwork(network, target, true, 2)) {
          guarded.put(step.input(), given.codes(step.input()));
          guarded.step(2);
          NativeTensor layout = guarded.code().layout().tensor(step.output());
          assertThat(results(guarded.tensors()[step.output()], layout))
              .as("%s, %s", cpuClass.text(), layer)
              .isEqualTo(expected);
          compared++;
        }
      }
    }
    return compared;
  }

  private static float[] results(MemorySegment from, NativeTensor layout) {
    float[] results = new float[layout.width() * layout.channels()];
    for (int i = 0; i < results.length; i++) {
      long at = layout.at(0, i / layout.channels()) + 4L * (i % layout.channels());
      results[i] = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
    }
    return results;
  }

  /** Windows beside each other, for one output after the other the largest sum and the smallest. */
  private static void fill(byte[] codes, Step.Convolution step, PackedTensor tensor) {
    int channels = tensor.channels();
    int kernel = step.window().kernelWidth();
    int perOutput = channels / step.groups();
    int[] weights = step.weights().codes();
    int outputs = step.weights().outputs();
    for (int i = 0; i < codes.length; i++) {
      int c = i % channels;
      int x = i / channels % tensor.width();
      int tap = i / channels / tensor.width() * kernel + x % kernel;
      int window = x / kernel;
      // The output of this channel's group that this window is for.
      int group = c / perOutput;
      int o = group * (outputs / step.groups()) + window / 2 % (outputs / step.groups());
      int weight = weights[(o * step.weights().taps() + tap) * perOutput + c % perOutput];
      boolean largest = (weight > 0) == (window % 2 == 0);
      codes[i] =
          (byte)
              switch (tensor.encoding()) {
                case Encoding.Mixed mixed -> {
                  int most = (1 << mixed.precision()[c]) - 1;
                  yield largest ? most : mixed.signed() ? -most : 0;
                }
                case Encoding.Eight eight ->
                    eight.signed() ? (largest ? 127 : -127) : largest ? 255 : 0;
                case Encoding.Real _ -> throw new IllegalArgumentException();
              };
    }
  }

  /** The sums, in 64 bits; those of the first outputs attain their bounds. */
  private static float[] sums(byte[] codes, Step.Convolution step, Case layer, int stride) {
    int[] weights = step.weights().aligned();
    int taps = step.weights().taps();
    int perOutput = layer.channels() / layer.groups();
    int width = layer.width();
    int columns = layer.columns(stride);
    float[] sums = new float[columns * layer.outputs()];
    int attained = 0;
    for (int window = 0; window < columns; window++) {
      for (int o = 0; o < layer.outputs(); o++) {
        long sum = 0;
        int first = step.weights().groupOf(o) * perOutput;
        for (int k = 0; k < taps * perOutput; k++) {
          int tap = k / perOutput;
          int x = window * stride + tap % layer.kernel();
          int code =
              codes[(tap / layer.kernel() * width + x) * layer.channels() + first + k % perOutput];
          sum += (long) weights[o * taps * perOutput + k] * (layer.signed() ? code : code & 0xff);
        }
        Bounds bounds = step.bounds();
        assertThat(sum).isBetween(bounds.low(o), bounds.high(o));
        attained += sum == bounds.low(o) || sum == bounds.high(o) ? 1 : 0;
        sums[window * layer.outputs() + o] = (float) sum;
      }
    }
    assertThat(attained).as("sums at a bound, %s", layer).isGreaterThanOrEqualTo(WINDOWS);
    return sums;
  }

  private static PackedNetwork network(Case layer, int stride) {
    int width = layer.width();
    boolean eight = layer.bits()[0] == 8;
    byte[] precision = new byte[layer.channels()];
    for (int c = 0; c < precision.length; c++) {
      // Most bits first, in runs of 32 where there are several precisions.
      int run = c / 32 * layer.bits().length / Math.ceilDiv(layer.channels(), 32);
      precision[c] = (byte) layer.bits()[run];
    }
    List<PackedTensor> tensors = new ArrayList<>();
    tensors.add(tensor("image", 1, layer.kernel(), width, new Encoding.Eight(1f, true)));
    tensors.add(
        tensor(
            "codes",
            layer.channels(),
            layer.kernel(),
            width,
            eight
                ? new Encoding.Eight(1f, layer.signed())
                : new Encoding.Mixed(precision, 1f, layer.signed())));
    tensors.add(tensor("result", layer.outputs(), 1, layer.columns(stride), new Encoding.Real()));
    Window same = new Window(1, 1, 1, 1, 1, 1, 0, 0, layer.kernel(), width);
    Window apart =
        new Window(layer.kernel(), layer.kernel(), 1, stride, 1, 1, 0, 0, 1, layer.columns(stride));
    byte[] edge = {8};
    List<Step> steps =
        List.of(
            new Step.QuantiseImage("image", -1, 0),
            convolution("codes", 0, same, layer.channels(), 1, edge, true, 1),
            convolution(
                "result", 1, apart, layer.outputs(), layer.groups(), precision, layer.signed(), 2));
    return new PackedNetwork(
        "bounds",
        "FREE",
        "budget",
        tensors,
        steps,
        List.of(),
        new Preprocessing(
            1, layer.kernel(), width, new Resize.None(), new float[] {0}, new float[] {1}),
        List.of(),
        new Provenance(Map.of("origin", "test")),
        List.of());
  }

  private static PackedTensor tensor(
      String name, int channels, int height, int width, Encoding encoding) {
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      order[c] = c;
    }
    return new PackedTensor(name, channels, height, width, order, encoding);
  }

  private static Step.Convolution convolution(
      String name,
      int input,
      Window w,
      int outputs,
      int groups,
      byte[] precision,
      boolean signed,
      int output) {
    SplittableRandom random = new SplittableRandom(outputs);
    int perOutput = precision.length / groups;
    int[] codes = new int[outputs * w.taps() * perOutput];
    for (int i = 0; i < codes.length; i++) {
      int o = i / (w.taps() * perOutput);
      int p = precision[o / (outputs / groups) * perOutput + i % perOutput];
      // All the largest, all the smallest, one after the other, and largest magnitudes at random.
      boolean positive =
          switch (o % 4) {
            case 0 -> true;
            case 1 -> false;
            case 2 -> i % 2 == 0;
            default -> random.nextBoolean();
          };
      int magnitude = p == 8 ? 127 : Codes.oddCode((1 << p) - 1, p);
      codes[i] = positive ? magnitude : -magnitude;
    }
    PackedWeights weights = PackedWeights.pack(outputs, w.taps(), precision, groups, codes);
    float[] ones = new float[outputs];
    java.util.Arrays.fill(ones, 1f);
    return new Step.Convolution(
        name,
        input,
        w,
        groups,
        weights,
        new Affine(ones, new float[outputs]),
        -1,
        Clamp.NONE,
        BoundsCalculator.of(name, weights, signed),
        output);
  }
}
