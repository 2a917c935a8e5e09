package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Drawing;
import org.sysmol.report.page.Drawing.Anchor;
import org.sysmol.report.page.Drawing.Face;

/** The patterns of a set: what the eight lanes of a register can be. */
final class PatternDrawing {
  private static final double CELL = 260;
  private static final double ROW = 28;
  private static final double NAME = 112;
  private static final double LANE = 17;
  private static final int COLUMNS = 4;

  private PatternDrawing() {}

  static Drawing of(PatternSet set) {
    List<Pattern> patterns = set.patterns();
    Canvas canvas = new Canvas();
    legend(canvas, set);
    int rows = Math.ceilDiv(patterns.size(), COLUMNS);
    List<List<String>> cells = new ArrayList<>();
    for (int k = 0; k < patterns.size(); k++) {
      Pattern pattern = patterns.get(k);
      double x = k / rows * CELL;
      double y = 34 + k % rows * ROW;
      canvas.label(x, y + 14, "#" + k, Anchor.START, Face.SOFT);
      canvas.label(x + NAME - 8, y + 14, pattern.toString(), Anchor.END, Face.PLAIN);
      StringBuilder lanes = new StringBuilder();
      for (int lane = 0; lane < Pattern.LANES; lane++) {
        int bits = UnitDrawing.precision(pattern, lane);
        lanes.append(lane == 0 ? "" : " ").append(bits);
        canvas.bar(
            x + NAME + lane * LANE,
            y,
            LANE - 2,
            20,
            bits,
            "lane %d: %d slots of %d bit%s"
                .formatted(lane, Pattern.LANE_BITS / bits, bits, bits == 1 ? "" : "s"));
      }
      cells.add(List.of("#" + k, pattern.toString(), lanes.toString()));
    }
    return new Drawing(
        "Patterns of set " + set.name(),
        "Slots of 1, 2 and 4 bits in a register, and its eight lanes; VPSET sets a pattern register by its number.",
        COLUMNS * CELL,
        40 + rows * ROW,
        canvas.shapes(),
        new Block.Table(
            "Patterns",
            List.of(
                Column.text("number"),
                Column.text("(1-bit, 2-bit, 4-bit slots)"),
                Column.text("bits of lanes 0 to 7")),
            cells));
  }

  private static void legend(Canvas canvas, PatternSet set) {
    double x = 0;
    for (int bits : set.precisions().reversed()) {
      canvas.bar(x, 4, 14, 12, bits, "");
      canvas.label(
          x + 20,
          15,
          "lane of %d × %d bit%s".formatted(Pattern.LANE_BITS / bits, bits, bits == 1 ? "" : "s"),
          Anchor.START,
          Face.SOFT);
      x += 140;
    }
  }
}
