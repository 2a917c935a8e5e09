package org.sysmol.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.train.EpochRecord;

/** The epochs of a training as CSV: a line for each, written anew, whole, after every epoch. */
final class TrainingLogFile {
  private final Path file;
  private final String header;

  /** A log of a network's training. */
  TrainingLogFile(Plan plan, Path file) {
    this.file = file;
    StringBuilder names =
        new StringBuilder(
            "phase,epoch,loss,train_accuracy,held_out_accuracy,seconds,images_per_second,bits");
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        names.append(',').append(quoted("bits " + group.name()));
      }
    }
    header = names.append('\n').toString();
  }

  /** Writes all epochs. */
  void write(List<EpochRecord> log) {
    StringBuilder text = new StringBuilder(header);
    for (EpochRecord e : log) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%.6f,%.3f,%s,%s,%s,%.4f",
              e.phase().title(),
              e.epoch(),
              e.loss(),
              e.accuracy(),
              known("%.3f", e.heldOut()),
              known("%.3f", e.seconds()),
              known("%.1f", e.imagesPerSecond()),
              e.bits()));
      for (double bits : e.bitsByGroup()) {
        text.append(String.format(Locale.ROOT, ",%.4f", bits));
      }
      text.append('\n');
    }
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A number, or an empty field where it is not known. */
  private static String known(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }

  /** A field as RFC 4180 has it. */
  private static String quoted(String field) {
    return field.matches("[^\",\r\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
