package org.sysmol.data;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * Picture files of any size, each decoded, resized and cropped when it is asked for.
 *
 * <p>Prepared pictures are kept in memory as long as all of them fit into {@link #KEPT_BYTES}; else
 * each is decoded anew every time.
 */
final class PictureSet implements ImageSet {
  private static final long KEPT_BYTES = 256L << 20;

  /**
   * A picture file.
   *
   * @param label its class, or {@link ImageSet#UNLABELLED}
   */
  record Entry(Path file, int label) {}

  private final String name;
  private final List<Entry> entries;
  private final List<String> classNames;
  private final Preprocessing preprocessing;
  private final AtomicReferenceArray<byte[]> kept;

  PictureSet(
      String name, List<Entry> entries, List<String> classNames, Preprocessing preprocessing) {
    this.name = name;
    this.entries = List.copyOf(entries);
    this.classNames = List.copyOf(classNames);
    this.preprocessing = preprocessing;
    boolean keep = (long) entries.size() * preprocessing.pixelCount() <= KEPT_BYTES;
    this.kept = new AtomicReferenceArray<>(keep ? entries.size() : 0);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int count() {
    return entries.size();
  }

  @Override
  public int channels() {
    return preprocessing.channels();
  }

  @Override
  public int height() {
    return preprocessing.height();
  }

  @Override
  public int width() {
    return preprocessing.width();
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int label(int index) {
    return entries.get(index).label();
  }

  @Override
  public String source(int index) {
    return entries.get(index).file().toString();
  }

  @Override
  public void pixels(int index, byte[] hwc) {
    byte[] prepared = index < kept.length() ? kept.get(index) : null;
    if (prepared == null) {
      Path file = entries.get(index).file();
      prepared =
          Resampler.prepare(
              "The picture " + file, Picture.read(file, preprocessing.channels()), preprocessing);
      if (index < kept.length()) {
        kept.set(index, prepared);
      }
    }
    System.arraycopy(prepared, 0, hwc, 0, prepared.length);
  }
}
