package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Operator.PadMode;
import org.sysmol.core.network.Tensor;

/**
 * Nodes that move channels, rows and columns without computing: each changes the {@link View} of
 * its name. What a computing node reads becomes a stage (docs/arithmetic.md §15).
 */
final class Rearrangements {
  private final Network network;
  private final PlanValues values;

  Rearrangements(Network network, PlanValues values) {
    this.network = network;
    this.values = values;
  }

  /** True for nodes that only move what others computed. */
  static boolean moves(Operator operator) {
    return operator instanceof Operator.Slice
        || operator instanceof Operator.Pad
        || operator instanceof Operator.Concat
        || operator instanceof Operator.Transpose
        || operator instanceof Operator.Reshape
        || operator instanceof Operator.Identity;
  }

  void slice(Node node, Operator.Slice slice) {
    View view = values.view(node.inputs().getFirst(), node.name());
    for (int i = 0; i < slice.axes().length; i++) {
      int axis = axis(node, slice.axes()[i], view.rank());
      int step = slice.steps()[i];
      if (axis == 0) {
        if (slice.starts()[i] != 0 || slice.ends()[i] != Integer.MAX_VALUE || step != 1) {
          throw refused(node, "takes a part of the batch");
        }
        continue;
      }
      int size = view.extent(axis);
      int[] from = sliced(size, slice.starts()[i], slice.ends()[i], step);
      if (from.length == 0) {
        throw refused(node, "leaves nothing of axis " + axis);
      }
      view = view.picked(axis, from);
    }
    values.put(node.output(), view);
  }

  private static int[] sliced(int size, int start, int end, int step) {
    long first = start < 0 ? (long) start + size : start;
    long last = end < 0 ? (long) end + size : end;
    List<Integer> from = new ArrayList<>();
    if (step > 0) {
      last = Math.min(last, size);
      for (long at = Math.max(first, 0); at < last; at += step) {
        from.add((int) at);
      }
    } else {
      last = Math.max(last, -1);
      for (long at = Math.min(first, size - 1L); at > last; at += step) {
        from.add((int) at);
      }
    }
    return from.stream().mapToInt(Integer::intValue).toArray();
  }

  void pad(Node node, Operator.Pad pad) {
    View view = values.view(node.inputs().getFirst(), node.name());
    int rank = view.rank();
    if (pad.pads().length != 2 * rank) {
      throw refused(node, "has " + pad.pads().length + " pads for " + rank + " axes");
    }
    for (int axis = 0; axis < rank; axis++) {
      int before = pad.pads()[axis];
      int behind = pad.pads()[rank + axis];
      if (before == 0 && behind == 0) {
        continue;
      }
      if (axis == 0) {
        throw refused(node, "pads the batch");
      }
      long size = (long) view.extent(axis) + before + behind;
      if (size < 1 || size > View.MOST) {
        throw refused(node, "makes axis " + axis + " " + size + " long");
      }
      int[] from = new int[(int) size];
      for (int i = 0; i < from.length; i++) {
        from[i] = padded(i - (long) before, view.extent(axis), pad.mode());
        if (from[i] == -2) {
          throw refused(node, "mirrors more than axis " + axis + " has");
        }
      }
      if (pad.value() != 0 && Arrays.stream(from).anyMatch(i -> i < 0)) {
        throw refused(node, "pads with " + pad.value() + " instead of 0");
      }
      view = view.picked(axis, from);
    }
    values.put(node.output(), view);
  }

  /** The cell that stands at a place, -1 for a constant, -2 if there is none. */
  private static int padded(long at, int size, PadMode mode) {
    if (at >= 0 && at < size) {
      return (int) at;
    }
    return switch (mode) {
      case CONSTANT -> -1;
      case EDGE -> at < 0 ? 0 : size - 1;
      case REFLECT -> {
        long mirrored = at < 0 ? -at : 2L * (size - 1) - at;
        yield mirrored >= 0 && mirrored < size ? (int) mirrored : -2;
      }
    };
  }

  void concat(Node node, Operator.Concat concat) {
    List<View> views = new ArrayList<>();
    long channels = 0;
    for (String input : node.inputs()) {
      View view = values.view(input, node.name());
      if (view.dims().length != 1 || axis(node, concat.axis(), view.rank()) != 1) {
        throw refused(node, "joins maps along another axis than their channels");
      }
      channels += view.channels();
      views.add(view);
    }
    if (channels > View.MOST) {
      throw refused(node, "joins " + channels + " channels");
    }
    View first = views.getFirst();
    for (View view : views) {
      if (view.flat() != first.flat()
          || view.rows().length != first.rows().length
          || view.columns().length != first.columns().length) {
        throw refused(node, "joins maps of different sizes");
      }
    }
    // Views through different rows or columns, or of values of different sizes, become values.
    if (!views.stream().allMatch(view -> view.fits(first)) || sizes(views) > 1) {
      for (int i = 0; i < views.size(); i++) {
        Value value = values.value(views.get(i), node.inputs().get(i));
        views.set(i, View.of(value, first.flat()));
      }
    }
    values.put(node.output(), View.joined(views));
  }

  /** How many sizes the values of views have. */
  private long sizes(List<View> views) {
    return views.stream()
        .flatMap(view -> view.values().stream())
        .map(id -> List.of(values.get(id).height(), values.get(id).width()))
        .distinct()
        .count();
  }

  void transpose(Node node, Operator.Transpose transpose) {
    View view = values.view(node.inputs().getFirst(), node.name());
    int rank = view.rank();
    int[] order = transpose.permutation();
    boolean fits = order.length == rank;
    int[] channels = new int[view.dims().length];
    for (int axis = 0; fits && axis < rank; axis++) {
      int from = axis(node, order[axis], rank);
      boolean moves = axis >= 1 && axis <= channels.length;
      fits = moves ? from >= 1 && from <= channels.length : from == axis;
      if (fits && moves) {
        channels[axis - 1] = from - 1;
      }
    }
    if (!fits || Arrays.stream(channels).distinct().count() < channels.length) {
      throw refused(node, "moves other axes than those between batch and rows");
    }
    values.put(node.output(), view.transposed(channels));
  }

  /**
   * A reshape that only cuts the channels into axes or puts these together.
   *
   * @return false if it does something else
   */
  boolean reshape(Node node) {
    Tensor target = network.requireConstant(node.inputs().get(1));
    View view = values.view(node.inputs().getFirst(), node.name());
    int spatial = view.flat() ? 0 : 2;
    float[] sizes = target.data();
    int axes = sizes.length - 1 - spatial;
    if (axes < 1 || axes > 8 || sizes.length == 2) {
      return false;
    }
    long known = 1;
    int open = -1;
    int[] dims = new int[axes];
    for (int i = 0; i < sizes.length; i++) {
      float size = sizes[i];
      if (size == 0 && i < view.rank()) {
        size = i == 0 ? -1 : view.extent(i);
      }
      boolean channel = i >= 1 && i <= axes;
      if (channel && size == -1 && open < 0) {
        open = i - 1;
      } else if (channel) {
        if (!(size >= 1 && size <= View.MOST && known * (long) size <= View.MOST)) {
          return false;
        }
        dims[i - 1] = (int) size;
        known *= dims[i - 1];
      } else if (i > axes && size != view.extent(view.rank() - sizes.length + i) && size != -1) {
        return false;
      }
    }
    if (open >= 0) {
      if (view.channels() % known != 0) {
        return false;
      }
      dims[open] = (int) (view.channels() / known);
      known *= dims[open];
    }
    if (known != view.channels()) {
      return false;
    }
    values.put(node.output(), view.shaped(dims));
    return true;
  }

  /** Drops an axis of one channel that a channel shuffle left. */
  boolean squeeze(Node node, Operator.Squeeze squeeze) {
    View view = values.pending(node.inputs().getFirst());
    if (view == null || view.dims().length < 2) {
      return false;
    }
    int[] dims = view.dims();
    boolean[] gone = new boolean[dims.length + 1];
    for (int given : squeeze.axes()) {
      int axis = axis(node, given, view.rank());
      if (axis < 1 || axis > dims.length || dims[axis - 1] != 1) {
        return false;
      }
      gone[axis] = true;
    }
    int[] left = new int[dims.length];
    int count = 0;
    for (int axis = 1; axis <= dims.length; axis++) {
      if (!gone[axis]) {
        left[count++] = dims[axis - 1];
      }
    }
    if (count == 0) {
      return false;
    }
    values.put(node.output(), view.shaped(Arrays.copyOf(left, count)));
    return true;
  }

  /**
   * Zeros around a whole value, which a convolution can take for its own padding: the value's id
   * and the rows and columns on each side.
   */
  record Border(int value, int top, int left, int bottom, int right) {}

  /** The border that a name stands for, or null. */
  @Nullable Border border(String name) {
    View view = values.pending(name);
    if (view == null || view.flat() || view.dims().length != 1 || view.values().size() != 1) {
      return null;
    }
    int id = view.values().getFirst();
    Value value = values.get(id);
    View whole = View.of(value, false);
    int top = leading(view.rows());
    int left = leading(view.columns());
    int bottom = view.rows().length - top - value.height();
    int right = view.columns().length - left - value.width();
    boolean fits =
        bottom >= 0
            && right >= 0
            && Arrays.equals(view.value(), whole.value())
            && Arrays.equals(view.channel(), whole.channel())
            && surrounded(view.rows(), top, value.height())
            && surrounded(view.columns(), left, value.width());
    return fits ? new Border(id, top, left, bottom, right) : null;
  }

  private static int leading(int[] from) {
    int count = 0;
    while (count < from.length && from[count] < 0) {
      count++;
    }
    return count;
  }

  private static boolean surrounded(int[] from, int before, int size) {
    for (int i = 0; i < from.length; i++) {
      int expected = i >= before && i < before + size ? i - before : -1;
      if (from[i] != expected) {
        return false;
      }
    }
    return true;
  }

  private int axis(Node node, int axis, int rank) {
    int own = axis < 0 ? axis + rank : axis;
    if (own < 0 || own >= rank) {
      throw refused(node, "names axis " + axis + " of " + rank);
    }
    return own;
  }

  private SysmolException refused(Node node, String what) {
    return SysmolException.badInput(
        "Network "
            + network.name()
            + " cannot be quantised: "
            + node.name()
            + " ("
            + node.operator().kind()
            + ") "
            + what
            + ".");
  }
}
