package org.sysmol.report.page;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Charts as the JSON that {@code charts.js} reads.
 *
 * <p>The JSON stands inside a script element, where the browser looks for the end tag before it
 * looks at quotes. So {@code <}, {@code >} and {@code &} are written as Unicode escapes: no text of
 * a user can end the element or open a comment.
 */
final class ChartData {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ChartData() {}

  static String json(List<Chart> charts) {
    ArrayNode all = NODES.arrayNode();
    for (Chart chart : charts) {
      ObjectNode node = NODES.objectNode();
      node.put("title", chart.title());
      switch (chart) {
        case LineChart lines -> write(lines, node);
        case BarChart bars -> write(bars, node);
        case HeatMap map -> write(map, node);
        case PointChart points -> write(points, node);
      }
      all.add(node);
    }
    return escape(MAPPER.writeValueAsString(all));
  }

  private static String escape(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static void write(LineChart chart, ObjectNode node) {
    node.put("kind", "lines");
    node.put("x", chart.x().label());
    node.put("y", chart.y().label());
    node.put("fromZero", chart.fromZero());
    node.put("steps", chart.steps());
    ArrayNode spans = node.putArray("spans");
    for (LineChart.Span span : chart.spans()) {
      spans
          .addObject()
          .put("name", span.name())
          .put("first", span.first())
          .put("last", span.last());
    }
    ArrayNode lines = node.putArray("lines");
    for (LineChart.Line line : chart.lines()) {
      ObjectNode one = lines.addObject();
      one.put("name", line.name());
      one.put("strong", line.strong());
      one.set("values", numbers(line.values()));
    }
  }

  private static void write(BarChart chart, ObjectNode node) {
    node.put("kind", "bars");
    node.put("value", chart.value().label());
    node.put("unit", chart.value().unit());
    node.put("stacked", chart.stacked());
    ArrayNode names = node.putArray("names");
    chart.names().forEach(names::add);
    ArrayNode all = node.putArray("series");
    for (BarChart.Series series : chart.series()) {
      ObjectNode one = all.addObject();
      one.put("name", series.name());
      switch (series.colour()) {
        case BarChart.Colour.Palette(int index) -> one.put("palette", index);
        case BarChart.Colour.Bits(double bits) -> one.put("bits", bits);
        case BarChart.Colour.Rest() -> one.put("rest", true);
      }
      one.set("values", numbers(series.values()));
      one.set("low", numbers(series.low()));
      one.set("high", numbers(series.high()));
    }
  }

  private static void write(HeatMap chart, ObjectNode node) {
    node.put("kind", "heat");
    node.put("columns", chart.columns().label());
    node.put("column", chart.columns().name());
    node.put("value", chart.value().label());
    node.put("unit", chart.value().unit());
    node.put("continuous", chart.continuous());
    ArrayNode rows = node.putArray("rows");
    for (HeatMap.Row row : chart.rows()) {
      ObjectNode one = rows.addObject();
      one.put("name", row.name());
      one.set("values", numbers(row.values()));
    }
  }

  private static void write(PointChart chart, ObjectNode node) {
    node.put("kind", "points");
    node.put("x", chart.x().label());
    node.put("y", chart.y().label());
    ArrayNode lines = node.putArray("lines");
    for (PointChart.Line line : chart.lines()) {
      ObjectNode one = lines.addObject();
      one.put("name", line.name());
      one.set("from", numbers(new double[] {line.fromX(), line.fromY()}));
      one.set("to", numbers(new double[] {line.toX(), line.toY()}));
    }
    ArrayNode points = node.putArray("points");
    for (PointChart.Point point : chart.points()) {
      ObjectNode one = points.addObject();
      one.put("name", point.name());
      one.set("at", numbers(new double[] {point.x(), point.y()}));
    }
  }

  /** NaN and infinities become null: JSON has no word for them and a chart leaves a hole. */
  private static ArrayNode numbers(double[] values) {
    ArrayNode array = NODES.arrayNode();
    for (double value : values) {
      if (!Double.isFinite(value)) {
        array.addNull();
      } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
        array.add((long) value);
      } else {
        array.add(Double.parseDouble(String.format(java.util.Locale.ROOT, "%.6g", value)));
      }
    }
    return array;
  }
}
