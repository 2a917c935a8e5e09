package org.sysmol.data;

import java.util.List;
import java.util.Objects;
import org.sysmol.core.SysmolException;

/** Some images of another set, in an order of their own. */
public final class Selection implements ImageSet {
  private final String name;
  private final ImageSet from;
  private final int[] indices;

  /**
   * Selects by index.
   *
   * @param name what the selection is called in messages
   * @param indices into {@code from}, at least one; an image may be taken more than once
   */
  public Selection(String name, ImageSet from, int[] indices) {
    if (indices.length == 0) {
      throw SysmolException.badInput(
          "No image of " + from.name() + " was selected, but at least one is needed.");
    }
    for (int index : indices) {
      Objects.checkIndex(index, from.count());
    }
    this.name = name;
    this.from = from;
    this.indices = indices.clone();
  }

  @Override
  public String source(int index) {
    return from.source(indices[index]);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int count() {
    return indices.length;
  }

  @Override
  public int channels() {
    return from.channels();
  }

  @Override
  public int height() {
    return from.height();
  }

  @Override
  public int width() {
    return from.width();
  }

  @Override
  public List<String> classNames() {
    return from.classNames();
  }

  @Override
  public int label(int index) {
    return from.label(indices[index]);
  }

  @Override
  public void pixels(int index, byte[] hwc) {
    from.pixels(indices[index], hwc);
  }
}
