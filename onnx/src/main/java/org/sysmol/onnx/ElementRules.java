package org.sysmol.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import org.sysmol.core.network.Operator;

/** Operators that work cell by cell, or on whole maps. */
final class ElementRules {
  private ElementRules() {}

  /** An operator on one tensor that keeps its sizes. */
  static Rule unary(Operator operator) {
    return attributes ->
        node -> {
          node.requireInputs(1, 1);
          node.emit(operator, node.sizes(0));
        };
  }

  /** An operator on two tensors, or the same on whole numbers of the shape arithmetic. */
  static Rule binary(Operator operator, BinaryOperator<Dim> onNumbers) {
    return attributes ->
        node -> {
          node.requireInputs(2, 2);
          if (node.isNumbers(0) && node.isNumbers(1)) {
            node.define(combine(node, onNumbers));
          } else {
            node.emit(operator, Sizes.broadcast(node, node.sizes(0), node.sizes(1)));
          }
        };
  }

  private static Value combine(NodeContext node, BinaryOperator<Dim> onNumbers) {
    Value.Numbers left = node.numbers(0);
    Value.Numbers right = node.numbers(1);
    Sizes.broadcast(node, node.anySizes(0), node.anySizes(1));
    int[] shape = Elementwise.broadcast(left.shape(), right.shape());
    int[] leftCells = Elementwise.cells(left.shape(), shape);
    int[] rightCells = Elementwise.cells(right.shape(), shape);
    Dim[] elements = new Dim[leftCells.length];
    for (int cell = 0; cell < elements.length; cell++) {
      elements[cell] =
          onNumbers.apply(left.elements()[leftCells[cell]], right.elements()[rightCells[cell]]);
    }
    return new Value.Numbers(shape, elements);
  }

  /** A pool over whole maps. */
  static Rule globalPool(Operator operator) {
    return attributes ->
        node -> {
          node.requireInputs(1, 1);
          Dim[] sizes = node.sizes(0).clone();
          if (sizes.length < 3) {
            throw node.broken("works on sizes " + List.of(sizes) + ", which are no map");
          }
          Arrays.fill(sizes, 2, sizes.length, Dim.of(1));
          node.emit(operator, sizes);
        };
  }

  /** HardSigmoid. */
  static Rule.Step hardSigmoid(Attributes attributes) {
    var hard =
        new Operator.HardSigmoid(
            attributes.decimal("alpha", 0.2f), attributes.decimal("beta", 0.5f));
    return node -> {
      node.requireInputs(1, 1);
      node.emit(hard, node.sizes(0));
    };
  }

  /** LeakyRelu. */
  static Rule.Step leakyRelu(Attributes attributes) {
    var leaky = new Operator.LeakyRelu(attributes.decimal("alpha", 0.01f));
    return node -> {
      node.requireInputs(1, 1);
      node.emit(leaky, node.sizes(0));
    };
  }

  /** PRelu with one slope. */
  static Rule.Step parametricRelu(Attributes attributes) {
    return node -> {
      node.requireInputs(2, 2);
      if (!(node.value(1) instanceof Value.Floats floats)) {
        throw node.refuse("computed slopes");
      }
      float[] slopes = floats.tensor().data();
      if (slopes.length == 0) {
        throw node.broken("has no slope");
      }
      for (float slope : slopes) {
        if (slope != slopes[0]) {
          throw node.refuse("a slope of its own for each channel");
        }
      }
      node.emitOnFirst(1, new Operator.LeakyRelu(slopes[0]), node.sizes(0));
    };
  }

  /** Elu. */
  static Rule.Step elu(Attributes attributes) {
    var elu = new Operator.Elu(attributes.decimal("alpha", 1f));
    return node -> {
      node.requireInputs(1, 1);
      node.emit(elu, node.sizes(0));
    };
  }

  /** Gelu. */
  static Rule.Step gelu(Attributes attributes) {
    String approximate = attributes.text("approximate", "none");
    if (!approximate.equals("none") && !approximate.equals("tanh")) {
      throw attributes.refuse("approximate " + approximate);
    }
    var gelu = new Operator.Gelu(approximate.equals("tanh"));
    return node -> {
      node.requireInputs(1, 1);
      node.emit(gelu, node.sizes(0));
    };
  }

  /** Clip: bounds are attributes up to opset 10, inputs from 11. */
  static Rule.Step clip(Attributes attributes) {
    boolean byInput = attributes.opset() >= 11;
    float least =
        byInput ? Float.NEGATIVE_INFINITY : attributes.decimal("min", Float.NEGATIVE_INFINITY);
    float most =
        byInput ? Float.POSITIVE_INFINITY : attributes.decimal("max", Float.POSITIVE_INFINITY);
    return node -> {
      node.requireInputs(1, byInput ? 3 : 1);
      float min = byInput ? node.scalar(1, least) : least;
      float max = byInput ? node.scalar(2, most) : most;
      if (Float.isNaN(min) || Float.isNaN(max)) {
        throw node.broken("has a bound that is not a number");
      }
      node.emitOnFirst(1, new Operator.Clip(min, max), node.sizes(0));
    };
  }

  /** ReduceMean: axes are an attribute up to opset 17, an input from 18. */
  static Rule.Step reduceMean(Attributes attributes) {
    boolean keep = attributes.flag("keepdims", true);
    boolean byInput = attributes.opset() >= 18;
    boolean emptyIsNone = byInput && attributes.flag("noop_with_empty_axes", false);
    int[] listed = byInput ? null : attributes.axes("axes");
    return node -> {
      node.requireInputs(1, byInput ? 2 : 1);
      Dim[] sizes = node.sizes(0);
      int[] axes = listed == null ? new int[0] : listed;
      if (byInput && node.has(1)) {
        axes = node.axes(1);
      }
      if (axes.length == 0 && emptyIsNone) {
        node.alias(0);
        return;
      }
      if (axes.length == 0) {
        axes = new int[sizes.length];
        Arrays.setAll(axes, axis -> axis);
      }
      axes = node.resolved(axes, sizes.length);
      boolean[] gone = new boolean[sizes.length];
      for (int axis : axes) {
        gone[axis] = true;
      }
      Dim[] result = new Dim[sizes.length];
      int rank = 0;
      for (int axis = 0; axis < sizes.length; axis++) {
        if (keep || !gone[axis]) {
          result[rank++] = gone[axis] ? Dim.of(1) : sizes[axis];
        }
      }
      node.emitOnFirst(1, new Operator.ReduceMean(axes, keep), Arrays.copyOf(result, rank));
    };
  }
}
