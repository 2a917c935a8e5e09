package org.sysmol.report.simulation;

import java.util.List;
import java.util.Locale;
import org.sysmol.core.architecture.Core;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Drawing;

/** The core around the unit: widths, units, latencies and caches. */
final class CoreDrawing {
  private static final double WIDTH = 1040;

  private CoreDrawing() {}

  static Drawing of(Core core) {
    Canvas canvas = new Canvas();
    front(canvas, core);
    units(canvas, core);
    memory(canvas, core);
    return new Drawing(
        "The core",
        "Latencies are cycles until a result can be used; every unit can begin an instruction in every cycle.",
        WIDTH,
        252,
        canvas.shapes(),
        table(core));
  }

  private static String cycles(int cycles) {
    return cycles == 1 ? "1 cycle" : cycles + " cycles";
  }

  private static void front(Canvas canvas, Core core) {
    canvas.block(
        0,
        90,
        150,
        70,
        "Front end",
        core.issueWidth() == 1
            ? "1 instruction a cycle"
            : core.issueWidth() + " instructions a cycle",
        core.clockMhz() + " MHz");
    canvas.arrow(150, 125, 176, 125);
    if (core.outOfOrder()) {
      canvas.block(178, 90, 140, 70, "Window", core.window() + " instructions", "out of order");
    } else {
      canvas.block(178, 90, 140, 70, "Issue", "in order");
    }
  }

  private static void units(Canvas canvas, Core core) {
    Core.Latencies l = core.latencies();
    unit(canvas, 0, 36, "%d integer".formatted(core.integerUnits()), cycles(l.integer()));
    unit(canvas, 44, 36, "1 branch", "predicted");
    unit(
        canvas,
        88,
        74,
        "%d vector, each with a mixed unit".formatted(core.simdUnits()),
        "moves and sums %d, bytes %d, mixed %d, accumulate %d"
            .formatted(l.simd(), l.multiply(), l.mixed(), l.accumulate()),
        "binary32: + %d, × %d, multiply-add %d (accumulate %d)"
            .formatted(l.floatAdd(), l.floatMultiply(), l.floatMultiplyAdd(), l.floatAccumulate()),
        "conversion %d; bytes by %s"
            .formatted(l.convert(), core.baseUnit() == Core.BaseUnit.DOT ? "SDOT" : "SMMLA"));
    unit(
        canvas,
        170,
        36,
        "%d load".formatted(core.loadUnits()),
        "%s from the first cache".formatted(cycles(l.load())));
    unit(canvas, 214, 36, "%d store".formatted(core.storeUnits()), "through a buffer");
  }

  private static void unit(Canvas canvas, double y, double height, String name, String... lines) {
    canvas.arrow(318, 125, 346, y + height / 2);
    canvas.block(348, y, 330, height, name, lines);
  }

  private static void memory(Canvas canvas, Core core) {
    canvas.arrow(678, 188, 710, 176);
    canvas.arrow(678, 232, 710, 206);
    canvas.block(
        712,
        158,
        150,
        66,
        "First cache",
        "%d KiB, %d ways".formatted(core.l1().kib(), core.l1().ways()),
        "lines of %d bytes".formatted(core.l1().lineBytes()));
    canvas.arrow(862, 191, 888, 191);
    canvas.block(
        890,
        158,
        150,
        66,
        "Second cache",
        "%d KiB, %d ways".formatted(core.l2().kib(), core.l2().ways()),
        "+ " + cycles(core.l2().cycles()));
    canvas.arrow(965, 158, 965, 112);
    canvas.block(
        890,
        44,
        150,
        66,
        "Memory",
        "+ %s".formatted(cycles(core.memoryCycles())),
        String.format(Locale.ROOT, "%s GB/s", core.memoryGigabytesPerSecond()));
    canvas.block(
        712,
        44,
        150,
        66,
        "Prefetcher",
        core.prefetchLines() == 0 ? "none" : "%d lines ahead".formatted(core.prefetchLines()));
    canvas.arrow(787, 110, 787, 156);
  }

  private static Block.Table table(Core core) {
    Core.Latencies l = core.latencies();
    return new Block.Table(
        "The core",
        List.of(Column.text("part"), Column.text("what it is")),
        List.of(
            List.of(
                "order", core.outOfOrder() ? "out of order, window " + core.window() : "in order"),
            List.of("instructions a cycle", Integer.toString(core.issueWidth())),
            List.of("clock", core.clockMhz() + " MHz"),
            List.of(
                "units",
                "%d integer, 1 branch, %d vector, %d load, %d store"
                    .formatted(
                        core.integerUnits(),
                        core.simdUnits(),
                        core.loadUnits(),
                        core.storeUnits())),
            List.of("latencies (cycles)", l.toString().replaceAll("^[^\\[]*\\[|\\]$", "")),
            List.of("first cache", core.l1().kib() + " KiB"),
            List.of("second cache", core.l2().kib() + " KiB"),
            List.of(
                "memory",
                String.format(
                    Locale.ROOT,
                    "%d ns, %s GB/s",
                    core.memoryNanoseconds(),
                    core.memoryGigabytesPerSecond()))));
  }
}
