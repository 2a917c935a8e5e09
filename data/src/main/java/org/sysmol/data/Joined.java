package org.sysmol.data;

import java.util.List;
import java.util.Objects;
import org.sysmol.core.SysmolException;

/** Two sets of the same shape and classes, one after the other. */
record Joined(ImageSet head, ImageSet tail) implements ImageSet {

  Joined {
    if (head.channels() != tail.channels()
        || head.height() != tail.height()
        || head.width() != tail.width()
        || !head.classNames().equals(tail.classNames())) {
      throw SysmolException.badInput(
          head.name()
              + " and "
              + tail.name()
              + " differ in the shape of their images or in their classes, so they can't be read"
              + " as one data set: read them one at a time.");
    }
  }

  @Override
  public String name() {
    return head.name() + " and " + tail.name();
  }

  @Override
  public int count() {
    return Math.addExact(head.count(), tail.count());
  }

  @Override
  public int channels() {
    return head.channels();
  }

  @Override
  public int height() {
    return head.height();
  }

  @Override
  public int width() {
    return head.width();
  }

  @Override
  public List<String> classNames() {
    return head.classNames();
  }

  @Override
  public int label(int index) {
    Objects.checkIndex(index, count());
    return index < head.count() ? head.label(index) : tail.label(index - head.count());
  }

  @Override
  public void pixels(int index, byte[] hwc) {
    Objects.checkIndex(index, count());
    if (index < head.count()) {
      head.pixels(index, hwc);
    } else {
      tail.pixels(index - head.count(), hwc);
    }
  }
}
