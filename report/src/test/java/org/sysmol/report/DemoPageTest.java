package org.sysmol.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.report.Latency.EngineTime;
import org.sysmol.report.Latency.LayerTime;
import org.sysmol.report.TrainingLog.Epoch;
import org.sysmol.report.TrainingLog.Phase;
import org.sysmol.report.page.PageRenderer;

/** What the page of a demo says, and that it says it of odd results too. */
final class DemoPageTest {
  /** The page up to its scripts: what a reader without JavaScript gets. */
  private static String words(DemoReport report) {
    String html = PageRenderer.html(DemoPage.of(report));
    return html.substring(0, html.indexOf("<script"));
  }

  private static DemoReport with(
      DemoReport base, Accuracy accuracy, List<LayerPrecision> layers, TrainingLog training) {
    return new DemoReport(
        base.network(),
        base.dataset(),
        base.seed(),
        base.patterns(),
        base.assign(),
        accuracy,
        base.size(),
        layers,
        base.errors(),
        training,
        base.latency(),
        base.roofline(),
        base.agreement(),
        base.provenance(),
        base.machine(),
        base.seconds());
  }

  private static DemoReport with(DemoReport base, Latency latency, Agreement agreement) {
    return new DemoReport(
        base.network(),
        base.dataset(),
        base.seed(),
        base.patterns(),
        base.assign(),
        base.accuracy(),
        base.size(),
        base.layers(),
        base.errors(),
        base.training(),
        latency,
        base.roofline(),
        agreement,
        base.provenance(),
        base.machine(),
        base.seconds());
  }

  @Test
  void layersStandUnderTheRoof() {
    Roofline roofline = SampleReport.realistic().roofline();
    String words = words(SampleReport.realistic());
    assertThat(words).contains("Roofline", "intensity (MAC/byte)", "speed (GMAC/s)", "class avx2");
    Roofline.Layer first = roofline.layers().getFirst();
    assertThat(first.intensity()).isEqualTo(1e6 / 70_000);
    assertThat(first.gmacs()).isEqualTo(1e6 / 0.02 / 1e6);
    assertThat(PageRenderer.html(DemoPage.of(SampleReport.realistic())))
        .contains("\"kind\":\"points\"", "read from memory", "433.25");
    var none = RooflineSection.of(new Roofline("avx2", List.of(), List.of(), roofline.layers()));
    assertThat(none.toString()).contains("No machine code ran here");
  }

  @Test
  void allNumbersAppear() {
    String words = words(SampleReport.realistic());
    assertThat(words)
        .contains("87.93 %", "88.64 %", "81.37 %", "88.21 %", "-0.43 points", "10,000 test images")
        .contains(
            "1.973", "1.921", "2.046", "budget 2", "1,731,624 bytes", "121,344 bytes", "14.27")
        .contains("0.8123", "0.79", "0.861", "1.422", "2.417", "14.93")
        .contains("1.75 times as fast as ONNX Runtime 1.29.0 fp32")
        .contains(
            "Slower in sysmol, of 9 layers timed on both sides: stem.conv (1.82 times the time)")
        .contains("not picked: Vector API (256 bit) (1.70 times the time), scalar (10.50 times")
        .contains("1,024", "98,765,432", "scalar, Vector API (256 bit), x86-64 AVX2, trainer")
        .contains("2 × (0, 64, 0), 1 × (64, 16, 8)")
        .contains("in full precision for 16 more epochs", "standard error of 0.32 points")
        .contains("./sysmol demo --seed 7 --bits 2.0", "AMD EPYC 7B13, 2 cores", "287.4 s")
        .doesNotContain("SLOWER", "DISAGREE", "NaN", "comparison is not fair");
    for (String layer : SampleReport.NAMES) {
      assertThat(words).contains("<th scope=\"row\">" + layer + "</th>");
    }
  }

  @Test
  void channelsAreListedInStoredOrder() {
    // block1.conv1: 64 channels, 6 of 4 bits, 29 of 2, the rest of 1.
    assertThat(words(SampleReport.realistic())).contains("6 × 4, 29 × 2, 29 × 1");
  }

  @Test
  void slownessAndDisagreementAreSaidPlainly() {
    var base = SampleReport.realistic();
    var slow =
        new Latency(
            List.of(new EngineTime("Vector API", 4, 3.9, 4.1)),
            new EngineTime("peer", 2, 1.9, 2.1),
            2,
            8,
            100,
            List.of());
    String words = words(with(base, slow, new Agreement(List.of("a", "b"), 1000, 5000, 3)));
    assertThat(words)
        .contains("SLOWER here: Vector API takes 2.00 times the time of peer")
        .contains("The engines DISAGREE: 3 integers differ between a, b.")
        .contains("8 images a call and 2 threads")
        .doesNotContain("All agree bit for bit");
  }

  @Test
  void overlappingSpreadsAreNoVictory() {
    var close =
        new Latency(
            List.of(new EngineTime("engine", 1.9, 1.5, 2.05)),
            new EngineTime("peer", 2, 1.9, 2.1),
            1,
            1,
            100,
            List.of(new LayerTime("only", 1.9, Double.NaN)));
    String words = words(with(SampleReport.realistic(), close, new Agreement(List.of(), 0, 0, 0)));
    assertThat(words)
        .contains("their spreads overlap, so call neither faster")
        .contains("only one side was timed")
        .contains("The engines were not compared")
        .doesNotContain("times as fast");
  }

  @Test
  void anUnfairBaselineIsCalledSo() {
    var base = SampleReport.realistic();
    var epochs =
        base.training().epochs().stream()
            .filter(epoch -> epoch.phase() != Phase.CONTROL || epoch.epoch() <= 5)
            .toList();
    var log = new TrainingLog(base.training().groups(), epochs);
    assertThat(words(with(base, base.accuracy(), base.layers(), log)))
        .contains("trained on for 5 epochs, not for the 16 that search and fine-tuning take");
  }

  @Test
  void emptyOneLayerAndUnmeasuredResultsWork() {
    double none = Double.NaN;
    var base = SampleReport.realistic();
    var accuracy = new Accuracy(none, none, none, none, 0);
    String empty = words(with(base, accuracy, List.of(), new TrainingLog(List.of(), List.of())));
    assertThat(empty)
        .contains("No epoch was trained", "No layer of this network")
        .doesNotContain("NaN");

    var layer = new LayerPrecision("only", true, new int[] {4}, new double[0], List.of(), 1, 1);
    var epoch = new Epoch(Phase.SEARCH, 1, none, none, none, none, new double[0]);
    var log = new TrainingLog(List.of(), List.of(epoch));
    String html = PageRenderer.html(DemoPage.of(with(base, accuracy, List.of(layer), log)));
    assertThat(html.substring(0, html.indexOf("<script"))).contains("1 × 4").doesNotContain("NaN");
    String data = html.substring(html.indexOf("id=\"chart-data\">"));
    data = data.substring(0, data.indexOf("</script>"));
    assertThat(data).contains("\"values\":[4]", "\"values\":[null]").doesNotContain("NaN");
  }

  @Test
  void epochsLieWhereTheyBelong() {
    var log = SampleReport.realistic().training();
    assertThat(log.length()).isEqualTo(24);
    assertThat(log.epochs().stream().filter(e -> e.phase() != Phase.CONTROL).map(log::position))
        .containsExactlyElementsOf(java.util.stream.IntStream.rangeClosed(1, 24).boxed().toList());
    assertThat(log.epochs().stream().filter(e -> e.phase() == Phase.CONTROL).map(log::position))
        .startsWith(9)
        .endsWith(24)
        .hasSize(16);
  }

  @Test
  void recordsRefuseWhatDoesNotFit() {
    assertThatThrownBy(
            () -> new LayerPrecision("l", true, new int[2], new double[1], List.of(), 0, 0))
        .hasMessage("Layer 'l' has 2 channels but 1 wanted precisions.");
    assertThatThrownBy(
            () ->
                new TrainingLog(
                    List.of("a", "b"),
                    List.of(new Epoch(Phase.SEARCH, 1, 0, 0, 0, 0, new double[1]))))
        .hasMessageContaining("has the bits of 1 groups, but there are 2");
    assertThatThrownBy(
            () -> new Latency(List.of(), new EngineTime("p", 1, 1, 1), 1, 1, 1, List.of()))
        .hasMessageContaining("at least one engine");
  }
}
