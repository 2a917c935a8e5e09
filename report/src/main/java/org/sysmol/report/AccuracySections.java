package org.sysmol.report;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.report.TrainingLog.Phase;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** Accuracy and size, before and after. */
public final class AccuracySections {
  private AccuracySections() {}

  /** Accuracies against the honest baseline. */
  public static Section accuracy(Accuracy accuracy, TrainingLog training) {
    int full = training.length(Phase.FULL_PRECISION);
    int search = training.length(Phase.SEARCH);
    int fineTune = training.length(Phase.FINE_TUNE);
    int control = training.length(Phase.CONTROL);
    var blocks = new ArrayList<Block>();
    blocks.add(
        new Block.Paragraph(
            "The baseline is honest about training time. The quantised network was trained for %d epochs in full precision, then %d of precision search and %d of fine-tuning. Compared with the network after its first %d epochs, it would be credited with whatever longer training brings. So a copy of that network was trained on in full precision for %d more epochs on the same data, and that copy is the baseline."
                .formatted(full, search, fineTune, full, control)));
    if (control != search + fineTune) {
      blocks.add(
          new Block.Notice(
              Block.Tone.BAD,
              "The baseline was trained on for %d epochs, not for the %d that search and fine-tuning take: the comparison is not fair."
                  .formatted(control, search + fineTune)));
    }
    blocks.add(
        new Block.Table(
            "Accuracy on %s test images".formatted(Numbers.count(accuracy.testImages())),
            List.of(
                Column.text("network"),
                Column.number("epochs"),
                Column.number("accuracy"),
                Column.number("against the baseline")),
            rows(accuracy, full, control, search, fineTune)));
    double error = Accuracy.standardError(accuracy.quantised(), accuracy.testImages());
    blocks.add(
        new Block.Paragraph(
            "This is one seed. An accuracy on %s images has a standard error of %s points from the choice of the images alone."
                .formatted(Numbers.count(accuracy.testImages()), Numbers.fixed(error, 2))));
    return new Section("Accuracy", blocks);
  }

  /** Rows of what was measured. */
  private static List<List<String>> rows(
      Accuracy accuracy, int full, int control, int search, int fineTune) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("full precision, start of the search", full, accuracy.fp32Start(), accuracy));
    rows.add(
        row(
            "full precision, trained on: the baseline",
            full + control,
            accuracy.fp32Control(),
            accuracy));
    if (Double.isFinite(accuracy.quantisedBeforeFineTune())) {
      rows.add(
          row(
              "quantised, precisions just assigned",
              full + search,
              accuracy.quantisedBeforeFineTune(),
              accuracy));
    }
    rows.add(
        row(
            "quantised, fine-tuned: the result",
            full + search + fineTune,
            accuracy.quantised(),
            accuracy));
    return rows;
  }

  private static List<String> row(String name, int epochs, double percent, Accuracy accuracy) {
    return List.of(
        name,
        Integer.toString(epochs),
        Numbers.percent(percent),
        Numbers.points(percent - accuracy.fp32Control()));
  }

  /** Bits and bytes. */
  public static Section size(Size size) {
    return new Section(
        "Size",
        List.of(
            new Block.Paragraph(
                "Three counts of bits that are easily confused. The budget is about the first, which includes the edge layers (the first convolution and the last linear layer) at their 8 bits."),
            new Block.Table(
                "Bits",
                List.of(Column.text("counted over"), Column.number("bits")),
                List.of(
                    List.of("all weights, edge layers included", Numbers.fixed(size.bitsAll(), 3)),
                    List.of("budget for all weights", Numbers.decimal(size.budget(), 3)),
                    List.of(
                        "weights of the searched layers", Numbers.fixed(size.bitsSearched(), 3)),
                    List.of(
                        "multiply-accumulates of the searched layers",
                        Numbers.fixed(size.bitsSearchedByMacs(), 3)))),
            new Block.Table(
                "Bytes",
                List.of(Column.text("network"), Column.number("size")),
                List.of(
                    List.of(
                        "full precision: 4 bytes for each parameter after folding",
                        Numbers.bytes(size.bytesFp32())),
                    List.of("the .smol file with all its tables", Numbers.bytes(size.bytesFile())),
                    List.of("ratio", Numbers.significant(size.ratio()))))));
  }
}
