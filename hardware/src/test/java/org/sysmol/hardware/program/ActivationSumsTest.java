package org.sysmol.hardware.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.simulate.Processor;

/** Where sums of products begin, against sums of the slots one by one. */
class ActivationSumsTest {
  private static final Pattern ONES = new Pattern(128, 0, 0);
  private static final Pattern TWOS = new Pattern(0, 64, 0);
  private static final Pattern FOURS = new Pattern(0, 0, 32);
  private static final Pattern MIX = new Pattern(32, 32, 8);
  private static final List<Pattern> LIST = List.of(ONES, TWOS, FOURS, MIX);
  private static final int INPUT = 64;

  private static MixedKernel.Geometry geometry(
      int kernel, int stride, int dilation, int width, List<Pattern> cell, List<Pattern> list) {
    return geometry(kernel, stride, dilation, width, cell, list, List.of());
  }

  private static MixedKernel.Geometry geometry(
      int kernel,
      int stride,
      int dilation,
      int width,
      List<Pattern> cell,
      List<Pattern> list,
      List<Integer> drains) {
    int pixel = 16 * cell.size();
    int row = pixel * (stride * width + dilation * kernel);
    List<Pattern> used = cell.stream().distinct().toList();
    LayerPatterns patterns =
        new LayerPatterns(
            used,
            used.stream().map(list::indexOf).toList(),
            cell.stream().mapToInt(used::indexOf).toArray());
    return new MixedKernel.Geometry(
        "test",
        1,
        LayerCalls.offsets(kernel, dilation * row),
        LayerCalls.offsets(kernel, dilation * pixel),
        stride * pixel,
        width,
        4,
        patterns,
        false,
        drains);
  }

  /** Runs it on random activations, or the largest, and compares every lane of every sum. */
  private static Program check(
      MixedKernel.Geometry g, List<Pattern> cell, List<Pattern> list, boolean largest) {
    int last = g.rowOffsets().length - 1;
    int end = g.rowOffsets()[last] + g.cellOffsets()[last] + g.width() * g.pixelStep();
    int output = INPUT + end + 16 * cell.size() + 63 & ~63;
    byte[] memory = new byte[output + g.width() * g.sumBytes() + 64];
    new Random(3).nextBytes(memory);
    if (largest) {
      java.util.Arrays.fill(memory, (byte) 0xFF);
    }
    byte[] before = memory.clone();
    Program program = ActivationSums.of(g);
    Processor processor = new Processor(memory, list);
    processor.arguments(INPUT, output);
    processor.run(program);
    List<Integer> ends = new ArrayList<>(g.drains());
    ends.add(g.steps());
    for (int x = 0; x < g.width(); x++) {
      int from = 0;
      for (int stretch = 0; stretch < ends.size(); stretch++) {
        for (int lane = 0; lane < Pattern.LANES; lane++) {
          int sum = 0;
          for (int step = from; step < ends.get(stretch); step++) {
            int cellNumber = step / cell.size();
            int register = step % cell.size();
            int at =
                INPUT
                    + g.rowOffsets()[cellNumber / g.cellOffsets().length]
                    + g.cellOffsets()[cellNumber % g.cellOffsets().length]
                    + x * g.pixelStep()
                    + 16 * register
                    + 2 * lane;
            int bits = (before[at] & 0xFF) | (before[at + 1] & 0xFF) << 8;
            int p = LaneMode.of(cell.get(register), lane).precision();
            for (int slot = 0; slot < 16 / p; slot++) {
              sum += (bits >> p * slot & (1 << p) - 1) << 2 * (4 - p);
            }
          }
          int to = output + x * g.sumBytes() + 16 * stretch + 2 * lane;
          int made = (memory[to] & 0xFF) | (memory[to + 1] & 0xFF) << 8;
          assertThat(made)
              .as("pixel %d, stretch %d, lane %d", x, stretch, lane)
              .isEqualTo(sum & 0xFFFF);
        }
        from = ends.get(stretch);
      }
    }
    return program;
  }

  private static long multiplies(Program program) {
    return program.instructions().stream()
        .filter(i -> i.opcode().unit() == Opcode.Unit.MIXED)
        .count();
  }

  @Test
  void windowsOfAnyFormAreSummedUp() {
    List<Pattern> cell = List.of(FOURS, MIX, ONES);
    for (int kernel : new int[] {1, 2, 3, 5}) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int dilation = 1; dilation <= 2; dilation++) {
          for (int width : new int[] {1, 7, 8, 9, 20}) {
            check(geometry(kernel, stride, dilation, width, cell, LIST), cell, LIST, false);
          }
        }
      }
    }
  }

  @Test
  void columnsThatWindowsShareAreSummedUpOnce() {
    List<Pattern> cell = List.of(TWOS);
    Program shared = check(geometry(3, 1, 1, 8, cell, LIST), cell, LIST, false);
    assertThat(multiplies(shared)).isEqualTo(10 * 3);
    Program alone = check(geometry(3, 3, 1, 8, cell, LIST), cell, LIST, false);
    assertThat(multiplies(alone)).isEqualTo(8 * 9);
    // Six pixels have ten columns of five cells.
    Program wide = check(geometry(5, 1, 1, 12, cell, LIST), cell, LIST, false);
    assertThat(multiplies(wide)).isEqualTo(10 * 5);
    // Four pixels two apart have nine columns.
    List<Pattern> three = List.of(TWOS, TWOS, TWOS);
    Program apart = check(geometry(3, 2, 1, 8, three, LIST), three, LIST, false);
    assertThat(multiplies(apart)).isEqualTo(9 * 3 * 3);
  }

  /** Of 1-bit activations a lane holds twice the sum of 16 registers, of a window here are 45. */
  @Test
  void longSumsAreHalvedBeforeALaneOverflows() {
    List<Pattern> cell = List.of(ONES, ONES, ONES, ONES, ONES);
    check(geometry(3, 1, 1, 9, cell, LIST), cell, LIST, true);
    check(geometry(3, 2, 1, 9, cell, LIST), cell, LIST, true);
    List<Pattern> long1 = java.util.Collections.nCopies(37, ONES);
    check(geometry(1, 1, 1, 9, long1, LIST), long1, LIST, true);
    List<Pattern> twos = List.of(TWOS, TWOS, TWOS, TWOS, TWOS, MIX);
    check(geometry(5, 1, 1, 3, twos, LIST), twos, LIST, true);
  }

  @Test
  void eachStretchBetweenDrainsHasItsSum() {
    List<Pattern> cell = List.of(TWOS, ONES);
    check(geometry(3, 1, 1, 11, cell, LIST, List.of(7)), cell, LIST, true);
    check(geometry(3, 1, 1, 5, cell, LIST, List.of(1, 2, 16)), cell, LIST, false);
    List<Integer> many = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    check(geometry(3, 1, 1, 2, cell, LIST, many), cell, LIST, false);
  }

  @Test
  void morePatternsThanPatternRegistersShareTheLast() {
    List<Pattern> all = Pattern.all();
    List<Pattern> cell = List.of(all.get(0), all.get(9), all.get(20), all.get(31), all.get(44));
    check(geometry(3, 1, 1, 6, cell, all), cell, all, false);
  }
}
