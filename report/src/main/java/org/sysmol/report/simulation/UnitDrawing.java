package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Drawing;
import org.sysmol.report.page.Drawing.Anchor;
import org.sysmol.report.page.Drawing.Face;

/** The mixed unit as a block diagram (docs/isa.md): a multiply of one pattern, lane by lane. */
final class UnitDrawing {
  private static final double LEFT = 150;
  private static final double LANE = 108;
  private static final double GAP = 4;
  private static final double RIGHT = LEFT + Pattern.LANES * LANE;

  private final Architecture architecture;
  private final Pattern pattern;
  private final Canvas canvas = new Canvas();

  private UnitDrawing(Architecture architecture) {
    this.architecture = architecture;
    this.pattern = mostMixed(architecture.patterns().patterns());
  }

  static Drawing of(Architecture architecture) {
    return new UnitDrawing(architecture).drawing();
  }

  /** The pattern that shows most: of several precisions, and of these as evenly as possible. */
  static Pattern mostMixed(List<Pattern> patterns) {
    Pattern best = patterns.getFirst();
    for (Pattern one : patterns) {
      if (spread(one) > spread(best)) {
        best = one;
      }
    }
    return best;
  }

  private static int spread(Pattern p) {
    int squares = p.lanes1() * p.lanes1() + p.lanes2() * p.lanes2() + p.lanes4() * p.lanes4();
    return -squares;
  }

  static int precision(Pattern pattern, int lane) {
    return lane < pattern.lanes4() ? 4 : lane < pattern.lanes4() + pattern.lanes2() ? 2 : 1;
  }

  private Drawing drawing() {
    registers();
    operands(96, "activations Vn", "digits u");
    operands(146, "weights Vm", "s of odd codes 2s + 1");
    multipliers();
    accumulators();
    sums();
    return new Drawing(
        "The mixed unit of " + architecture.name(),
        "A multiply with pattern %s: lane by lane, pattern register P says what the 16 bits of both operands are. Lane 0 holds the lowest bits."
            .formatted(pattern),
        RIGHT + 14,
        448,
        canvas.shapes(),
        table());
  }

  private void registers() {
    int bits = architecture.registerBits();
    canvas.block(
        LEFT,
        8,
        5 * LANE - GAP,
        44,
        "Vector registers V0 to V31",
        "%d bits each: %d lanes of %d bits%s"
            .formatted(
                bits,
                bits / architecture.laneBits(),
                architecture.laneBits(),
                architecture.repeats() == 1
                    ? ""
                    : ", the pattern %d times side by side".formatted(architecture.repeats())));
    canvas.block(
        LEFT + 5 * LANE,
        8,
        3 * LANE - GAP,
        44,
        "Pattern registers P0 to P3",
        "16 bits each: 2 for a lane, set by VPSET");
    // Between two lanes, whose names stand there.
    canvas.arrow(LEFT + 2 * LANE - GAP / 2, 52, LEFT + 2 * LANE - GAP / 2, 95);
    // The pattern goes past the operands, straight to the multipliers.
    double x = RIGHT + 10;
    canvas.line(RIGHT - GAP, 30, x, 30);
    canvas.line(x, 30, x, 232);
    canvas.arrow(x, 232, RIGHT - GAP, 232);
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      canvas.label(x(lane) + width() / 2, 88, "lane " + lane, Anchor.MIDDLE, Face.SOFT);
    }
  }

  private static double x(int lane) {
    return LEFT + lane * LANE;
  }

  private static double width() {
    return LANE - GAP;
  }

  private void operands(double y, String name, String meaning) {
    canvas.label(LEFT - 10, y + 13, name, Anchor.END, Face.STRONG);
    canvas.label(LEFT - 10, y + 28, meaning, Anchor.END, Face.SOFT);
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      int bits = precision(pattern, lane);
      int slots = Pattern.LANE_BITS / bits;
      double slot = width() / slots;
      for (int s = 0; s < slots; s++) {
        canvas.bar(
            x(lane) + s * slot,
            y,
            slot - 1,
            32,
            bits,
            "%s, lane %d, slot %d: %d bit%s".formatted(name, lane, s, bits, bits == 1 ? "" : "s"));
      }
      if (y > 140) {
        canvas.arrow(x(lane) + width() / 2, y + 32, x(lane) + width() / 2, y + 54);
      }
    }
  }

  private void multipliers() {
    canvas.label(LEFT - 10, 222, "multipliers", Anchor.END, Face.STRONG);
    canvas.label(LEFT - 10, 237, "of a lane, by its mode", Anchor.END, Face.SOFT);
    canvas.label(LEFT - 10, 252, "(the active one filled)", Anchor.END, Face.SOFT);
    List<Integer> modes = architecture.precisions().reversed();
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      canvas.frame(x(lane), 202, width(), 62);
      int active = precision(pattern, lane);
      double y = 204 + (58 - 19.5 * modes.size()) / 2;
      for (int bits : modes) {
        if (bits == active) {
          canvas.bar(x(lane) + 3, y, width() - 6, 18, bits, "");
        }
        canvas.label(
            x(lane) + width() / 2,
            y + 13,
            "%d × (%d × %d bit)".formatted(Pattern.LANE_BITS / bits, bits, bits),
            Anchor.MIDDLE,
            bits != active ? Face.SOFT : bits == 4 ? Face.ON_DARK : Face.PLAIN);
        y += 19.5;
      }
      canvas.arrow(x(lane) + width() / 2, 264, x(lane) + width() / 2, 284);
    }
  }

  private void accumulators() {
    canvas.label(LEFT - 10, 300, "sum and scale", Anchor.END, Face.STRONG);
    canvas.label(LEFT - 10, 315, "<< 2(4 − p) + 1", Anchor.END, Face.SOFT);
    canvas.label(LEFT - 10, 354, "accumulators Vd", Anchor.END, Face.STRONG);
    canvas.label(
        LEFT - 10,
        369,
        "Va + sum, modulo 2^" + architecture.accumulatorBits(),
        Anchor.END,
        Face.SOFT);
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      int bits = precision(pattern, lane);
      int slots = Pattern.LANE_BITS / bits;
      int shift = 2 * (4 - bits) + 1;
      canvas.block(x(lane), 286, width(), 36, "Σ of %d".formatted(slots), "<< %d".formatted(shift));
      canvas.arrow(x(lane) + width() / 2, 322, x(lane) + width() / 2, 340);
      canvas.block(
          x(lane), 342, width(), 36, "%d-bit sum".formatted(architecture.accumulatorBits()));
    }
  }

  private void sums() {
    canvas.label(LEFT - 10, 416, "VSUMQ", Anchor.END, Face.STRONG);
    canvas.label(LEFT - 10, 431, "when a sum is done", Anchor.END, Face.SOFT);
    for (int half = 0; half < 2; half++) {
      double x = x(4 * half);
      for (int lane = 4 * half; lane < 4 * half + 4; lane++) {
        canvas.arrow(x(lane) + width() / 2, 378, x(lane) + width() / 2, 400);
      }
      canvas.block(
          x,
          402,
          4 * LANE - GAP,
          36,
          "exact sum of lanes %d to %d".formatted(4 * half, 4 * half + 3),
          "32 bits");
    }
  }

  private Block.Table table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("vector registers", "32 of %d bits".formatted(architecture.registerBits())));
    rows.add(List.of("pattern registers", "4 of 16 bits"));
    rows.add(
        List.of(
            "lanes",
            "%d of %d bits"
                .formatted(
                    architecture.registerBits() / architecture.laneBits(),
                    architecture.laneBits())));
    for (int bits : architecture.precisions().reversed()) {
      rows.add(
          List.of(
              "products of a lane of %d bit%s".formatted(bits, bits == 1 ? "" : "s"),
              "%d of %d by %d bits, times %d"
                  .formatted(Pattern.LANE_BITS / bits, bits, bits, 1 << (2 * (4 - bits) + 1))));
    }
    rows.add(List.of("accumulator of a lane", "%d bits".formatted(architecture.accumulatorBits())));
    return new Block.Table(
        "The unit", List.of(Column.text("part"), Column.text("what it is")), rows);
  }
}
