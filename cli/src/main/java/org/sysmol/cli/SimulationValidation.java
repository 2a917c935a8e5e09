package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.hardware.simulate.CoreValidation;
import org.sysmol.hardware.tool.WorkFolder;

/** The table of errors of {@code simulate --validate}. */
final class SimulationValidation {
  private SimulationValidation() {}

  static int run(PackedNetwork packed, JsonOutput json, PrintWriter out) {
    List<CoreValidation.Comparison> all;
    try (WorkFolder folder = WorkFolder.create()) {
      all = CoreValidation.compare(packed, folder.path());
    }
    Map<String, List<Double>> errors = new TreeMap<>();
    List<Double> absolute = new ArrayList<>();
    List<Double> offsets = new ArrayList<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (CoreValidation.Comparison c : all) {
      errors.computeIfAbsent(c.core(), k -> new ArrayList<>()).add(c.errorPercent());
      absolute.add(Math.abs(c.errorPercent()));
      offsets.add(Math.abs(c.offsetErrorPercent()));
      rows.add(
          JsonOutput.object(
              "loop",
              c.loop(),
              "core",
              c.core(),
              "llvm_mca",
              c.reference(),
              "sysmol",
              c.ours(),
              "error_percent",
              c.errorPercent(),
              "llvm_mca_offsets",
              c.offsetReference(),
              "sysmol_offsets",
              c.offsetOurs(),
              "error_percent_offsets",
              c.offsetErrorPercent()));
    }
    if (!json.toStandardOutput()) {
      out.printf(
          "%-36s %-12s %28s   %28s%n", "", "", "as generated", "loads by offsets from one address");
      out.printf(
          "%-36s %-12s %9s %9s %8s   %9s %9s %8s%n",
          "loop", "core", "llvm-mca", "sysmol", "error", "llvm-mca", "sysmol", "error");
      for (CoreValidation.Comparison c : all) {
        out.printf(
            Locale.ROOT,
            "%-36s %-12s %9.2f %9.2f %+6.1f %%   %9.2f %9.2f %+6.1f %%%n",
            c.loop(),
            c.core(),
            c.reference(),
            c.ours(),
            c.errorPercent(),
            c.offsetReference(),
            c.offsetOurs(),
            c.offsetErrorPercent());
      }
      out.println();
      errors.forEach(
          (core, list) ->
              out.printf(
                  Locale.ROOT,
                  "%-12s median %+.1f %%, from %+.1f to %+.1f %%%n",
                  core,
                  median(list),
                  list.stream().mapToDouble(e -> e).min().orElse(0),
                  list.stream().mapToDouble(e -> e).max().orElse(0)));
      out.printf(
          Locale.ROOT,
          "median of absolute errors %.1f %%, with loads by offsets %.1f %%%n",
          median(absolute),
          median(offsets));
      out.flush();
    }
    json.write(
        JsonOutput.object(
            "network",
            packed.name(),
            "median_absolute_error_percent",
            median(absolute),
            "median_absolute_error_percent_offsets",
            median(offsets),
            "loops",
            rows),
        out);
    return 0;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return n == 0 ? 0 : (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }
}
