package org.sysmol.hardware.rtl.check;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.rtl.Testbench;

/**
 * Vectors for one unit, with the results that Java computes, and what they cover.
 *
 * <p>Mixed instructions go pattern by pattern: a VPSET, then sequences that begin with a VMUL or
 * any accumulator and go on with VMACs of the result before; one in eight names another pattern
 * register that has been set. One operand in four is extreme.
 */
final class VectorFile {
  private final int words;
  private final List<Pattern> patterns;
  private final SplittableRandom random;
  private final List<Vector> vectors = new ArrayList<>();
  private final Map<String, Long> byInstruction = new LinkedHashMap<>();
  private final long[] byPattern;
  // Number of the pattern in each register, -1 before it is set.
  private final int[] registers = {-1, -1, -1, -1};
  private int nextRegister;

  VectorFile(Architecture architecture, long seed) {
    words = architecture.registerBits() / 64;
    patterns = architecture.patterns().patterns();
    random = new SplittableRandom(seed);
    byPattern = new long[patterns.size()];
  }

  /** Adds at least {@code count} vectors of mixed instructions, equally many for each pattern. */
  VectorFile mixed(int count) {
    int each = Math.max(8, Math.ceilDiv(count, patterns.size()));
    // Several rounds, so that a pattern is set after different others.
    int rounds = Math.min(4, each / 8);
    for (int round = 0; round < rounds; round++) {
      for (int k = 0; k < patterns.size(); k++) {
        int register = set(k);
        long[] d = operand();
        for (int i = 0; i < Math.ceilDiv(each, rounds); i++) {
          int used = random.nextInt(8) == 0 ? anySet() : register;
          if (random.nextInt(24) == 0) {
            d = operand();
          }
          UnitInstruction instruction =
              random.nextInt(8) == 0 ? UnitInstruction.VMUL : UnitInstruction.VMAC;
          d = add(instruction, used, operand(), operand(), d);
        }
      }
    }
    return this;
  }

  /** Adds {@code count} vectors of the given instructions in turn; none of them mixed. */
  VectorFile base(int count, UnitInstruction... instructions) {
    long[] d = operand();
    for (int i = 0; i < count; i++) {
      if (random.nextInt(4) == 0) {
        d = operand();
      }
      d = add(instructions[i % instructions.length], 0, operand(), operand(), d);
    }
    return this;
  }

  /** Adds a network's registers; those of patterns that the set lacks are refused by the caller. */
  VectorFile network(LayerRegisters layers) {
    int words128 = words / 2;
    long[] d = new long[words];
    int last = -1;
    int register = 0;
    for (LayerRegisters.Pair pair : layers.pairs()) {
      int k = patterns.indexOf(pair.pattern());
      if (k != last) {
        register = set(k);
        last = k;
      }
      long[] n = new long[words];
      long[] m = new long[words];
      for (int i = 0; i < words128; i++) {
        System.arraycopy(pair.activations(), 0, n, 2 * i, 2);
        System.arraycopy(pair.weights(), 0, m, 2 * i, 2);
      }
      d = add(pair.first() ? UnitInstruction.VMUL : UnitInstruction.VMAC, register, n, m, d);
    }
    return this;
  }

  /** How many vectors are compared. */
  int compared() {
    return Math.toIntExact(byInstruction.values().stream().mapToLong(Long::longValue).sum());
  }

  /** How many lines the file has: VPSETs too. */
  int lines() {
    return vectors.size();
  }

  /** Vectors compared, by instruction. */
  Map<String, Long> byInstruction() {
    return byInstruction;
  }

  /** Vectors compared, by pattern of the list. */
  Map<String, Long> byPattern() {
    Map<String, Long> map = new LinkedHashMap<>();
    for (int k = 0; k < patterns.size(); k++) {
      map.put(patterns.get(k).toString(), byPattern[k]);
    }
    return map;
  }

  /** Writes the file. */
  void write(Path file) {
    AtomicFile.write(
        file,
        channel -> {
          StringBuilder text = new StringBuilder();
          for (int i = 0; i < vectors.size(); i++) {
            vectors.get(i).append(text);
            text.append('\n');
            if (text.length() > (1 << 20) || i == vectors.size() - 1) {
              var bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
              while (bytes.hasRemaining()) {
                channel.write(bytes);
              }
              text.setLength(0);
            }
          }
        });
  }

  private int set(int k) {
    int register = nextRegister++ & 3;
    registers[register] = k;
    vectors.add(Vector.vpset(register, k, words));
    return register;
  }

  private int anySet() {
    int register = random.nextInt(4);
    while (registers[register] < 0) {
      register = random.nextInt(4);
    }
    return register;
  }

  private long[] add(UnitInstruction instruction, int register, long[] n, long[] m, long[] d) {
    int k = instruction.mixed() ? registers[register] : 0;
    int modes = instruction.mixed() ? LaneMode.modes(patterns.get(k)) : 0;
    long[] q = new long[words];
    for (int i = 0; i < words; i += 2) {
      long[] part =
          instruction.result(
              Arrays.copyOfRange(n, i, i + 2),
              Arrays.copyOfRange(m, i, i + 2),
              Arrays.copyOfRange(d, i, i + 2),
              modes);
      System.arraycopy(part, 0, q, i, 2);
    }
    int control =
        (1 << Testbench.CHECKED) | (register << Testbench.PS) | (instruction.op() << Testbench.OP);
    vectors.add(new Vector(control, n, m, d, q));
    byInstruction.merge(instruction.name(), 1L, Long::sum);
    if (instruction.mixed()) {
      byPattern[k]++;
    }
    return q;
  }

  /** A random register, one in four made of one extreme 16-bit value or two. */
  private long[] operand() {
    long[] register = new long[words];
    int[] extremes = {0, 0xFFFF, 0x8000, 0x7FFF, 0x8080, 0x7F7F, 0x0080, 0xAAAA, 0x5555, 0x8888, 1};
    boolean extreme = random.nextInt(4) == 0;
    boolean single = random.nextBoolean();
    int one = extremes[random.nextInt(extremes.length)];
    for (int lane = 0; lane < 4 * words; lane++) {
      long value =
          !extreme
              ? random.nextInt(1 << 16)
              : single ? one : extremes[random.nextInt(extremes.length)];
      register[lane >> 2] |= value << (16 * (lane & 3));
    }
    return register;
  }
}
