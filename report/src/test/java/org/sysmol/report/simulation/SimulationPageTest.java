package org.sysmol.report.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.report.page.PageRenderer;
import org.sysmol.report.simulation.PipelineTimeline.Executed;
import org.sysmol.report.simulation.PipelineTimeline.Use;
import org.sysmol.report.simulation.SimulationReport.EnergyConstant;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** What the page of a simulation says and draws, of usual results and of odd ones. */
final class SimulationPageTest {
  private static final String HOSTILE = "<b>&\"'</title>";

  private static SimulatedStep step(String name, String kind, long cycles, double energy) {
    Map<String, Double> picojoules = new LinkedHashMap<>();
    picojoules.put("instructions", energy * 0.75e6);
    picojoules.put("memory", energy * 0.25e6);
    return new SimulatedStep(name, kind, cycles, 2 * cycles, picojoules);
  }

  private static SimulatedRun run(String name, double factor, double energy, int steps) {
    List<SimulatedStep> list = new ArrayList<>();
    for (int k = 0; k < steps; k++) {
      list.add(
          step("layer" + k, "3x3 mixed", Math.round(factor * (1000 + k)), energy * (1 + 0.01 * k)));
    }
    return new SimulatedRun(name, "detail of " + name, list);
  }

  private static PipelineTimeline timeline(String text) {
    List<Executed> shown = new ArrayList<>();
    for (int k = 0; k < 48; k++) {
      boolean load = k % 3 == 0;
      shown.add(
          new Executed(
              100 + k,
              k == 5 ? text : "vmac v%d.8h, v20, v16, v%1$d.8h, p1".formatted(k % 16),
              load ? "load" : "mixed product",
              load ? "load 0" : "vector " + k % 2,
              40 + k / 4,
              50 + k / 2,
              // One waits for memory, far beyond what is drawn.
              k == 9 ? 900 : 54 + k / 2,
              k == 9 ? "memory" : load ? "first cache" : ""));
    }
    return new PipelineTimeline(
        "layer1",
        "layer1",
        56,
        40,
        1000,
        2500,
        4,
        List.of(new Use("vector", 2, 1800), new Use("load", 2, 600), new Use("branch", 1, 100)),
        shown);
  }

  private static SimulationReport report(
      Architecture architecture, int steps, List<SimulatedRun> others, String text) {
    return new SimulationReport(
        text.isEmpty() ? "net" : text,
        architecture,
        0.5,
        2.25,
        17.0,
        false,
        run("P4", 1, 10, steps),
        others,
        timeline(text.isEmpty() ? "ldr q1, [x2]" : text),
        List.of(new EnergyConstant("an instruction", 64, "somebody, somewhere")));
  }

  private static String words(SimulationReport report) {
    String html = PageRenderer.html(SimulationPage.of(report));
    return html.substring(0, html.indexOf("<script"));
  }

  /** The page up to its scripts by an XML parser, which forgives nothing. */
  private static Document parsed(String words) throws Exception {
    String xml =
        words.replace("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>")
            + "</body></html>";
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  @Test
  void figuresAreThoseOfTheRuns() {
    SimulatedRun half = run("u2", 0.5, 5, 3);
    SimulatedRun eight = run("fp32", 8, 90, 3);
    String words = words(report(Architecture.of(PatternSet.P4), 3, List.of(eight, half), ""));
    assertThat(words)
        .contains("<dd class=\"value\">3,003</dd>", "6,006 instructions, 2.00 a cycle")
        .contains("<dd class=\"value\">30.3 µJ</dd>", "at 2,000 MHz")
        .contains("fp32 takes 8.00 times the cycles and 9.00 times the energy of P4.")
        .contains("u2 is BETTER in both: u2 takes 0.50 times the cycles and 0.50 times the energy")
        .contains("u2 takes fewer cycles in 3 of 3 steps: layer0, layer1, layer2.")
        .contains("u2 takes less energy in 3 of 3 steps")
        .doesNotContain("fp32 takes fewer")
        .contains("Left out, for more than 5 times the energy in all: fp32.")
        .contains("two were timed and the others taken for equal")
        .contains(
            "56 times; 40 of these calls", "1,000 cycles for 2,500 instructions, 2.50 a cycle")
        .contains("an instruction", "somebody, somewhere", "detail of fp32")
        .doesNotContain("NaN", "Infinity");
  }

  @Test
  void betterInOneOnlyIsSaidSo() {
    SimulatedRun own = run("P4", 1, 10, 2);
    assertThat(TotalsSection.verdict(own, run("a", 0.9, 11, 2)).text())
        .startsWith("a is BETTER in cycles: a takes 0.90 times the cycles and 1.10 times");
    assertThat(TotalsSection.verdict(own, run("a", 1.1, 9, 2)).text())
        .startsWith("a is BETTER in energy: ");
    assertThat(TotalsSection.verdict(own, own).text())
        .isEqualTo("P4 takes 1.00 times the cycles and 1.00 times the energy of P4.");
  }

  @Test
  void stepsBeyondTheChartAreTakenTogether() {
    SimulatedRun run = run("P4", 1, 10, 20);
    StepChoice choice = StepChoice.of(run, 8, SimulatedStep::cycles);
    assertThat(choice.labels()).startsWith("layer12").hasSize(9).endsWith("12 other steps");
    double[] values = choice.values(run, SimulatedStep::cycles);
    assertThat(java.util.Arrays.stream(values).sum()).isEqualTo(run.cycles());
    assertThat(values[0]).isEqualTo(1012);
    // A run that does without a step has a hole there, and the sum is still its own.
    SimulatedRun less = new SimulatedRun("x", "", run.steps().subList(0, 19));
    values = choice.values(less, SimulatedStep::cycles);
    assertThat(values[7]).isNaN();
    assertThat(values[8]).isEqualTo(12 * 1000 + 66);
    assertThat(StepChoice.of(run("P4", 1, 1, 9), 8, SimulatedStep::cycles).others()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"P4", "P45", "U2", "FREE", "P4+256"})
  void thePageIsWellFormedAndDrawsTheArchitecture(String name) throws Exception {
    Architecture architecture = Architecture.named(name);
    for (Core core : List.of(Core.OUT_OF_ORDER, Core.IN_ORDER)) {
      SimulationReport report =
          report(architecture.withCore(core), 30, List.of(run("u2", 0.5, 5, 30)), HOSTILE);
      String words = words(report);
      Document page = parsed(words);
      assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(4);
      assertThat(page.getElementsByTagName("b").getLength()).isZero();
      assertThat(page.getDocumentElement().getTextContent())
          .contains(
              HOSTILE, core.outOfOrder() ? "Window" : "Issue", "%d KiB".formatted(core.l1().kib()));
      for (Pattern pattern : architecture.patterns().patterns()) {
        assertThat(words).contains(">" + pattern + "</text>");
      }
      for (int bits : List.of(1, 2, 4)) {
        assertThat(words.contains("%d × (%d × %d bit)".formatted(16 / bits, bits, bits)))
            .isEqualTo(architecture.precisions().contains(bits));
      }
      assertThat(words).contains("%d bits each".formatted(architecture.registerBits()));
    }
  }

  @Test
  void barsOfTheTimelineLieWhereTheyBelong() throws Exception {
    var shapes =
        ((org.sysmol.report.page.Drawing) TimelineSection.of(timeline("nop")).blocks().getLast())
            .shapes();
    double right = 0;
    double lastX = -1;
    int bars = 0;
    for (var shape : shapes) {
      if (shape instanceof org.sysmol.report.page.Drawing.Shape.Bar bar && !bar.hint().isEmpty()) {
        bars++;
        assertThat(bar.x()).as(bar.hint()).isGreaterThanOrEqualTo(lastX);
        lastX = bar.x();
        right = Math.max(right, bar.x() + bar.width());
      }
    }
    assertThat(bars).isEqualTo(48);
    assertThat(right).isLessThanOrEqualTo(960);
    assertThat(shapes.toString()).contains("load 0, until 900");
  }

  @Test
  void nothingToCompareWithIsSaidSo() throws Exception {
    String words = words(report(Architecture.of(PatternSet.P4), 1, List.of(), ""));
    assertThat(words).contains("No baseline was simulated").doesNotContain("costliest steps");
    assertThat(parsed(words).getElementsByTagName("section").getLength()).isEqualTo(5);
  }

  @Test
  void theMostMixedPatternIsDrawn() {
    assertThat(UnitDrawing.mostMixed(PatternSet.P4.patterns())).hasToString("(32,32,8)");
    assertThat(UnitDrawing.mostMixed(PatternSet.U2.patterns())).hasToString("(0,64,0)");
  }
}
