package org.sysmol.report.simulation;

import java.util.List;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Page;
import org.sysmol.report.page.Section;

/** The page of {@code sysmol simulate}. */
public final class SimulationPage {
  private SimulationPage() {}

  /** The whole page. */
  public static Page of(SimulationReport report) {
    return new Page(
        "%s on a core with %s".formatted(report.network(), report.architecture().name()),
        "%s billion multiply-accumulates for an image, executed instruction by instruction on a core with a mixed unit of the patterns %s, and counted."
            .formatted(
                Numbers.significant(report.gmacs()), report.architecture().patterns().name()),
        List.of(
            TotalsSection.of(report),
            StepSections.latency(report),
            StepSections.energy(report),
            TimelineSection.of(report.timeline()),
            new Section(
                "The unit and its core",
                List.<Block>of(
                    UnitDrawing.of(report.architecture()),
                    PatternDrawing.of(report.architecture().patterns()),
                    CoreDrawing.of(report.architecture().core())))));
  }
}
