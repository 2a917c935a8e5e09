package org.sysmol.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sysmol.report.Latency.EngineTime;
import org.sysmol.report.Latency.LayerTime;
import org.sysmol.report.page.BarChart;
import org.sysmol.report.page.BarChart.Colour;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Block.Notice;
import org.sysmol.report.page.Block.Tone;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** Times of the engines against the peer, said plainly where sysmol is the slower one. */
public final class LatencySection {
  private LatencySection() {}

  /** Engines, and layers where they were timed. */
  public static Section of(Latency latency) {
    var blocks = new ArrayList<Block>();
    blocks.add(
        new Block.Paragraph(
            "Each was called %s times, taking turns, with %d image%s a call and %d thread%s. Bars show the median, whiskers the 10th to the 90th percentile. %s runs the full-precision network."
                .formatted(
                    Numbers.count(latency.calls()),
                    latency.imagesPerCall(),
                    latency.imagesPerCall() == 1 ? "" : "s",
                    latency.threads(),
                    latency.threads() == 1 ? "" : "s",
                    latency.peer().name())));
    blocks.add(verdict(latency));
    var slower =
        latency.engines().stream()
            .skip(1)
            .filter(engine -> latency.speedup(engine) < 1)
            .map(engine -> times(engine.name(), 1 / latency.speedup(engine)))
            .toList();
    if (!slower.isEmpty()) {
      blocks.add(
          new Notice(
              Tone.PLAIN,
              "Slower than %s on this machine, and not picked: %s."
                  .formatted(latency.peer().name(), String.join(", ", slower))));
    }
    blocks.add(engineChart(latency));
    blocks.add(engineTable(latency));
    if (!latency.layers().isEmpty()) {
      blocks.add(layerVerdict(latency));
      blocks.add(layerChart(latency));
    }
    return new Section("Latency", blocks);
  }

  /** In a sentence: is the engine that sysmol picks faster than the peer, or slower? */
  public static Notice verdict(Latency latency) {
    EngineTime picked = latency.picked();
    EngineTime peer = latency.peer();
    double speedup = latency.speedup(picked);
    String times =
        "(median %s against %s)"
            .formatted(
                Numbers.milliseconds(picked.medianMs()), Numbers.milliseconds(peer.medianMs()));
    if (!Double.isFinite(speedup)) {
      return new Notice(
          Tone.PLAIN,
          "No time was measured for both %s and %s.".formatted(picked.name(), peer.name()));
    }
    if (picked.lowMs() <= peer.highMs() && peer.lowMs() <= picked.highMs()) {
      return new Notice(
          Tone.PLAIN,
          "%s takes %s times the time of %s %s; their spreads overlap, so call neither faster."
              .formatted(picked.name(), Numbers.fixed(1 / speedup, 2), peer.name(), times));
    }
    return speedup < 1
        ? new Notice(
            Tone.BAD,
            "SLOWER here: %s takes %s times the time of %s %s."
                .formatted(picked.name(), Numbers.fixed(1 / speedup, 2), peer.name(), times))
        : new Notice(
            Tone.GOOD,
            "%s is %s times as fast as %s %s."
                .formatted(picked.name(), Numbers.fixed(speedup, 2), peer.name(), times));
  }

  private static BarChart engineChart(Latency latency) {
    var all = Stream.concat(latency.engines().stream(), Stream.of(latency.peer())).toList();
    return new BarChart(
        "Time of a call",
        "Shorter is better.",
        new Axis("time", "ms"),
        false,
        all.stream().map(EngineTime::name).toList(),
        List.of(
            new BarChart.Series(
                "median",
                new Colour.Palette(0),
                all.stream().mapToDouble(EngineTime::medianMs).toArray(),
                all.stream().mapToDouble(EngineTime::lowMs).toArray(),
                all.stream().mapToDouble(EngineTime::highMs).toArray())));
  }

  private static Block.Table engineTable(Latency latency) {
    var rows = new ArrayList<List<String>>();
    for (EngineTime engine : latency.engines()) {
      rows.add(row(engine, Numbers.fixed(latency.speedup(engine), 2)));
    }
    rows.add(row(latency.peer(), "1"));
    return new Block.Table(
        "Times, and speed as a multiple of " + latency.peer().name() + " (below 1: slower)",
        List.of(
            Column.text("engine"),
            Column.number("median (ms)"),
            Column.number("10th percentile (ms)"),
            Column.number("90th percentile (ms)"),
            Column.number("speed ratio")),
        rows);
  }

  private static List<String> row(EngineTime engine, String ratio) {
    return List.of(
        engine.name(),
        Numbers.significant(engine.medianMs()),
        Numbers.significant(engine.lowMs()),
        Numbers.significant(engine.highMs()),
        ratio);
  }

  private static Notice layerVerdict(Latency latency) {
    var both =
        latency.layers().stream()
            .filter(layer -> Double.isFinite(layer.sysmolMs()) && Double.isFinite(layer.peerMs()))
            .toList();
    if (both.isEmpty()) {
      return new Notice(
          Tone.PLAIN,
          "By layer, only one side was timed: nothing is said about which layers are slower.");
    }
    var slower = both.stream().filter(LayerTime::slower).toList();
    return slower.isEmpty()
        ? new Notice(
            Tone.GOOD,
            "No layer is slower in sysmol, of %d timed on both sides.".formatted(both.size()))
        : new Notice(
            Tone.BAD,
            "Slower in sysmol, of %d layers timed on both sides: %s."
                .formatted(
                    both.size(),
                    slower.stream()
                        .map(layer -> times(layer.name(), layer.sysmolMs() / layer.peerMs()))
                        .collect(Collectors.joining(", "))));
  }

  private static String times(String name, double ratio) {
    return "%s (%s times the time)".formatted(name, Numbers.fixed(ratio, 2));
  }

  private static BarChart layerChart(Latency latency) {
    var series = new ArrayList<BarChart.Series>();
    var layers = latency.layers();
    series.add(
        new BarChart.Series(
            latency.picked().name(),
            new Colour.Palette(0),
            layers.stream().mapToDouble(LayerTime::sysmolMs).toArray()));
    if (layers.stream().anyMatch(layer -> Double.isFinite(layer.peerMs()))) {
      series.add(
          new BarChart.Series(
              latency.peer().name(),
              new Colour.Palette(1),
              layers.stream().mapToDouble(LayerTime::peerMs).toArray()));
    }
    return new BarChart(
        "Time by layer",
        "Median by layer in order of execution; shorter is better.",
        new Axis("time", "ms"),
        false,
        layers.stream().map(LayerTime::name).toList(),
        series);
  }
}
