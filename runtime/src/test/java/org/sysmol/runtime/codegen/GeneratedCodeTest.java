package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.runtime.engine.Engine;
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
  static final List<Spec> SPECS =
      List.of(
          spec(1, 1, 1, 1, 1, 1, false, true),
          spec(32, 32, 3, 5, 3, 3, false, false),
          spec(5, 64, 3, 5, 1, 1, false, true),
          spec(5, 128, 2, 3, 1, 1, false, true),
          spec(5, 192, 2, 3, 1, 1, true, true),
          spec(64, 96, 3, 7, 3, 3, false, false),
          spec(96, 65, 3, 4, 1, 3, false, true),
          new Spec(64, 32, 7, 9, 3, 3, 2, 2, true, false, false, false, true, false),
          new Spec(64, 64, 4, 4, 5, 3, 1, 1, true, false, false, false, false, true),
          spec(3, 16, 5, 5, 3, 3, true, true),
          spec(31, 33, 2, 7, 1, 1, false, false),
          spec(33, 8, 1, 13, 3, 3, false, true),
          spec(65, 65, 3, 3, 3, 3, true, false),
          spec(37, 17, 1, 29, 1, 3, false, false),
          new Spec(16, 16, 5, 13, 3, 3, 1, 1, true, true, false, false, true, false),
          new Spec(33, 33, 4, 7, 3, 5, 2, 1, true, true, true, true, false, false),
          new Spec(31, 31, 7, 5, 3, 3, 1, 2, true, false, false, false, true, true),
          new Spec(33, 37, 7, 5, 3, 3, 2, 1, true, false, true, true, false, true),
          // Tiles of all numbers of pixels and outputs; window rows of all numbers of steps.
          spec(64, 64, 7, 7, 3, 3, false, false),
          spec(128, 17, 3, 13, 3, 3, true, true),
          spec(16, 129, 2, 2, 3, 3, false, true),
          spec(65, 49, 3, 13, 1, 1, true, false),
          spec(3, 33, 29, 29, 5, 5, true, true),
          new Spec(64, 33, 13, 13, 3, 3, 2, 1, true, false, true, false, true, false),
          new Spec(16, 48, 13, 29, 3, 3, 2, 1, true, false, false, true, true, false),
          new Spec(65, 17, 5, 5, 7, 7, 1, 2, true, false, true, true, true, true),
          new Spec(1, 33, 9, 9, 9, 9, 1, 2, true, false, true, true, true, false),
          new Spec(32, 17, 13, 3, 9, 9, 1, 2, true, false, false, true, true, false),
          spec(32, 16, 9, 9, 3, 3, true, true),
          spec(192, 33, 7, 7, 3, 3, false, true),
          new Spec(37, 49, 7, 13, 3, 3, 1, 2, true, false, true, false, false, false));

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
      InterpretedNetwork interpreted = new InterpretedNetwork(network, target);
      int threads = 1 + n % 3;
      assertThat(interpreted.run(image, threads))
          .as("%s, network %d, %d threads, %s", cpuClass.text(), n, threads, spec)
          .isEqualTo(reference(network, image));
      assertThat(cpuClass.features()).containsAll(interpreted.program().features());
      executed += interpreted.executed();
      interpreted
          .code()
          .kernels()
          .forEach(name -> met.add(name.replaceAll(" [0-9]+(x| of )[0-9]+", "")));
    }
    System.out.println(
        "Generated code, "
            + cpuClass.text()
            + ": "
            + specs.size()
            + " networks equal the reference, "
            + executed
            + " instructions, kernels "
            + met
            + ".");
    String name = cpuClass.text();
    List<String> all =
        new ArrayList<>(
            List.of("average", "depthwise vpmulld", "depthwise vpmullw", "image", "maximum"));
    all.addAll(List.of("gate", "gather", "product", "reorder", "sum", "table"));
    all.addAll(
        target.dotProduct()
            ? List.of("vpdpbusd", "vpdpbusd grouped")
            : List.of("vpmaddubsw", "vpmaddubsw grouped", "vpmaddwd"));
    if (!target.wide()) {
      // With dot products, 3x3 layers of several precisions are transformed instead.
      all.addAll(
          target.dotProduct() ? List.of("vpshufb") : List.of("vpshufb", "vpshufb vpmaddubsw"));
    }
    if (target.countsBits()) {
      all.add("vpdpbusd vpopcntd");
    }
    if (target.dotProduct() && !target.tiles()) {
      all.add("winograd vpdpbusd");
      all.addAll(target.countsBits() ? List.of("winograd vpdpbusd vpopcntd") : List.of());
    }
    if (target.tiles()) {
      all.addAll(List.of("tdpbusd", "tdpbusd packed"));
    }
    assertThat(met)
        .containsExactlyInAnyOrderElementsOf(all.stream().map(k -> name + " " + k).toList());
  }

  private static long work(Spec s) {
    long inputs = s.depthwise() ? 1 : s.channels();
    long pixels = (long) s.height() * s.width();
    return inputs * s.outputs() * pixels * s.kernelHeight() * s.kernelWidth();
  }

  /**
   * Leaves out one instruction of a step after the other, half of them, the same each time: its
   * output or halo differs or the code faults. The convolution of one cell keeps padding out, whose
   * zeros hide mistakes.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyInstructionMatters(boolean signed) {
    List<String> names = List.of("layer", "edge depthwise", "max", "codes");
    everyInstructionMatters(RandomNetworks.of(everyStep(signed), 3), 300, names);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyInstructionOfTablesAndProductsMatters(boolean signed) {
    // A product of mixed precision, so that all its parameters matter.
    long seed = 4;
    PackedNetwork network = RandomNetworks.of(everyStep(signed), seed);
    while (seed % 4 == 3 || !mixed(network, "scaled") || signed(network, "coded") != signed) {
      network = RandomNetworks.of(everyStep(signed), ++seed);
    }
    everyInstructionMatters(network, 50, List.of("scaled", "coded"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyInstructionOfIndexMapsMatters(boolean signed) {
    long seed = 6;
    PackedNetwork network = RandomNetworks.of(everyStep(signed), seed);
    while (signed(network, "strided") != signed || inputs(network, "joined") == 1) {
      network = RandomNetworks.of(everyStep(signed), seed += 4);
    }
    everyInstructionMatters(network, 50, List.of("strided", "joined"));
  }

  private static int inputs(PackedNetwork network, String name) {
    return network.steps().get(step(network, name)).reads().size();
  }

  private static boolean signed(PackedNetwork network, String name) {
    int output = network.steps().get(step(network, name)).output();
    return network.tensors().get(output).encoding() instanceof Encoding.Mixed m && m.signed();
  }

  private static boolean mixed(PackedNetwork network, String name) {
    int output = network.steps().get(step(network, name)).output();
    return network.tensors().get(output).encoding() instanceof Encoding.Mixed;
  }

  private static Spec everyStep(boolean signed) {
    return new Spec(37, 69, 5, 13, 1, 1, 1, 1, true, false, signed, true, true, false);
  }

  private static void everyInstructionMatters(
      PackedNetwork network, int fewest, List<String> names) {
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(3);
    for (CpuClass cpuClass : List.of(CpuClass.AVX2, CpuClass.AVXVNNI, CpuClass.AVX512)) {
      Target target = new Target(cpuClass);
      InterpretedNetwork whole = new InterpretedNetwork(network, target);
      int tried = 0;
      List<String> unnoticed = new ArrayList<>();
      for (String name : names) {
        int step = step(network, name);
        int output = network.steps().get(step).output();
        for (int input : network.steps().get(step).reads()) {
          fill(tensors.codes(input), network.tensors().get(input), random);
        }
        new PlainSteps(network).kernel(network.steps().get(step)).run(tensors);
        byte[] expected = whole.memory(output, tensors);
        assertThat(whole.agree(output, expected, whole.step(step, tensors, 2))).as(name).isTrue();
        for (int index : instructionsOf(whole.program(), name)) {
          if (random.nextBoolean()) {
            continue;
          }
          tried++;
          try {
            var damaged = whole.changed(all -> without(all, index));
            if (whole.agree(output, expected, damaged.step(step, tensors, 2))) {
              unnoticed.add(name + " " + index + " " + whole.program().entries().get(index));
            }
          } catch (IllegalStateException fault) {
            assertThat(fault).hasMessageMatching("(?s)(Line|The program) .*");
          }
        }
      }
      assertThat(tried).isGreaterThan(fewest);
      assertThat(unnoticed).as("%s, of %d instructions", cpuClass.text(), tried).isEmpty();
    }
  }

  /**
   * Places of a step's instructions but those whose absence these data can't show: the jumps of
   * idle threads, the bounds of codes that no sum of the depthwise layer reaches, and offsets that
   * are 0 because the rows are divided among threads, not the channels.
   */
  static List<Integer> instructionsOf(Program program, String step) {
    List<Integer> places = new ArrayList<>();
    List<Program.Entry> entries = program.entries();
    boolean inside = false;
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i) instanceof Program.Comment comment) {
        inside = comment.text().startsWith(step + ":");
      }
      String text = entries.get(i).toString();
      String next = entries.get(Math.min(i + 1, entries.size() - 1)).toString();
      boolean left =
          (text + ";" + next).matches(".*j(e|g|l) (no|after|halo done).*")
              || text.matches("v(max|min)ps.*")
              || text.matches("add r(si|dx|12), qword \\[rdi.*");
      if (inside && entries.get(i) instanceof Instruction && !left) {
        places.add(i);
      }
    }
    return places;
  }

  static int step(PackedNetwork network, String name) {
    for (int s = 0; s < network.steps().size(); s++) {
      if (network.steps().get(s).name().equals(name)) {
        return s;
      }
    }
    throw new IllegalArgumentException(name);
  }

  /** Codes at random, all that the tensor can hold. */
  static void fill(byte[] codes, PackedTensor tensor, SplittableRandom random) {
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

  static Program without(Program program, int index) {
    List<Program.Entry> entries = new ArrayList<>(program.entries());
    entries.remove(index);
    return new Program(entries, program.constants());
  }

  private static List<String> reference(PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
      return NetworkRuns.all(prepared, network, image);
    }
  }
}
