package org.sysmol.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.sysmol.report.page.BarChart;
import org.sysmol.report.page.BarChart.Colour;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.HeatMap;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** Which channel has which precision, and how channels fill registers. */
public final class PrecisionSections {
  private static final Axis CHANNELS = new Axis("input channel", "stored order");

  private PrecisionSections() {}

  /** The heat maps of precision by layer and channel, and a row for each layer. */
  public static Section channels(List<LayerPrecision> layers) {
    var blocks = new ArrayList<Block>();
    blocks.add(
        new HeatMap(
            "Assigned precision of every input channel",
            "A row is a layer, a cell an input channel, in the order in which the file stores them. Weights and activations of a channel share its precision.",
            CHANNELS,
            new Axis("precision", "bits"),
            false,
            layers.stream()
                .map(
                    layer ->
                        new HeatMap.Row(
                            layer.name(),
                            Arrays.stream(layer.precision()).asDoubleStream().toArray()))
                .toList()));
    var wanted = layers.stream().filter(layer -> layer.wanted().length > 0).toList();
    if (!wanted.isEmpty()) {
      blocks.add(
          new HeatMap(
              "What training asked for",
              "The continuous precision of each channel at the end of the search, in the same order. Of %s channels, %s were assigned more than half a bit less than this."
                  .formatted(Numbers.count(channelCount(wanted)), Numbers.count(shortOf(wanted))),
              CHANNELS,
              new Axis("continuous precision", "bits"),
              true,
              wanted.stream()
                  .map(layer -> new HeatMap.Row(layer.name(), layer.wanted()))
                  .toList()));
    }
    blocks.add(layerTable(layers));
    return new Section("Precision by channel", blocks);
  }

  private static long channelCount(List<LayerPrecision> layers) {
    return layers.stream().mapToLong(layer -> layer.precision().length).sum();
  }

  private static long shortOf(List<LayerPrecision> layers) {
    long count = 0;
    for (LayerPrecision layer : layers) {
      for (int c = 0; c < layer.precision().length; c++) {
        count += layer.precision()[c] < layer.wanted()[c] - 0.5 ? 1 : 0;
      }
    }
    return count;
  }

  private static Block.Table layerTable(List<LayerPrecision> layers) {
    var precisions = precisions(layers);
    var columns = new ArrayList<Column>();
    columns.add(Column.text("layer"));
    columns.add(Column.text("kind"));
    columns.add(Column.number("input channels"));
    precisions.forEach(
        bits -> columns.add(Column.number("at " + bits + (bits == 1 ? " bit" : " bits"))));
    columns.add(Column.number("mean bits"));
    columns.add(Column.number("weights"));
    columns.add(Column.number("MACs per image"));
    var rows = new ArrayList<List<String>>();
    for (LayerPrecision layer : layers) {
      var row = new ArrayList<String>();
      row.add(layer.name());
      row.add(layer.searched() ? "searched" : "edge");
      row.add(Numbers.count(layer.precision().length));
      precisions.forEach(bits -> row.add(Numbers.count(layer.channelsAt(bits))));
      row.add(Numbers.fixed(layer.meanBits(), 3));
      row.add(Numbers.count(layer.weights()));
      row.add(Numbers.count(layer.macs()));
      rows.add(row);
    }
    return new Block.Table("Layers", columns, rows);
  }

  private static NavigableSet<Integer> precisions(List<LayerPrecision> layers) {
    return layers.stream()
        .flatMap(layer -> Arrays.stream(layer.precision()).boxed())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** How each layer's registers are filled, and with which patterns. */
  public static Section registers(List<LayerPrecision> layers, String patterns) {
    var searched = layers.stream().filter(layer -> !layer.registers().isEmpty()).toList();
    if (searched.isEmpty()) {
      return new Section(
          "Patterns and registers",
          List.of(new Block.Paragraph("No layer of this network fills registers by patterns.")));
    }
    var registerTotal = searched.stream().mapToLong(LayerPrecision::registerCount).sum();
    return new Section(
        "Patterns and registers",
        List.of(
            new Block.Paragraph(
                "A register holds one pattern: so many slots of 1, of 2 and of 4 bits. The pattern set here is %s. Channels are rearranged so that each register's pattern is known before the network runs; a slot without a channel is worth zero. All input channels of all layers, once each, take %s registers."
                        .formatted(patterns, Numbers.count(registerTotal))
                    + (patterns.contains("+taps")
                        ? " Registers of this chip span the taps of a filter, so what they have left over is used by other taps: a layer takes no more than its taps times these."
                        : "")
                    + (patterns.contains("+lanes")
                        ? " This chip charges whole lanes of 16 bits: other weights use the lanes that a layer leaves empty, so a layer takes no more than the lanes that it fills."
                        : "")),
            filling(searched),
            patternTable(searched)));
  }

  private static BarChart filling(List<LayerPrecision> layers) {
    var series = new ArrayList<BarChart.Series>();
    for (int bits : precisions(layers).descendingSet()) {
      series.add(
          new BarChart.Series(
              "channels of " + bits + (bits == 1 ? " bit" : " bits"),
              new Colour.Bits(bits),
              layers.stream()
                  .mapToDouble(layer -> (double) bits * layer.channelsAt(bits))
                  .toArray()));
    }
    series.add(
        new BarChart.Series(
            "slots without a channel",
            new Colour.Rest(),
            layers.stream()
                .mapToDouble(layer -> Math.max(0, layer.registerBits() - layer.channelBits()))
                .toArray()));
    return new BarChart(
        "How each layer fills its registers",
        "The bits of a layer's input channels, once each, and what its registers have left over.",
        new Axis("register space", "bits"),
        true,
        layers.stream().map(LayerPrecision::name).toList(),
        series);
  }

  private static Block.Table patternTable(List<LayerPrecision> layers) {
    var rows = new ArrayList<List<String>>();
    for (LayerPrecision layer : layers) {
      // Equal patterns are one row, also where the caller gave one entry for each register.
      var counts = new LinkedHashMap<String, Integer>();
      for (RegisterPattern pattern : layer.registers()) {
        counts.merge(
            "(%d, %d, %d)".formatted(pattern.n1(), pattern.n2(), pattern.n4()),
            pattern.registers(),
            Integer::sum);
      }
      double filled = 100.0 * layer.channelBits() / layer.registerBits();
      rows.add(
          List.of(
              layer.name(),
              Numbers.count(layer.registerCount()),
              counts.entrySet().stream()
                  .map(entry -> entry.getValue() + " × " + entry.getKey())
                  .collect(Collectors.joining(", ")),
              Numbers.count(layer.channelBits()),
              Numbers.count(layer.registerBits()),
              Numbers.decimal(filled, 1) + " %"));
    }
    return new Block.Table(
        "Patterns (1-bit, 2-bit, 4-bit slots) by layer",
        List.of(
            Column.text("layer"),
            Column.number("registers"),
            Column.text("registers × pattern"),
            Column.number("bits of channels"),
            Column.number("bits of registers"),
            Column.number("filled")),
        rows);
  }
}
