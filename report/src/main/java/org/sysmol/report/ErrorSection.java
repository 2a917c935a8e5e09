package org.sysmol.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.sysmol.report.page.BarChart;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.HeatMap;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** Which layers and channels a drop in accuracy comes from. */
public final class ErrorSection {
  private ErrorSection() {}

  /**
   * The section.
   *
   * @param errors the costliest first
   */
  public static Section of(List<LayerError> errors) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "Each part of the full-precision network was quantised alone, at the precisions that it"
                + " was assigned, and measured on training images before any fine-tuning. Fine-tuning"
                + " makes up for most of this; a part that costs much here is where another bit"
                + " helps first."));
    blocks.add(
        new BarChart(
            "What each part costs alone",
            "Rise of the mean loss when only this part is quantised, the costliest first. Where the"
                + " loss even falls, the bar is left away; the table has the number.",
            new Axis("rise of the loss", "nats"),
            false,
            errors.stream().map(LayerError::name).toList(),
            List.of(
                new BarChart.Series(
                    "rise of the loss",
                    new BarChart.Colour.Palette(0),
                    errors.stream().mapToDouble(e -> Math.max(0, e.lossRise())).toArray()))));
    blocks.add(table(errors));
    map(
        blocks,
        errors,
        "Error of activations by channel",
        "As the precision that such an error stands for: a bit for each quarter of the mean channel's"
            + " energy in the layer, 8 at most.",
        LayerError::activations);
    map(
        blocks,
        errors,
        "Error of weights by channel",
        "The same for the weights that read the channel.",
        LayerError::weights);
    return new Section("Where the error comes from", blocks);
  }

  private static Block.Table table(List<LayerError> errors) {
    List<List<String>> rows = new ArrayList<>();
    for (LayerError error : errors) {
      rows.add(
          List.of(
              error.name(),
              Numbers.fixed(error.bits(), 3),
              Numbers.fixed(error.lossRise(), 4),
              Numbers.fixed(error.pointsLost(), 2),
              percent(error.meanActivations()),
              percent(error.meanWeights())));
    }
    return new Block.Table(
        "Parts of the network, each quantised alone",
        List.of(
            Column.text("part"),
            Column.number("mean bits"),
            Column.number("rise of the loss"),
            Column.number("accuracy lost, points"),
            Column.number("error of activations"),
            Column.number("error of weights")),
        rows);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "" : Numbers.fixed(100 * share, 2) + " %";
  }

  private static void map(
      List<Block> blocks,
      List<LayerError> errors,
      String title,
      String description,
      Function<LayerError, double[]> of) {
    List<HeatMap.Row> rows = new ArrayList<>();
    for (LayerError error : errors) {
      double[] values = of.apply(error);
      if (values.length > 0) {
        rows.add(
            new HeatMap.Row(
                error.name(), Arrays.stream(values).map(ErrorSection::effectiveBits).toArray()));
      }
    }
    if (!rows.isEmpty()) {
      blocks.add(
          new HeatMap(
              title,
              description,
              new Axis("input channel", "network's order"),
              new Axis("effective precision", "bits"),
              true,
              rows));
    }
  }

  /** The precision whose error is a share of the energy: each bit quarters it. */
  static double effectiveBits(double share) {
    return Math.max(0.1, Math.min(8, -Math.log(share) / Math.log(4)));
  }
}
