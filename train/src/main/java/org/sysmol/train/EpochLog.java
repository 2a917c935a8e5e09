package org.sysmol.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.file.Checkpoint;

/** The epochs of a run as the numbers of a checkpoint. */
final class EpochLog {
  private static final String EPOCHS = "log";

  /** Beside the log, not within it, so that checkpoints from before it are still read. */
  private static final String MORE = "log/more";

  private EpochLog() {}

  /** Puts all epochs into a checkpoint. */
  static void write(List<EpochRecord> log, Checkpoint checkpoint) {
    List<Double> numbers = new ArrayList<>();
    double[] more = new double[3 * log.size()];
    for (int e = 0; e < log.size(); e++) {
      EpochRecord r = log.get(e);
      numbers.add((double) r.phase().number());
      numbers.add((double) r.epoch());
      numbers.add(r.loss());
      numbers.add(r.accuracy());
      numbers.add(r.bits());
      numbers.add((double) r.bitsByGroup().length);
      for (double b : r.bitsByGroup()) {
        numbers.add(b);
      }
      more[3 * e] = r.images();
      more[3 * e + 1] = r.seconds();
      more[3 * e + 2] = r.heldOut();
    }
    checkpoint.put(EPOCHS, numbers.stream().mapToDouble(Double::doubleValue).toArray());
    checkpoint.put(MORE, more);
  }

  /** The epochs of a checkpoint; older ones know no time and no held-out images. */
  static List<EpochRecord> read(Checkpoint checkpoint) {
    double[] numbers = checkpoint.doubles(EPOCHS);
    double[] more =
        checkpoint.arrayNames().contains(MORE) ? checkpoint.doubles(MORE) : new double[0];
    List<EpochRecord> log = new ArrayList<>();
    for (int i = 0; i < numbers.length; ) {
      int at = 3 * log.size();
      boolean known = at + 2 < more.length;
      int groups = (int) numbers[i + 5];
      log.add(
          new EpochRecord(
              Phase.of((int) numbers[i]),
              (int) numbers[i + 1],
              numbers[i + 2],
              numbers[i + 3],
              known ? more[at + 2] : Double.NaN,
              numbers[i + 4],
              Arrays.copyOfRange(numbers, i + 6, i + 6 + groups),
              known ? (long) more[at] : 0,
              known ? more[at + 1] : Double.NaN));
      i += 6 + groups;
    }
    return log;
  }
}
