package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Kernel;
import org.sysmol.runtime.engine.KernelSequence;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.PlainSteps;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.x86.Instruction;
import org.sysmol.runtime.x86.Program;

/**
 * The code generated for every class of processors gives the bits of the scalar reference, on any
 * machine: the interpreter executes it.
 */
class GeneratedCodeTest {
  private static final int RANDOM_NETWORKS = 60;

  /** Multiply-accumulates of the layer under test beyond which a drawn network is left out. */
  private static final long MOST_WORK = 600_000;

  /** Tiles of one, of most and of unequal pixels; blocks of one and two vectors; long runs. */
  private static final List<Spec> SPECS =
      List.of(
          spec(1, 1, 1, 1, 1, 1, false, true),
          spec(3, 16, 5, 5, 3, 3, true, true),
          spec(31, 33, 2, 7, 1, 1, false, false),
          spec(33, 8, 1, 13, 3, 3, false, true),
          spec(65, 65, 3, 3, 3, 3, true, false),
          spec(37, 17, 1, 29, 1, 3, false, false),
          new Spec(16, 16, 5, 13, 3, 3, 1, 1, true, true, false, false, true, false),
          new Spec(33, 33, 4, 7, 3, 5, 2, 1, true, true, true, true, false, false),
          new Spec(31, 31, 7, 5, 3, 3, 1, 2, true, false, false, false, true, true),
          new Spec(33, 37, 7, 5, 3, 3, 2, 1, true, false, true, true, false, true));

  private static Spec spec(
      int channels,
      int outputs,
      int height,
      int width,
      int kh,
      int kw,
      boolean signed,
      boolean eight) {
    return new Spec(
        channels, outputs, height, width, kh, kw, 1, 1, true, false, signed, signed, eight, false);
  }

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void codeOfEveryClassEqualsTheReference(CpuClass cpuClass) {
    Target target = new Target(cpuClass);
    SplittableRandom random = new SplittableRandom(41);
    List<Spec> specs = new ArrayList<>(SPECS);
    while (specs.size() < SPECS.size() + RANDOM_NETWORKS) {
      Spec drawn = RandomNetworks.draw(random);
      if (work(drawn) <= MOST_WORK) {
        specs.add(drawn);
      }
    }
    Set<String> met = new TreeSet<>();
    long executed = 0;
    for (int n = 0; n < specs.size(); n++) {
      Spec spec = specs.get(n);
      PackedNetwork network = RandomNetworks.of(spec, n);
      float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
      List<InterpretedConvolution> interpreted = new ArrayList<>();
      List<String> result = run(network, target, image, interpreted);
      assertThat(result)
          .as("%s, network %d, %s", cpuClass.text(), n, spec)
          .isEqualTo(reference(network, image));
      for (InterpretedConvolution kernel : interpreted) {
        assertThat(cpuClass.features()).containsAll(kernel.program().features());
        executed += kernel.executed();
        met.add(kernel.shape().operands().name());
        met.add(kernel.shape().result().name());
        met.add("shortcut " + kernel.shape().shortcut());
      }
    }
    System.out.println(
        "Generated code, "
            + cpuClass.text()
            + ": "
            + specs.size()
            + " networks equal the reference, "
            + executed
            + " instructions.");
    Set<String> all = new TreeSet<>();
    for (ConvolutionShape.Operands operands : ConvolutionShape.Operands.values()) {
      if (operands != ConvolutionShape.Operands.BYTES || target.dotProduct()) {
        all.add(operands.name());
      }
    }
    for (ConvolutionShape.Result result : ConvolutionShape.Result.values()) {
      all.add(result.name());
    }
    for (ConvolutionShape.Shortcut shortcut : ConvolutionShape.Shortcut.values()) {
      all.add("shortcut " + shortcut);
    }
    assertThat(met).containsExactlyElementsOf(all);
  }

  private static long work(Spec s) {
    long inputs = s.depthwise() ? 1 : s.channels();
    long pixels = (long) s.height() * s.width();
    return inputs * s.outputs() * pixels * s.kernelHeight() * s.kernelWidth();
  }

  /**
   * Leaves out every instruction of a layer in turn: an output differs or the code faults. The
   * kernel of one cell keeps padding out, whose zeros hide mistakes.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyInstructionMatters(boolean signed) {
    Spec spec = new Spec(37, 37, 6, 13, 1, 1, 1, 1, true, false, signed, true, true, false);
    PackedNetwork network = RandomNetworks.of(spec, 3);
    Step.Convolution layer = layer(network);
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(3);
    fill(tensors.codes(layer.input()), network.tensors().get(layer.input()), random);
    fill(tensors.codes(layer.residual()), network.tensors().get(layer.residual()), random);
    new PlainSteps(network).kernel(layer).run(tensors);
    byte[] output = tensors.codes(layer.output());
    byte[] expected = output.clone();
    for (CpuClass cpuClass : List.of(CpuClass.AVX2, CpuClass.AVXVNNI, CpuClass.AVX512)) {
      Target target = new Target(cpuClass);
      var whole = new InterpretedConvolution(network, layer, target, UnaryOperator.identity());
      Arrays.fill(output, (byte) 0x55);
      whole.run(tensors);
      assertThat(output).isEqualTo(expected);
      List<String> unnoticed = new ArrayList<>();
      int tried = 0;
      for (int i = 0; i < whole.program().entries().size(); i++) {
        if (whole.program().entries().get(i) instanceof Instruction instruction) {
          int index = i;
          tried++;
          Arrays.fill(output, (byte) 0x55);
          try {
            new InterpretedConvolution(network, layer, target, all -> without(all, index))
                .run(tensors);
            if (Arrays.equals(output, expected)) {
              unnoticed.add(i + " " + instruction);
            }
          } catch (IllegalStateException fault) {
            assertThat(fault).hasMessageMatching("(?s)(Line|The program) .*");
          }
        }
      }
      assertThat(tried).isGreaterThan(100);
      assertThat(unnoticed).as("%s, of %d instructions", cpuClass.text(), tried).isEmpty();
    }
  }

  /** Codes at random, all that the tensor can hold. */
  private static void fill(byte[] codes, PackedTensor tensor, SplittableRandom random) {
    for (int i = 0; i < codes.length; i++) {
      codes[i] =
          (byte)
              switch (tensor.encoding()) {
                case Encoding.Mixed mixed -> {
                  int p = mixed.precision()[i % tensor.channels()];
                  int digits = random.nextInt(1 << p);
                  yield mixed.signed() ? Codes.oddCode(digits, p) : digits;
                }
                case Encoding.Eight eight ->
                    eight.signed() ? random.nextInt(-127, 128) : random.nextInt(256);
                case Encoding.Real _ -> throw new IllegalArgumentException(tensor.name());
              };
    }
  }

  private static Program without(Program program, int index) {
    List<Program.Entry> entries = new ArrayList<>(program.entries());
    entries.remove(index);
    return new Program(entries, program.constants());
  }

  private static Step.Convolution layer(PackedNetwork network) {
    return (Step.Convolution)
        network.steps().stream()
            .filter(step -> step.name().equals("layer"))
            .findFirst()
            .orElseThrow();
  }

  private static List<String> reference(PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
      return NetworkRuns.all(prepared, network, image);
    }
  }

  /** Runs an image with the convolutions interpreted and other steps as the reference does them. */
  private static List<String> run(
      PackedNetwork network,
      Target target,
      float[] image,
      List<InterpretedConvolution> interpreted) {
    PlainSteps plain = new PlainSteps(network);
    List<Kernel> kernels = new ArrayList<>();
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c && MachineConvolution.supports(c, network)) {
        InterpretedConvolution kernel =
            new InterpretedConvolution(network, c, target, UnaryOperator.identity());
        interpreted.add(kernel);
        kernels.add(kernel);
      } else {
        kernels.add(plain.kernel(step));
      }
    }
    try (KernelSequence prepared = new KernelSequence(network, kernels, () -> {})) {
      return NetworkRuns.all(prepared, network, image);
    }
  }
}
