package org.sysmol.report;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Notice;
import org.sysmol.report.page.Block.Tone;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.PointChart;
import org.sysmol.report.page.Section;

/** How close each layer comes to what the processor can multiply and read. */
public final class RooflineSection {
  /** How far lines reach beyond the outermost layer. */
  private static final double MARGIN = 2;

  private RooflineSection() {}

  /** The picture, or a sentence where there is nothing to draw. */
  public static Section of(Roofline roofline) {
    if (roofline.layers().isEmpty() || roofline.roofs().isEmpty()) {
      return new Section(
          "Roofline",
          List.of(
              new Notice(
                  Tone.PLAIN,
                  "No machine code ran here, so there is no peak to compare layers with.")));
    }
    return new Section(
        "Roofline",
        List.of(
            new Block.Paragraph(
                "Each point is a layer: the further right, the more it multiplies for each byte that"
                    + " it reads or writes; the higher, the faster. The lines were measured on this"
                    + " machine by short loops of class "
                    + roofline.cpuClass()
                    + ": level ones for what one core can multiply, slanting ones for what it can"
                    + " read. A layer far below all lines has other work to do, such as making the"
                    + " codes of the next layer."),
            chart(roofline)));
  }

  private static PointChart chart(Roofline roofline) {
    double left = Double.MAX_VALUE;
    double right = 0;
    double lowest = Double.MAX_VALUE;
    var points = new ArrayList<PointChart.Point>();
    for (Roofline.Layer layer : roofline.layers()) {
      left = Math.min(left, layer.intensity() / MARGIN);
      right = Math.max(right, layer.intensity() * MARGIN);
      lowest = Math.min(lowest, layer.gmacs() / MARGIN);
      points.add(new PointChart.Point(layer.name(), layer.intensity(), layer.gmacs()));
    }
    double highest = roofline.roofs().stream().mapToDouble(Roofline.Roof::gmacs).max().orElse(1);
    var lines = new ArrayList<PointChart.Line>();
    for (Roofline.Roof roof : roofline.roofs()) {
      lines.add(new PointChart.Line(roof.name(), left, roof.gmacs(), right, roof.gmacs()));
    }
    for (Roofline.Slope slope : roofline.slopes()) {
      double from = Math.max(left, lowest / slope.gbytes());
      double to = Math.min(right, highest / slope.gbytes());
      if (from < to) {
        lines.add(
            new PointChart.Line(
                slope.name(), from, from * slope.gbytes(), to, to * slope.gbytes()));
      }
    }
    return new PointChart(
        "Speed by intensity",
        "The higher the better; a layer above the line of bytes counts bits or looks sums up.",
        new Axis("intensity", "MAC/byte"),
        new Axis("speed", "GMAC/s"),
        lines,
        points);
  }
}
