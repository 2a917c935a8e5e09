package org.sysmol.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Operator;

/** Operators that move cells, on tensors and on the whole numbers of the shape arithmetic. */
final class LayoutRules {
  private LayoutRules() {}

  private static Value moved(Value.Numbers numbers, Layout layout) {
    Dim[] elements = new Dim[layout.source().length];
    for (int cell = 0; cell < elements.length; cell++) {
      elements[cell] = numbers.elements()[layout.source()[cell]];
    }
    return new Value.Numbers(layout.shape(), elements);
  }

  /** Concat. */
  static Rule.Step concat(Attributes attributes) {
    if (!attributes.has("axis")) {
      throw attributes.broken("has no axis");
    }
    int axis = attributes.axis("axis", 0);
    return node -> {
      node.requireInputs(1, Integer.MAX_VALUE);
      node.requireInputs(node.inputCount(), node.inputCount());
      if (node.isNumbers(0)) {
        node.define(joined(node, axis));
        return;
      }
      Dim[] sizes = node.sizes(0).clone();
      int own = node.axis(axis, sizes.length);
      for (int index = 1; index < node.inputCount(); index++) {
        Dim[] part = node.sizes(index);
        if (part.length != sizes.length) {
          throw node.broken("joins sizes " + List.of(node.sizes(0)) + " and " + List.of(part));
        }
        for (int each = 0; each < sizes.length; each++) {
          if (each == own) {
            sizes[each] = sizes[each].plus(part[each]);
          } else {
            Sizes.requireSame(node, sizes[each], part[each], "the sizes of axis " + each);
            sizes[each] = sizes[each].known() ? sizes[each] : part[each];
          }
        }
      }
      node.emit(new Operator.Concat(own), sizes);
    };
  }

  private static Value joined(NodeContext node, int axis) {
    var elements = new ArrayList<Dim>();
    int first = 0;
    int[] rest = new int[0];
    for (int index = 0; index < node.inputCount(); index++) {
      Value.Numbers part = node.numbers(index);
      if (part.shape().length == 0 || node.axis(axis, part.shape().length) != 0) {
        throw node.refuse("whole numbers along another axis than the first");
      }
      int[] own = Arrays.copyOfRange(part.shape(), 1, part.shape().length);
      if (index > 0 && !Arrays.equals(own, rest)) {
        throw node.broken("joins whole numbers of different sizes");
      }
      rest = own;
      first += part.shape()[0];
      elements.addAll(Arrays.asList(part.elements()));
    }
    int[] shape = new int[rest.length + 1];
    shape[0] = first;
    System.arraycopy(rest, 0, shape, 1, rest.length);
    return new Value.Numbers(shape, elements.toArray(new Dim[0]));
  }

  /** Transpose; without an attribute it reverses the axes. */
  static Rule.Step transpose(Attributes attributes) {
    int[] given = attributes.axes("perm");
    return node -> {
      node.requireInputs(1, 1);
      Dim[] sizes = node.anySizes(0);
      int[] order = given;
      if (order == null) {
        order = new int[sizes.length];
        for (int axis = 0; axis < sizes.length; axis++) {
          order[axis] = sizes.length - 1 - axis;
        }
      }
      if (order.length != sizes.length) {
        throw node.broken("reorders " + order.length + " axes of " + sizes.length);
      }
      order = node.resolved(order, sizes.length);
      if (node.value(0) instanceof Value.Numbers numbers) {
        node.define(moved(numbers, Layout.transpose(numbers.shape(), order)));
        return;
      }
      Dim[] result = new Dim[sizes.length];
      for (int axis = 0; axis < sizes.length; axis++) {
        result[axis] = sizes[order[axis]];
      }
      node.emit(new Operator.Transpose(order), result);
    };
  }

  /** Slice: bounds are attributes up to opset 9, inputs from 10. */
  static Rule.Step slice(Attributes attributes) {
    boolean byInput = attributes.opset() >= 10;
    long[] givenStarts = byInput ? null : attributes.integers("starts");
    long[] givenEnds = byInput ? null : attributes.integers("ends");
    int[] givenAxes = byInput ? null : attributes.axes("axes");
    if (!byInput && (givenStarts == null || givenEnds == null)) {
      throw attributes.broken("has no starts or ends");
    }
    return node -> {
      node.requireInputs(byInput ? 3 : 1, byInput ? 5 : 1);
      long[] starts = givenStarts != null ? givenStarts : node.knownNumbers(1);
      long[] ends = givenEnds != null ? givenEnds : node.knownNumbers(2);
      int[] axes = byInput && node.has(3) ? node.axes(3) : givenAxes;
      long[] steps = byInput && node.has(4) ? node.knownNumbers(4) : null;
      Dim[] sizes = node.anySizes(0);
      Operator.Slice slice = slice(node, sizes.length, axes, starts, ends, steps);
      if (node.value(0) instanceof Value.Numbers numbers) {
        node.define(moved(numbers, Layout.slice(numbers.shape(), slice)));
      } else {
        node.emitOnFirst(1, slice, sliced(sizes, slice));
      }
    };
  }

  private static Operator.Slice slice(
      NodeContext node,
      int rank,
      int @Nullable [] axes,
      long[] starts,
      long[] ends,
      long @Nullable [] steps) {
    int count = starts.length;
    int[] which = axes;
    if (which == null) {
      which = new int[Math.min(count, rank)];
      Arrays.setAll(which, axis -> axis);
    }
    if (which.length != count || ends.length != count || (steps != null && steps.length != count)) {
      throw node.broken("has starts, ends, axes and steps of different lengths");
    }
    int[] from = new int[count];
    int[] to = new int[count];
    int[] by = new int[count];
    for (int index = 0; index < count; index++) {
      // Files write "to the end" as the largest number there is; the axes are shorter than an int.
      from[index] = Math.clamp(starts[index], Integer.MIN_VALUE, Integer.MAX_VALUE);
      to[index] = Math.clamp(ends[index], Integer.MIN_VALUE, Integer.MAX_VALUE);
      by[index] =
          steps == null ? 1 : Math.clamp(steps[index], -Integer.MAX_VALUE, Integer.MAX_VALUE);
      if (by[index] == 0) {
        throw node.broken("has a step of 0");
      }
    }
    return new Operator.Slice(node.resolved(which, rank), from, to, by);
  }

  private static Dim[] sliced(Dim[] sizes, Operator.Slice slice) {
    Dim[] result = sizes.clone();
    for (int index = 0; index < slice.axes().length; index++) {
      Dim size = sizes[slice.axes()[index]];
      int start = slice.starts()[index];
      int end = slice.ends()[index];
      int step = slice.steps()[index];
      if (size.known()) {
        result[slice.axes()[index]] =
            Dim.of(Layout.sliced(Math.toIntExact(size.value()), start, end, step).length);
      } else if (start != 0 || end != Integer.MAX_VALUE || step != 1) {
        result[slice.axes()[index]] =
            Dim.free("slice(" + size + "," + start + "," + end + "," + step + ")");
      }
    }
    return result;
  }

  /** Gather with known indices, from constants and whole numbers. */
  static Rule.Step gather(Attributes attributes) {
    int axis = attributes.axis("axis", 0);
    return node -> {
      node.requireInputs(2, 2);
      Dim[] sizes = node.anySizes(0);
      int own = node.axis(axis, sizes.length);
      long[] given = node.knownNumbers(1);
      int[] indices = new int[given.length];
      for (int at = 0; at < indices.length; at++) {
        long size = sizes[own].value();
        if (sizes[own].known() && (given[at] < -size || given[at] >= size)) {
          throw node.broken("takes the place " + given[at] + " of an axis of " + size);
        }
        indices[at] = (int) (given[at] < 0 ? given[at] + size : given[at]);
      }
      int[] indexShape = node.numbers(1).shape();
      switch (node.value(0)) {
        case Value.Numbers numbers ->
            node.define(moved(numbers, Layout.gather(numbers.shape(), own, indices, indexShape)));
        case Value.Floats floats -> {
          int[] shape = floats.tensor().shape();
          long cells = (long) floats.tensor().data().length / shape[own] * indices.length;
          if (cells > 1 << 24) {
            throw node.refuse("a result of " + cells + " cells");
          }
          Layout layout = Layout.gather(shape, own, indices, indexShape);
          node.define(new Value.Floats(layout.apply(floats.tensor(), 0)));
        }
        default -> taken(node, sizes, own, indices, indexShape.length);
      }
    };
  }

  /** Places at one distance of a computed tensor: a slice, without its axis where it is one. */
  private static void taken(NodeContext node, Dim[] sizes, int axis, int[] indices, int rank) {
    int step = indices.length > 1 ? indices[1] - indices[0] : 1;
    for (int at = 1; at < indices.length; at++) {
      if (indices[at] - indices[at - 1] != step || step < 1) {
        throw node.refuse("places of a computed tensor that are not at one distance");
      }
    }
    int first = indices.length == 0 ? -1 : indices[0];
    if (rank > 1 || first < 0 || (axis == 0 && !sizes[0].known())) {
      throw node.refuse("a computed tensor");
    }
    int end = indices[indices.length - 1] + 1;
    var slice =
        new Operator.Slice(new int[] {axis}, new int[] {first}, new int[] {end}, new int[] {step});
    Dim[] part = sizes.clone();
    part[axis] = Dim.of(indices.length);
    if (rank == 1) {
      node.emitOnFirst(1, slice, part);
      return;
    }
    var left = new ArrayList<>(List.of(part));
    left.remove(axis);
    node.emitTwo(slice, part, new Operator.Squeeze(new int[] {axis}), left.toArray(new Dim[0]));
  }

  /** Split: sizes are an attribute up to opset 12, an input from 13; equal parts without. */
  static Rule.Step split(Attributes attributes) {
    int axis = attributes.axis("axis", 0);
    boolean byInput = attributes.opset() >= 13;
    long[] listed = byInput ? null : attributes.integers("split");
    boolean counts = attributes.opset() >= 18;
    long announced = counts ? attributes.integer("num_outputs", 0) : 0;
    return node -> {
      node.requireInputs(1, byInput ? 2 : 1);
      Dim[] sizes = node.sizes(0);
      int own = node.axis(axis, sizes.length);
      long[] parts = byInput && node.has(1) ? node.knownNumbers(1) : listed;
      if (!sizes[own].known()) {
        throw node.refuse("an axis of free size");
      }
      int size = Math.toIntExact(sizes[own].value());
      int count = node.outputCount();
      if (announced != 0 && parts != null) {
        throw node.broken("has both num_outputs and the sizes of its parts");
      }
      if (announced != 0 && announced != count) {
        throw node.broken("has num_outputs " + announced + " and " + count + " outputs");
      }
      if (parts == null && !counts && size % count != 0) {
        throw node.broken("cuts an axis of " + size + " into " + count + " equal parts");
      }
      if (parts == null) {
        parts = new long[count];
        int each = Math.ceilDiv(size, count);
        Arrays.setAll(parts, at -> Math.min(each, size - (long) at * each));
      }
      if (parts.length != count || Arrays.stream(parts).sum() != size) {
        throw node.broken("cuts an axis of " + size + " into parts of " + Arrays.toString(parts));
      }
      int start = 0;
      for (int at = 0; at < count; at++) {
        if (parts[at] < 1) {
          throw node.broken("has a part of " + parts[at] + " cells");
        }
        int end = Math.toIntExact(start + parts[at]);
        Dim[] result = sizes.clone();
        result[own] = Dim.of(parts[at]);
        int[][] bounds = {{own}, {start}, {end}, {1}};
        node.emitOutput(at, new Operator.Slice(bounds[0], bounds[1], bounds[2], bounds[3]), result);
        start = end;
      }
    };
  }

  /** Pad: sizes and value are attributes up to opset 10, inputs from 11. */
  static Rule.Step pad(Attributes attributes) {
    String mode = attributes.text("mode", "constant");
    Operator.PadMode padMode =
        switch (mode) {
          case "constant" -> Operator.PadMode.CONSTANT;
          case "reflect" -> Operator.PadMode.REFLECT;
          case "edge" -> Operator.PadMode.EDGE;
          default -> throw attributes.refuse("mode " + mode);
        };
    boolean byInput = attributes.opset() >= 11;
    long[] givenPads = byInput ? null : attributes.integers("pads");
    float givenValue = byInput ? 0 : attributes.decimal("value", 0);
    if (!byInput && givenPads == null) {
      throw attributes.broken("has no pads");
    }
    int most = !byInput ? 1 : attributes.opset() >= 18 ? 4 : 3;
    return node -> {
      node.requireInputs(byInput ? 2 : 1, most);
      Dim[] sizes = node.sizes(0);
      long[] values = givenPads != null ? givenPads : node.knownNumbers(1);
      float value = byInput ? node.scalar(2, 0) : givenValue;
      int rank = sizes.length;
      int[] axes = new int[rank];
      Arrays.setAll(axes, axis -> axis);
      if (byInput && node.has(3)) {
        axes = node.resolved(node.axes(3), rank);
      }
      if (values.length != 2 * axes.length) {
        throw node.broken("has " + values.length + " pads for " + axes.length + " axes");
      }
      int[] pads = new int[2 * rank];
      Dim[] result = sizes.clone();
      for (int at = 0; at < axes.length; at++) {
        long begin = values[at];
        long end = values[axes.length + at];
        if (Math.max(Math.abs(begin), Math.abs(end)) > 1 << 24) {
          throw node.broken("has pads of " + begin + " and " + end + " cells");
        }
        pads[axes[at]] = (int) begin;
        pads[rank + axes[at]] = (int) end;
        Dim size = sizes[axes[at]];
        if (padMode == Operator.PadMode.REFLECT
            && size.known()
            && Math.max(begin, end) >= size.value()) {
          throw node.broken("mirrors " + Math.max(begin, end) + " cells of an axis of " + size);
        }
        result[axes[at]] = size.plus(Dim.of(begin + end));
      }
      node.emitOnFirst(1, new Operator.Pad(padMode, pads, value), result);
    };
  }
}
