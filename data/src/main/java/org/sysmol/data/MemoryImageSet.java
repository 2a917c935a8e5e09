package org.sysmol.data;

import java.util.List;
import java.util.Objects;
import org.sysmol.core.SysmolException;

/** Images that lie in memory, one after the other. */
public final class MemoryImageSet implements ImageSet {
  private final String name;
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] pixels;
  private final int[] labels;
  private final List<String> classNames;

  /**
   * Keeps the arrays without copying them: the caller must not change them afterwards.
   *
   * @param name what the set is called in messages
   * @param channels 1 or 3
   * @param pixels unsigned bytes, count x height x width x channels
   * @param labels one per image, 0 to {@code classNames.size() - 1}
   * @throws SysmolException if the sizes do not fit each other or a label has no class
   */
  public MemoryImageSet(
      String name,
      int channels,
      int height,
      int width,
      byte[] pixels,
      int[] labels,
      List<String> classNames) {
    if (labels.length == 0) {
      throw SysmolException.badInput(name + " holds no images, but at least one is needed.");
    }
    if (channels < 1
        || height < 1
        || width < 1
        || pixels.length != (double) labels.length * channels * height * width) {
      throw SysmolException.badInput(
          name
              + " holds "
              + pixels.length
              + " bytes of pixels, which are not "
              + labels.length
              + " images of "
              + height
              + " x "
              + width
              + " x "
              + channels
              + " (height x width x channels).");
    }
    for (int index = 0; index < labels.length; index++) {
      if (labels[index] < 0 || labels[index] >= classNames.size()) {
        throw SysmolException.badInput(
            name
                + " gives image "
                + index
                + " the label "
                + labels[index]
                + ", but with its "
                + classNames.size()
                + " classes labels are 0 to "
                + (classNames.size() - 1)
                + ": the file is damaged, or belongs to a data set with other classes, whose names"
                + " a file classes.txt beside it can give, one in a line.");
      }
    }
    this.name = name;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = pixels;
    this.labels = labels;
    this.classNames = List.copyOf(classNames);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int count() {
    return labels.length;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void pixels(int index, byte[] hwc) {
    Objects.checkIndex(index, labels.length);
    int size = channels * height * width;
    System.arraycopy(pixels, index * size, hwc, 0, size);
  }
}
