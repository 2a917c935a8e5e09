package org.sysmol.core.plan;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A map that is not computed but looked up in others: which channel of which value stands at each
 * channel, which row at each row, which column at each column. Slices, pads, concatenations and
 * channel shuffles only change the view, so that what is left of a chain of them is one {@link
 * Stage.Gather}.
 *
 * @param value by channel the id of the value, or -1 for zeros
 * @param channel by channel the channel of that value
 * @param rows by row a row of the values, or -1 for zeros
 * @param columns by column a column of the values, or -1 for zeros
 * @param dims sizes of the axes that the channels form between the batch and the rows; one but
 *     inside a channel shuffle
 * @param flat true if there are no axes of rows and columns, each being one cell
 */
record View(int[] value, int[] channel, int[] rows, int[] columns, int[] dims, boolean flat) {
  /** Most channels, as many as a tensor may have. */
  static final int MOST = 1 << 20;

  /** A value as it is. */
  static View of(Value value, boolean flat) {
    int[] ids = new int[value.channels()];
    Arrays.fill(ids, value.id());
    return new View(
        ids,
        range(value.channels()),
        range(value.height()),
        range(value.width()),
        new int[] {value.channels()},
        flat);
  }

  static int[] range(int size) {
    int[] range = new int[size];
    Arrays.setAll(range, i -> i);
    return range;
  }

  int channels() {
    return value.length;
  }

  /** Axes, the batch included. */
  int rank() {
    return 1 + dims.length + (flat ? 0 : 2);
  }

  /** The size of an axis behind the batch. */
  int extent(int axis) {
    return axis <= dims.length
        ? dims[axis - 1]
        : axis == dims.length + 1 ? rows.length : columns.length;
  }

  /**
   * The view with other places along one axis.
   *
   * @param axis 1 or more
   * @param from by new place the old one, or -1 for zeros
   */
  View picked(int axis, int[] from) {
    if (axis > dims.length) {
      boolean row = axis == dims.length + 1;
      return new View(
          value,
          channel,
          row ? composed(rows, from) : rows,
          row ? columns : composed(columns, from),
          dims,
          flat);
    }
    int inner = 1;
    for (int d = axis; d < dims.length; d++) {
      inner *= dims[d];
    }
    int size = dims[axis - 1];
    int outer = channels() / (size * inner);
    int[] places = new int[outer * from.length * inner];
    for (int i = 0; i < places.length; i++) {
      int at = from[i / inner % from.length];
      places[i] = at < 0 ? -1 : (i / inner / from.length * size + at) * inner + i % inner;
    }
    int[] sizes = dims.clone();
    sizes[axis - 1] = from.length;
    return moved(places, sizes);
  }

  /** The view with other axes of channels. */
  View shaped(int... sizes) {
    return new View(value, channel, rows, columns, sizes, flat);
  }

  /**
   * The view with its axes of channels in another order.
   *
   * @param order by new axis the old one, both from 0
   */
  View transposed(int[] order) {
    int[] sizes = new int[dims.length];
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= dims[d];
    }
    for (int d = 0; d < sizes.length; d++) {
      sizes[d] = dims[order[d]];
    }
    int[] places = new int[channels()];
    for (int i = 0; i < places.length; i++) {
      int rest = i;
      for (int d = sizes.length - 1; d >= 0; d--) {
        places[i] += rest % sizes[d] * strides[order[d]];
        rest /= sizes[d];
      }
    }
    return moved(places, sizes);
  }

  private View moved(int[] places, int[] sizes) {
    return new View(composed(value, places), composed(channel, places), rows, columns, sizes, flat);
  }

  private static int[] composed(int[] of, int[] places) {
    int[] result = new int[places.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = places[i] < 0 ? -1 : of[places[i]];
    }
    return result;
  }

  /** The channels of views of the same rows and columns, one view behind the other. */
  static View joined(List<View> views) {
    int[] value = {};
    int[] channel = {};
    for (View view : views) {
      value = appended(value, view.value);
      channel = appended(channel, view.channel);
    }
    View first = views.getFirst();
    return new View(
        value, channel, first.rows, first.columns, new int[] {value.length}, first.flat);
  }

  private static int[] appended(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** True if rows and columns are the same, so that the views can be joined. */
  boolean fits(View other) {
    return Arrays.equals(rows, other.rows) && Arrays.equals(columns, other.columns);
  }

  /** The value that it shows unchanged, or -1. */
  int unchanged(List<Value> values) {
    int id = value[0];
    if (id < 0) {
      return -1;
    }
    View whole = of(values.get(id), flat);
    return Arrays.equals(value, whole.value) && Arrays.equals(channel, whole.channel) && fits(whole)
        ? id
        : -1;
  }

  /** Ids of the values it looks at, in the order of their first channels. */
  List<Integer> values() {
    return Arrays.stream(value).filter(id -> id >= 0).distinct().boxed().toList();
  }

  /** The stage that makes it a value of its own. */
  Stage.Gather stage(String name, List<Value> values, int output) {
    Map<Integer, Integer> first = new LinkedHashMap<>();
    int channels = 0;
    for (int id : values()) {
      first.put(id, channels);
      channels += values.get(id).channels();
    }
    int[] from = new int[value.length];
    for (int c = 0; c < from.length; c++) {
      Integer start = first.get(value[c]);
      from[c] = start == null ? -1 : start + channel[c];
    }
    return new Stage.Gather(name, List.copyOf(first.keySet()), from, rows, columns, output);
  }
}
