package org.sysmol.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Operators that only call the same cells by other sizes. */
final class ReshapeRules {
  /** Sizes are stored as floats, which hold every whole number up to this one. */
  private static final long LARGEST_SIZE = 1 << 24;

  private ReshapeRules() {}

  /** Reshape: the target must be known but for free sizes that the data has too. */
  static Rule.Step reshape(Attributes attributes) {
    boolean allowZero = attributes.opset() >= 14 && attributes.flag("allowzero", false);
    return node -> {
      node.requireInputs(2, 2);
      Dim[] data = node.anySizes(0);
      Value.Numbers given = node.numbers(1);
      if (given.shape().length != 1) {
        throw node.broken("has a target shape that is not a list");
      }
      Dim[] target = given.elements();
      if (allowZero && Arrays.stream(target).anyMatch(size -> size.is(0))) {
        throw node.refuse("allowzero and a size of 0");
      }
      float[] entries = entries(node, data, target);
      Dim[] sizes = sizes(node, data, target, entries);
      if (node.value(0) instanceof Value.Numbers numbers) {
        int[] shape = new int[sizes.length];
        for (int axis = 0; axis < shape.length; axis++) {
          shape[axis] = Math.toIntExact(sizes[axis].value());
        }
        node.define(new Value.Numbers(shape, numbers.elements()));
        return;
      }
      warnIfFixed(node, data, entries);
      node.emitWith(new Operator.Reshape(false), Tensor.of(entries, entries.length), sizes);
    };
  }

  /** The target with 0 where it repeats the data's own free size, -1 for one other free size. */
  private static float[] entries(NodeContext node, Dim[] data, Dim[] target) {
    float[] entries = new float[target.length];
    int open = -1;
    for (int axis = 0; axis < target.length; axis++) {
      Dim size = target[axis];
      boolean inferred = size.is(-1);
      if (size.known() && size.value() >= 0 && size.value() <= LARGEST_SIZE) {
        if (size.value() == 0 && axis >= data.length) {
          throw node.broken("keeps axis " + axis + " of a tensor of " + data.length);
        }
        entries[axis] = size.value();
      } else if (size.known() && !inferred) {
        throw node.broken("has a target size of " + size);
      } else if (!inferred && axis < data.length && data[axis].equals(size)) {
        entries[axis] = 0;
      } else if (open < 0) {
        entries[axis] = -1;
        open = axis;
      } else if (inferred && target[open].is(-1)) {
        throw node.broken("has two target sizes of -1");
      } else {
        throw node.refuse("a target shape " + List.of(target) + " of more than one free size");
      }
    }
    return entries;
  }

  private static Dim[] sizes(NodeContext node, Dim[] data, Dim[] target, float[] entries) {
    Dim[] sizes = new Dim[target.length];
    var left = new ArrayList<Dim>(List.of(data));
    long known = 1;
    int open = -1;
    for (int axis = 0; axis < target.length; axis++) {
      if (entries[axis] == 0) {
        sizes[axis] = data[axis];
        left.remove(data[axis]);
      } else if (entries[axis] == -1) {
        open = axis;
      } else {
        sizes[axis] = target[axis];
        known = Math.multiplyExact(known, target[axis].value());
      }
    }
    long cells = 1;
    var free = new ArrayList<Dim>();
    for (Dim size : left) {
      if (size.known()) {
        cells = Math.multiplyExact(cells, size.value());
      } else {
        free.add(size);
      }
    }
    boolean fits = open >= 0 ? known != 0 && cells % known == 0 : cells == known;
    if (free.isEmpty() && !fits) {
      throw node.broken(
          "can't give a tensor of sizes " + List.of(data) + " the sizes " + List.of(target));
    }
    if (open >= 0) {
      if (!target[open].known()) {
        sizes[open] = target[open];
      } else if (fits) {
        sizes[open] = free.stream().reduce(Dim.of(cells / known), Dim::times);
      } else {
        Dim all = free.stream().reduce(Dim.of(cells), Dim::times);
        sizes[open] = Dim.free("(" + all + "/" + known + ")");
      }
    }
    return sizes;
  }

  private static void warnIfFixed(NodeContext node, Dim[] data, float[] entries) {
    if (data.length > 0 && !data[0].known() && entries.length > 0 && entries[0] > 0) {
      node.warn(
          "fixes the first size to "
              + (long) entries[0]
              + " although the batch is free: other batches than the one it was made for end in an"
              + " error there.");
    }
  }

  /** Flatten. */
  static Rule.Step flatten(Attributes attributes) {
    int axis = attributes.axis("axis", 1);
    return node -> {
      node.requireInputs(1, 1);
      Dim[] sizes = node.sizes(0);
      int own = axis == sizes.length ? axis : node.axis(axis, sizes.length);
      node.emit(
          new Operator.Flatten(own),
          Sizes.product(Arrays.copyOf(sizes, own)),
          Sizes.product(Arrays.copyOfRange(sizes, own, sizes.length)));
    };
  }

  /**
   * Squeeze: axes are an attribute up to opset 12, an input from 13; without any, all of size 1.
   */
  static Rule.Step squeeze(Attributes attributes) {
    boolean byInput = attributes.opset() >= 13;
    int[] listed = byInput ? null : attributes.axes("axes");
    return node -> {
      node.requireInputs(1, byInput ? 2 : 1);
      Dim[] sizes = node.anySizes(0);
      boolean[] gone = new boolean[sizes.length];
      if (listed != null || node.has(1)) {
        for (int axis : node.resolved(listed != null ? listed : node.axes(1), sizes.length)) {
          if (sizes[axis].known() && !sizes[axis].is(1)) {
            throw node.broken("drops axis " + axis + " of sizes " + List.of(sizes));
          }
          gone[axis] = true;
        }
      } else {
        for (int axis = 0; axis < gone.length; axis++) {
          if (!sizes[axis].known()) {
            throw node.refuse("free sizes and no axes");
          }
          gone[axis] = sizes[axis].is(1);
        }
      }
      var kept = new ArrayList<Dim>();
      var axes = new ArrayList<Integer>();
      for (int axis = 0; axis < gone.length; axis++) {
        if (gone[axis]) {
          axes.add(axis);
        } else {
          kept.add(sizes[axis]);
        }
      }
      Dim[] result = kept.toArray(new Dim[0]);
      if (node.value(0) instanceof Value.Numbers numbers) {
        node.define(renamed(numbers, result));
      } else if (axes.isEmpty()) {
        node.alias(0);
      } else {
        int[] dropped = axes.stream().mapToInt(Integer::intValue).toArray();
        node.emitOnFirst(1, new Operator.Squeeze(dropped), result);
      }
    };
  }

  /** Unsqueeze: axes are an attribute up to opset 12, an input from 13. */
  static Rule.Step unsqueeze(Attributes attributes) {
    boolean byInput = attributes.opset() >= 13;
    int[] listed = byInput ? null : attributes.axes("axes");
    if (!byInput && listed == null) {
      throw attributes.broken("has no axes");
    }
    return node -> {
      node.requireInputs(byInput ? 2 : 1, byInput ? 2 : 1);
      Dim[] sizes = node.anySizes(0);
      int[] given = listed != null ? listed : node.axes(1);
      int[] axes = node.resolved(given, sizes.length + given.length);
      Arrays.sort(axes);
      var result = new ArrayList<Dim>(List.of(sizes));
      for (int axis : axes) {
        result.add(axis, Dim.of(1));
      }
      Dim[] inserted = result.toArray(new Dim[0]);
      if (node.value(0) instanceof Value.Numbers numbers) {
        node.define(renamed(numbers, inserted));
      } else {
        node.emitOnFirst(1, new Operator.Unsqueeze(axes), inserted);
      }
    };
  }

  private static Value renamed(Value.Numbers numbers, Dim[] sizes) {
    int[] shape = new int[sizes.length];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = Math.toIntExact(sizes[axis].value());
    }
    return new Value.Numbers(shape, numbers.elements());
  }
}
