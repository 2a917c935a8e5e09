package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The program that sums up, for one row of output pixels, what each lane of their activations
 * holds: where the sums of {@link MixedKernel} begin, for every output alike (docs/isa.md, "Odd
 * codes").
 *
 * <p>A weight of all ones is -1 at every precision, so VMAC gives minus twice the sum. Neighbouring
 * windows share columns: where it saves instructions, columns are summed up first and then added.
 *
 * <p>Arguments: x0 input, x1 sums.
 */
final class ActivationSums {
  private static final int MOST_PIXELS = 8;
  private static final int MOST_SUMS = 10;
  private static final int COUNTER = 8;
  private static final int ROWS = 10;
  // Activations take turns in registers, so that they are loaded before they are needed.
  private static final int AHEAD = 6;
  private static final int ZERO = 6;
  private static final int ONES = 7;
  private static final int FIRST_SUM = 8;
  private static final int FIRST_TOTAL = FIRST_SUM + MOST_SUMS;

  /** A register of activations: of a window's row, bytes from there, register of its cell. */
  private record Read(int row, int offset, int register) {}

  private final MixedKernel.Geometry g;
  private final Program.Builder code;
  private final int stretches;

  private ActivationSums(MixedKernel.Geometry g) {
    this.g = g;
    code = new Program.Builder(g.name() + " sums of activations");
    stretches = g.drains().size() + 1;
  }

  static Program of(MixedKernel.Geometry geometry) {
    return new ActivationSums(geometry).program();
  }

  private Program program() {
    int pixels = bestTile();
    g.patterns().setAll(code);
    code.immediate(Opcode.MOVI, ZERO, 0, 0);
    code.immediate(Opcode.MOVI, ONES, 0, 0xFF);
    for (int ky = 0; ky < g.rowOffsets().length; ky++) {
      code.immediate(Opcode.ADD_X, ROWS + ky, 0, g.rowOffsets()[ky]);
    }
    Tiles.row(code, COUNTER, g.width(), pixels, this::tile);
    return code.build();
  }

  /** The tile by which a row takes fewest vector operations; of equals the largest. */
  private int bestTile() {
    int best = 1;
    for (int pixels = 2; pixels <= Math.min(MOST_PIXELS, g.width()); pixels++) {
      if (sums(pixels) <= MOST_SUMS && rowCost(pixels) <= rowCost(best)) {
        best = pixels;
      }
    }
    return best;
  }

  private int rowCost(int pixels) {
    int rest = g.width() % pixels;
    return g.width() / pixels * cost(pixels) + (rest == 0 ? 0 : cost(rest));
  }

  private int cost(int pixels) {
    return byColumns(pixels) ? costOfColumns(pixels) : pixels * (g.steps() + 2 * stretches);
  }

  /** Offsets of the different columns of some pixels' windows, in order. */
  private List<Integer> columns(int pixels) {
    TreeSet<Integer> columns = new TreeSet<>();
    for (int i = 0; i < pixels; i++) {
      for (int offset : g.cellOffsets()) {
        columns.add(i * g.pixelStep() + offset);
      }
    }
    return List.copyOf(columns);
  }

  /** Vector operations of a tile whose columns are summed up first. */
  private int costOfColumns(int pixels) {
    int columns = columns(pixels).size();
    return columns * (g.rowOffsets().length * g.registers() + 2)
        + pixels * (g.cellOffsets().length - 1);
  }

  private boolean byColumns(int pixels) {
    return stretches == 1
        && columns(pixels).size() <= MOST_SUMS
        && costOfColumns(pixels) < pixels * (g.steps() + 2);
  }

  /** Registers of sums that a tile needs. */
  private int sums(int pixels) {
    return byColumns(pixels) ? columns(pixels).size() : pixels * stretches;
  }

  private void tile(int pixels, boolean advance) {
    code.comment("%d pixels, %d steps".formatted(pixels, g.steps()));
    if (byColumns(pixels)) {
      List<Integer> columns = columns(pixels);
      List<List<Read>> reads = new ArrayList<>();
      for (int column : columns) {
        List<Read> ofColumn = new ArrayList<>();
        for (int ky = 0; ky < g.rowOffsets().length; ky++) {
          for (int r = 0; r < g.registers(); r++) {
            ofColumn.add(new Read(ky, column + 16 * r, r));
          }
        }
        reads.add(ofColumn);
      }
      sum(reads);
      for (int i = 0; i < pixels; i++) {
        int total = 0;
        for (int k = 0; k < g.cellOffsets().length; k++) {
          int column = columns.indexOf(i * g.pixelStep() + g.cellOffsets()[k]);
          if (k == 0) {
            total = FIRST_TOTAL + column;
          } else {
            code.op(Opcode.ADD_8H, FIRST_SUM + i, total, FIRST_TOTAL + column);
            total = FIRST_SUM + i;
          }
        }
        code.immediate(Opcode.STR_Q, total, 1, 16 * i);
      }
    } else if (pixels * stretches <= MOST_SUMS) {
      sumAndStore(0, pixels);
    } else {
      // More drains than registers for their sums: one pixel, some at a time.
      for (int first = 0; first < stretches; first += MOST_SUMS) {
        sumAndStore(first, 1);
      }
    }
    if (advance) {
      for (int ky = 0; ky < g.rowOffsets().length; ky++) {
        code.immediate(Opcode.ADD_X, ROWS + ky, ROWS + ky, pixels * g.pixelStep());
      }
      code.immediate(Opcode.ADD_X, 1, 1, pixels * g.sumBytes());
    }
  }

  /** Sums between drains, from number {@code first} on, as many as there are registers for. */
  private void sumAndStore(int first, int pixels) {
    int last = Math.min(stretches, first + MOST_SUMS / pixels);
    List<List<Read>> reads = new ArrayList<>();
    for (int i = 0; i < pixels; i++) {
      for (int s = first; s < last; s++) {
        int from = s == 0 ? 0 : g.drains().get(s - 1);
        int to = s + 1 == stretches ? g.steps() : g.drains().get(s);
        List<Read> between = new ArrayList<>();
        for (int step = from; step < to; step++) {
          int offset = g.offset(step) + i * g.pixelStep();
          between.add(new Read(g.row(step), offset, step % g.registers()));
        }
        reads.add(between);
      }
    }
    sum(reads);
    int number = 0;
    for (int i = 0; i < pixels; i++) {
      for (int s = first; s < last; s++) {
        code.immediate(Opcode.STR_Q, FIRST_TOTAL + number++, 1, i * g.sumBytes() + 16 * s);
      }
    }
  }

  /** Sums of each list of activations, into registers from {@link #FIRST_TOTAL} on. */
  private void sum(List<List<Read>> lists) {
    List<Read> all = lists.stream().flatMap(List::stream).toList();
    for (int k = 0; k < Math.min(AHEAD, all.size()); k++) {
      load(all, k);
    }
    int at = 0;
    List<Integer> begun = new ArrayList<>();
    for (int k = 0; k < lists.size(); k++) {
      int sum = FIRST_SUM + k;
      int total = ZERO;
      int[] most = new int[Pattern.LANES];
      boolean first = true;
      for (Read read : lists.get(k)) {
        if (!fits(most, read)) {
          halve(sum);
          code.op(Opcode.SUB_8H, FIRST_TOTAL + k, total, sum);
          total = FIRST_TOTAL + k;
          first = true;
          most = new int[Pattern.LANES];
        }
        for (int l = 0; l < most.length; l++) {
          most[l] += most(read, l);
        }
        g.patterns().share(code, read.register());
        code.add(
            new Instruction(
                first ? Opcode.VMUL : Opcode.VMAC,
                sum,
                at % AHEAD,
                ONES,
                first ? 0 : sum,
                g.patterns().patternRegister(read.register())));
        first = false;
        if (at + AHEAD < all.size()) {
          load(all, at + AHEAD);
        }
        at++;
      }
      begun.add(total);
    }
    for (int k = 0; k < lists.size(); k++) {
      halve(FIRST_SUM + k);
    }
    for (int k = 0; k < lists.size(); k++) {
      code.op(Opcode.SUB_8H, FIRST_TOTAL + k, begun.get(k), FIRST_SUM + k);
    }
  }

  private void halve(int register) {
    code.immediate(Opcode.SSHR_8H, register, register, 1);
  }

  private void load(List<Read> reads, int k) {
    Read read = reads.get(k);
    code.immediate(Opcode.LDR_Q, k % AHEAD, ROWS + read.row(), read.offset());
  }

  /** The most that a lane's activations of one register come to, doubled as VMAC does. */
  private int most(Read read, int lane) {
    LaneMode mode = g.patterns().mode(read.register(), lane);
    int p = mode.precision();
    return (mode.slots() * ((1 << p) - 1)) << (2 * (4 - p) + 1);
  }

  /** Whether no lane can overflow if one more register is added: then halving would be wrong. */
  private boolean fits(int[] most, Read read) {
    for (int l = 0; l < most.length; l++) {
      if (most[l] + most(read, l) > -Short.MIN_VALUE) {
        return false;
      }
    }
    return true;
  }
}
