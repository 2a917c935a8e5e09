package org.sysmol.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.hardware.rtl.RtlFiles;
import org.sysmol.hardware.rtl.check.OperationVectors;
import org.sysmol.hardware.silicon.Effort;
import org.sysmol.hardware.silicon.Equivalence;
import org.sysmol.hardware.silicon.Synthesis;
import org.sysmol.hardware.silicon.UnitEnergy;

/** Synthesis of an architecture's units: area, delay and energy told, netlists proved. */
final class SiliconMeasurement {
  private final Architecture architecture;
  private final Optional<Path> liberty;
  private final Consumer<String> say;
  private final Map<String, List<Synthesis.Cost>> costs = new LinkedHashMap<>();
  private final Map<String, String> units;
  private final Synthesis synthesis;

  /** For a library; the project's own cells if empty. Lines for the user go to {@code say}. */
  SiliconMeasurement(Architecture architecture, Optional<Path> liberty, Consumer<String> say) {
    this.architecture = architecture;
    this.liberty = liberty;
    this.say = say;
    this.units = RtlFiles.units(architecture);
    this.synthesis = Synthesis.of(liberty);
  }

  private static String module(String file) {
    return file.substring(0, file.length() - 2);
  }

  /** What each script of abc makes of a unit, the smallest result first. */
  private List<Synthesis.Cost> costs(String file) {
    return costs.computeIfAbsent(
        file,
        name ->
            synthesis.costs(module(name), units.getOrDefault(name, ""), List.of(Effort.values())));
  }

  private Synthesis.Cost cost(String file) {
    return costs(file).getFirst();
  }

  private static String script(Synthesis.Cost cost) {
    return cost.effort().name().toLowerCase(Locale.ROOT);
  }

  /** Area, delay and energy of each unit, into {@code result}. */
  void measure(long seed, Map<String, Object> result) {
    Optional<String> noEnergy = UnitEnergy.refusal(liberty.map(file -> synthesis.liberty()));
    List<Map<String, Object>> lines = new ArrayList<>();
    double base = 0;
    double scale = liberty.isEmpty() ? 1000 : 1;
    for (String file : units.keySet()) {
      Synthesis.Cost cost = cost(file);
      if (base == 0) {
        base = cost.area();
      }
      String format =
          liberty.isEmpty()
              ? "%-14s %10.2f kGE  %6.0f levels  %5.3f of the base unit (radix-4 Booth, abc %s)"
              : "%-14s %10.0f um2  %6.2f ns      %5.3f of the base unit (radix-4 Booth, abc %s)";
      List<Map<String, Object>> scripts = new ArrayList<>();
      for (Synthesis.Cost one : costs(file)) {
        say.accept(
            String.format(
                Locale.ROOT,
                format,
                scripts.isEmpty() ? module(file) : "",
                one.area() / scale,
                one.delay(),
                one.area() / base,
                script(one).replace('_', ' ')));
        scripts.add(
            JsonOutput.object(
                "abc", script(one), "area", one.area() / scale, "delay", one.delay()));
      }
      Map<String, Object> unit =
          JsonOutput.object(
              "unit",
              module(file),
              "area",
              cost.area() / scale,
              "delay",
              cost.delay(),
              "ratio_to_base",
              cost.area() / base,
              "abc",
              script(cost),
              "scripts",
              scripts);
      if (noEnergy.isEmpty()) {
        unit.put("energy", energy(cost, seed));
      }
      lines.add(unit);
    }
    noEnergy.ifPresent(say);
    result.put("library", liberty.map(Path::toString).orElse("generic"));
    result.put("area_unit", liberty.isEmpty() ? "kGE" : "library's, um2 as a rule");
    result.put("delay_unit", liberty.isEmpty() ? "gate levels" : "library's, ns as a rule");
    result.put("multiplier", "radix-4 Booth");
    result.put("seed", seed);
    result.put("units", lines);
  }

  private List<Map<String, Object>> energy(Synthesis.Cost cost, long seed) {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (UnitEnergy.Figure figure : UnitEnergy.of(synthesis.liberty(), cost, architecture, seed)) {
      OperationVectors.Operation operation = figure.operation();
      say.accept(
          String.format(
              Locale.ROOT,
              "  %-8s %-12s %8.1f pJ an instruction %8.3f pJ a product",
              operation.instruction(),
              operation.pattern().map(Pattern::toString).orElse(""),
              figure.picojoules(),
              figure.perProduct()));
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("instruction", operation.instruction());
      operation.pattern().ifPresent(pattern -> line.put("pattern", pattern.toString()));
      line.put("pj_per_instruction", figure.picojoules());
      line.put("pj_per_product", figure.perProduct());
      line.put("pj_of_clock_pins", figure.clockPicojoules());
      line.put("vectors", operation.lines());
      lines.add(line);
    }
    return lines;
  }

  /**
   * Proves each unit's netlist equal to its Verilog.
   *
   * @param seconds that each proof may take
   * @param result takes what was found
   * @return what was not proved, as a sentence; empty if all was
   */
  Optional<SysmolException> prove(int seconds, Map<String, Object> result) {
    Equivalence.requireTools();
    List<Map<String, Object>> lines = new ArrayList<>();
    List<String> refuted = new ArrayList<>();
    List<String> undecided = new ArrayList<>();
    for (Map.Entry<String, String> unit : units.entrySet()) {
      String module = module(unit.getKey());
      Synthesis.Cost cost = cost(unit.getKey());
      Equivalence.Result found =
          Equivalence.of(
              module,
              unit.getValue(),
              cost.netlist(),
              synthesis.liberty(),
              Duration.ofSeconds(seconds));
      String verdict =
          switch (found.verdict()) {
            case PROVED -> "netlist proved equal to the Verilog in %.1f s";
            case REFUTED -> "netlist differs from the Verilog, found in %.1f s";
            case UNDECIDED -> "not proved in %.1f s";
          };
      if (found.verdict() == Equivalence.Verdict.REFUTED) {
        refuted.add(module);
      } else if (found.verdict() == Equivalence.Verdict.UNDECIDED) {
        undecided.add(module);
      }
      say.accept("%-14s ".formatted(module) + String.format(Locale.ROOT, verdict, found.seconds()));
      lines.add(
          JsonOutput.object(
              "unit",
              module,
              "verdict",
              found.verdict().name().toLowerCase(Locale.ROOT),
              "seconds",
              found.seconds(),
              "abc",
              cost.effort().name().toLowerCase(Locale.ROOT)));
    }
    result.put("library", liberty.map(Path::toString).orElse("generic"));
    result.put("prove_seconds", seconds);
    result.put("proofs", lines);
    if (!refuted.isEmpty()) {
      return Optional.of(
          SysmolException.failed(
              "The netlist of %s (architecture %s) differs from its Verilog: synthesis or the library's functions are wrong and the netlist must not be used."
                  .formatted(String.join(", ", refuted), architecture.name())));
    }
    return undecided.isEmpty()
        ? Optional.empty()
        : Optional.of(
            SysmolException.failed(
                "The netlist of %s (architecture %s) was not proved in %d s, nor refuted: allow more with --prove-seconds."
                    .formatted(String.join(", ", undecided), architecture.name(), seconds)));
  }
}
