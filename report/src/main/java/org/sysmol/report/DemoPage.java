package org.sysmol.report;

import java.util.List;
import java.util.Map;
import org.sysmol.core.trained.Provenance;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Block.Figure;
import org.sysmol.report.page.Block.Notice;
import org.sysmol.report.page.Block.Tone;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Page;
import org.sysmol.report.page.Section;

/** The page of {@code sysmol demo}. Each section is public: other pages may use it. */
public final class DemoPage {
  private DemoPage() {}

  /** The whole page. */
  public static Page of(DemoReport report) {
    return new Page(
        "%s on %s, %s bits per weight"
            .formatted(
                report.network(), report.dataset(), Numbers.fixed(report.size().bitsAll(), 2)),
        "Every input channel of every searched layer has its own precision of 1, 2 or 4 bits,"
            + " assigned to the register patterns %s by the rule '%s', seed %d. The whole run took %s s."
                .formatted(
                    report.patterns(),
                    report.assign(),
                    report.seed(),
                    Numbers.significant(report.seconds())),
        List.of(
            summary(report),
            AccuracySections.accuracy(report.accuracy(), report.training()),
            AccuracySections.size(report.size()),
            PrecisionSections.channels(report.layers()),
            PrecisionSections.registers(report.layers(), report.patterns()),
            ErrorSection.of(report.errors()),
            TrainingSection.of(report.training()),
            LatencySection.of(report.latency()),
            RooflineSection.of(report.roofline()),
            agreement(report.agreement()),
            provenance(report.provenance(), report.machine())));
  }

  private static Section summary(DemoReport report) {
    Accuracy accuracy = report.accuracy();
    Size size = report.size();
    Latency latency = report.latency();
    Agreement agreement = report.agreement();
    double speedup = latency.speedup(latency.picked());
    return new Section(
        "In short",
        List.of(
            new Block.Figures(
                List.of(
                    new Figure(
                        "Accuracy, quantised",
                        Numbers.percent(accuracy.quantised()),
                        "full precision %s, difference %s"
                            .formatted(
                                Numbers.percent(accuracy.fp32Control()),
                                Numbers.points(-accuracy.drop()))),
                    new Figure(
                        "Bits per weight",
                        Numbers.fixed(size.bitsAll(), 3),
                        Double.isNaN(size.budget())
                            ? "over all weights, from 32"
                            : "over all weights, budget " + Numbers.decimal(size.budget(), 3)),
                    new Figure(
                        "File, smaller by",
                        Numbers.significant(size.ratio()) + " times",
                        "%s from %s"
                            .formatted(
                                Numbers.bytes(size.bytesFile()), Numbers.bytes(size.bytesFp32()))),
                    new Figure(
                        "Time, " + latency.picked().name(),
                        Numbers.milliseconds(latency.picked().medianMs()),
                        "%s of the speed of %s (%s)"
                            .formatted(
                                Numbers.fixed(speedup, 2) + " times",
                                latency.peer().name(),
                                Numbers.milliseconds(latency.peer().medianMs()))),
                    new Figure(
                        "Mismatches",
                        Numbers.count(agreement.mismatches()),
                        "%s images compared in every layer"
                            .formatted(Numbers.count(agreement.imagesCompared()))))),
            verdict(agreement),
            LatencySection.verdict(latency)));
  }

  private static Notice verdict(Agreement agreement) {
    String parties = String.join(", ", agreement.parties());
    if (agreement.imagesCompared() == 0) {
      return new Notice(Tone.BAD, "The engines were not compared: nothing shows that they agree.");
    }
    return agreement.mismatches() == 0
        ? new Notice(
            Tone.GOOD,
            "All agree bit for bit in every layer on %s images: %s."
                .formatted(Numbers.count(agreement.imagesCompared()), parties))
        : new Notice(
            Tone.BAD,
            "The engines DISAGREE: %s integers differ between %s. Trust no figure on this page."
                .formatted(Numbers.count(agreement.mismatches()), parties));
  }

  /** Whether the engines agree, and over how much. */
  public static Section agreement(Agreement agreement) {
    return new Section(
        "Agreement of the engines",
        List.of(
            new Block.Paragraph(
                "Each engine keeps the integers of every layer of every compared image, and they are"
                    + " compared one by one; no tolerance is allowed."),
            verdict(agreement),
            new Block.Table(
                "What was compared",
                List.of(Column.text("quantity"), Column.number("count")),
                List.of(
                    List.of("images compared", Numbers.count(agreement.imagesCompared())),
                    List.of("integers compared", Numbers.count(agreement.integersCompared())),
                    List.of("mismatches", Numbers.count(agreement.mismatches()))))));
  }

  /** How to make the result again, and where it was made. */
  public static Section provenance(Provenance provenance, Provenance machine) {
    return new Section(
        "Provenance",
        List.of(
            new Block.Paragraph(
                "The same command, seed, data, thread count and CPU class give the same bits. Times"
                    + " hold for this machine only; compare ratios."),
            facts("How to make this again", provenance.facts()),
            facts("The machine", machine.facts())));
  }

  private static Block.Table facts(String caption, Map<String, String> facts) {
    return new Block.Table(
        caption,
        List.of(Column.text("fact"), Column.text("value")),
        facts.entrySet().stream().map(fact -> List.of(fact.getKey(), fact.getValue())).toList());
  }
}
