package org.sysmol.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.sysmol.report.TrainingLog.Epoch;
import org.sysmol.report.TrainingLog.Phase;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.LineChart;
import org.sysmol.report.page.LineChart.Line;
import org.sysmol.report.page.LineChart.Span;
import org.sysmol.report.page.Section;

/** Bits, accuracy and loss over the epochs. */
public final class TrainingSection {
  private static final Axis EPOCHS = new Axis("epoch", "");
  private static final Predicate<Epoch> CONTROL = epoch -> epoch.phase() == Phase.CONTROL;

  private TrainingSection() {}

  /** True for epochs in which weights have a precision below full. */
  private static boolean isPrecise(Epoch epoch) {
    return epoch.phase() == Phase.SEARCH || epoch.phase() == Phase.FINE_TUNE;
  }

  /** The charts of a training log. */
  public static Section of(TrainingLog log) {
    if (log.epochs().isEmpty()) {
      return new Section(
          "Training", List.of(new Block.Paragraph("No epoch was trained for this result.")));
    }
    var spans = spans(log);
    return new Section(
        "Training",
        List.of(
            new Block.Paragraph(
                "Phases follow one another along the epochs; the baseline was trained on beside search and fine-tuning and is drawn there. A point stands at the end of its epoch. In full precision a weight has 32 bits, which the first chart leaves out."),
            new LineChart(
                "Bits per weight over training",
                "The total over all weights, edge layers included, and each group of channels that shares its precisions.",
                EPOCHS,
                new Axis("bits per weight", "bits"),
                true,
                spans,
                bits(log)),
            new LineChart(
                "Accuracy over training",
                "On training images (with noise or quantisation where the phase has it) and, where some were held out, on images that training never saw.",
                EPOCHS,
                new Axis("accuracy", "%"),
                false,
                spans,
                accuracy(log)),
            new LineChart(
                "Loss over training",
                "Mean loss on the training images.",
                EPOCHS,
                new Axis("loss", "nats per image"),
                true,
                spans,
                List.of(
                    line(log, "loss", true, CONTROL.negate(), Epoch::loss),
                    line(log, "loss, baseline", false, CONTROL, Epoch::loss)))));
  }

  private static List<Line> bits(TrainingLog log) {
    var lines = new ArrayList<Line>();
    lines.add(line(log, "all weights", true, TrainingSection::isPrecise, Epoch::bitsAll));
    for (int group = 0; group < log.groups().size(); group++) {
      int at = group;
      lines.add(
          line(
              log,
              log.groups().get(group),
              false,
              epoch -> isPrecise(epoch) && epoch.bitsByGroup().length > 0,
              epoch -> epoch.bitsByGroup()[at]));
    }
    return lines;
  }

  private static List<Line> accuracy(TrainingLog log) {
    boolean held = log.epochs().stream().anyMatch(e -> !Double.isNaN(e.heldOutAccuracy()));
    var lines = new ArrayList<Line>();
    if (held) {
      String name = "held-out images";
      lines.add(line(log, name, true, CONTROL.negate(), Epoch::heldOutAccuracy));
      lines.add(line(log, name + ", baseline", false, CONTROL, Epoch::heldOutAccuracy));
    }
    String name = "training images";
    lines.add(line(log, name, !held, CONTROL.negate(), Epoch::trainAccuracy));
    lines.add(line(log, name + ", baseline", false, CONTROL, Epoch::trainAccuracy));
    return lines;
  }

  private static Line line(
      TrainingLog log,
      String name,
      boolean strong,
      Predicate<Epoch> which,
      ToDoubleFunction<Epoch> value) {
    var values = new double[log.length()];
    Arrays.fill(values, Double.NaN);
    for (Epoch epoch : log.epochs()) {
      if (which.test(epoch)) {
        values[log.position(epoch) - 1] = value.applyAsDouble(epoch);
      }
    }
    return new Line(name, strong, values);
  }

  private static List<Span> spans(TrainingLog log) {
    var spans = new ArrayList<Span>();
    int last = 0;
    for (Phase phase : List.of(Phase.FULL_PRECISION, Phase.SEARCH, Phase.FINE_TUNE)) {
      int length = log.length(phase);
      if (length > 0) {
        spans.add(new Span(phase.title(), last + 1, last + length));
        last += length;
      }
    }
    return spans;
  }
}
