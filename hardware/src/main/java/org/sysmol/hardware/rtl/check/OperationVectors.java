package org.sysmol.hardware.rtl.check;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.MixedProduct;
import org.sysmol.hardware.rtl.SumModule;
import org.sysmol.hardware.rtl.Testbench;
import org.sysmol.hardware.rtl.UnitModule;

/**
 * Vectors that repeat one multiply-accumulate after the other, for measuring what each takes.
 *
 * <p>All bits of both operands are random, 0 and 1 equally likely, so every code of a slot is as
 * likely as any other. Four accumulators take turns, as in a program that works on several outputs,
 * and each starts again after 28 additions, when a mixed one must be drained (docs/isa.md,
 * "Accumulators"): from 0, a mixed one from the sum of the activations that follow.
 */
public final class OperationVectors {
  /**
   * One operation's vectors, all next to each other.
   *
   * @param instruction its name in docs/isa.md
   * @param pattern of a mixed instruction
   * @param products of one instruction
   * @param firstLine the first line of the file that counts
   * @param lines how many count
   */
  public record Operation(
      String instruction, Optional<Pattern> pattern, int products, int firstLine, int lines) {}

  private static final int MIXED_PATTERNS = 4;
  private static final int ACCUMULATORS = 4;
  private static final int ADDITIONS = 28;
  // Lines between two operations that don't count: modes and operands of the one before leave.
  private static final int LEAD_IN = 4;

  private final int words;
  private final SplittableRandom random;
  private final int each;
  private final List<Vector> vectors = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private int compared;

  private OperationVectors(int words, long seed, int each) {
    this.words = words;
    this.random = new SplittableRandom(seed);
    this.each = each;
  }

  /**
   * Vectors for a unit: its base instructions, then its VMACs under every uniform pattern of the
   * set and up to four mixed ones, spread over the list.
   *
   * @param module the unit's module, as {@link UnitModule.Kind} and {@link SumModule} name it
   * @param each how many of each operation count
   */
  public static OperationVectors of(String module, Architecture architecture, long seed, int each) {
    OperationVectors made = new OperationVectors(architecture.registerBits() / 64, seed, each);
    if (module.equals(SumModule.NAME)) {
      return made;
    }
    boolean mixed = !module.equals(UnitModule.Kind.BASE.module());
    if (mixed) {
      // All four registers, so that none of them holds what a simulator calls unknown.
      for (int register = 0; register < 4; register++) {
        made.vectors.add(Vector.vpset(register, 0, made.words));
      }
    }
    if (!module.equals(UnitModule.Kind.MIXED.module())) {
      made.add(UnitInstruction.MLA_16B, 16, Optional.empty());
      made.add(UnitInstruction.MLA_8H, 8, Optional.empty());
      made.add(UnitInstruction.SDOT_4S, 16, Optional.empty());
    }
    if (mixed) {
      PatternSet set = architecture.patterns();
      for (Pattern pattern : measured(set.patterns())) {
        int products = pattern.n1() + pattern.n2() + pattern.n4();
        int number = set.patterns().indexOf(pattern);
        made.vectors.add(Vector.vpset(0, number, made.words));
        made.add(UnitInstruction.VMAC, products, Optional.of(pattern));
      }
    }
    return made;
  }

  private static List<Pattern> measured(List<Pattern> patterns) {
    List<Pattern> chosen =
        new ArrayList<>(patterns.stream().filter(OperationVectors::uniform).toList());
    List<Pattern> mixed = patterns.stream().filter(pattern -> !uniform(pattern)).toList();
    int count = Math.min(MIXED_PATTERNS, mixed.size());
    for (int i = 0; i < count; i++) {
      chosen.add(mixed.get((2 * i + 1) * mixed.size() / (2 * count)));
    }
    return chosen;
  }

  private static boolean uniform(Pattern pattern) {
    return Math.max(pattern.lanes1(), Math.max(pattern.lanes2(), pattern.lanes4()))
        == Pattern.LANES;
  }

  private void add(UnitInstruction instruction, int products128, Optional<Pattern> pattern) {
    int modes = pattern.map(LaneMode::modes).orElse(0);
    long[][] accumulators = new long[ACCUMULATORS][words];
    int[] left = new int[ACCUMULATORS];
    int first = vectors.size() + LEAD_IN;
    long[][] activations = new long[LEAD_IN + each][];
    Arrays.setAll(activations, i -> random.longs(words).toArray());
    for (int i = 0; i < activations.length; i++) {
      int a = i % ACCUMULATORS;
      if (left[a]-- == 0) {
        // The first rounds differ in length, so that not all start again in the same cycles.
        int additions = ADDITIONS - (i < ACCUMULATORS ? 7 * a : 0);
        accumulators[a] = new long[words];
        for (int k = i;
            instruction.mixed() && k < i + additions * ACCUMULATORS;
            k += ACCUMULATORS) {
          if (k < activations.length) {
            begin(accumulators[a], activations[k], modes);
          }
        }
        left[a] = additions - 1;
      }
      long[] n = activations[i];
      long[] m = random.longs(words).toArray();
      long[] d = accumulators[a];
      long[] q = new long[words];
      for (int w = 0; w < words; w += 2) {
        long[] part =
            instruction.result(
                Arrays.copyOfRange(n, w, w + 2),
                Arrays.copyOfRange(m, w, w + 2),
                Arrays.copyOfRange(d, w, w + 2),
                modes);
        System.arraycopy(part, 0, q, w, 2);
      }
      int control = (1 << Testbench.CHECKED) | (instruction.op() << Testbench.OP);
      vectors.add(new Vector(control, n, m, d, q));
      accumulators[a] = q;
      compared++;
    }
    operations.add(
        new Operation(
            instruction.name().replace('_', '.'), pattern, products128 * words / 2, first, each));
  }

  /** Adds to an accumulator what a register of activations adds to where sums begin. */
  private static void begin(long[] accumulator, long[] activations, int modes) {
    for (int w = 0; w < accumulator.length; w++) {
      long result = 0;
      for (int l = 0; l < 4; l++) {
        LaneMode mode = LaneMode.in(modes, 4 * (w % 2) + l).orElseThrow();
        int lane = (int) (activations[w] >>> (16 * l)) & 0xFFFF;
        long sum = (accumulator[w] >>> (16 * l)) + MixedProduct.activations(lane, mode);
        result |= (sum & 0xFFFF) << (16 * l);
      }
      accumulator[w] = result;
    }
  }

  /** The operations, in the file's order; none for a unit that multiplies nothing. */
  public List<Operation> operations() {
    return operations;
  }

  /** How many lines the file has. */
  public int lines() {
    return vectors.size();
  }

  /** How many results the testbench compares. */
  public int compared() {
    return compared;
  }

  /** Writes the file that {@link Testbench} reads. */
  public void write(Path file) {
    StringBuilder text = new StringBuilder();
    for (Vector vector : vectors) {
      vector.append(text);
      text.append('\n');
    }
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
  }
}
