package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Tensor;

/** Constants, and what turns tensors into the whole numbers of the shape arithmetic and back. */
final class ConstantRules {
  private static final long MOST_NUMBERS = 1 << 16;

  private ConstantRules() {}

  /** Identity: another name. */
  static Rule.Step identity(Attributes attributes) {
    return node -> {
      node.requireInputs(1, 1);
      node.alias(0);
    };
  }

  /** Constant: exactly one of its forms. */
  static Rule.Step constant(Attributes attributes) {
    @Nullable TensorProto tensor = attributes.tensor("value");
    Value given = null;
    if (attributes.opset() >= 12) {
      if (attributes.has("value_float")) {
        given = floats(new float[] {attributes.decimal("value_float", 0)});
      }
      float[] floats = attributes.decimals("value_floats");
      if (floats != null) {
        given = new Value.Floats(Tensor.of(floats, floats.length));
      }
      if (attributes.has("value_int")) {
        given =
            new Value.Numbers(new int[0], new Dim[] {Dim.of(attributes.integer("value_int", 0))});
      }
      long[] whole = attributes.integers("value_ints");
      if (whole != null) {
        Dim[] elements = Arrays.stream(whole).mapToObj(Dim::of).toArray(Dim[]::new);
        given = new Value.Numbers(new int[] {whole.length}, elements);
      }
    }
    attributes.finish();
    if ((tensor == null) == (given == null)) {
      throw attributes.broken("must have exactly one value");
    }
    Value value = given;
    return node -> {
      node.requireInputs(0, 0);
      node.define(tensor != null ? node.tensor(tensor) : Objects.requireNonNull(value));
    };
  }

  private static Value floats(float[] scalar) {
    return new Value.Floats(Tensor.of(scalar));
  }

  /** ConstantOfShape with a known shape. */
  static Rule.Step constantOfShape(Attributes attributes) {
    @Nullable TensorProto tensor = attributes.tensor("value");
    return node -> {
      node.requireInputs(1, 1);
      long[] sizes = node.knownNumbers(0);
      int[] shape = new int[sizes.length];
      long cells = 1;
      for (int axis = 0; axis < shape.length; axis++) {
        if (sizes[axis] < 0 || sizes[axis] > MOST_NUMBERS || cells * sizes[axis] > MOST_NUMBERS) {
          throw node.refuse("a size of " + sizes[axis] + " cells");
        }
        shape[axis] = (int) sizes[axis];
        cells *= shape[axis];
      }
      Value filler = tensor == null ? floats(new float[1]) : node.tensor(tensor);
      switch (filler) {
        case Value.Numbers numbers when numbers.elements().length == 1 -> {
          Dim[] elements = new Dim[(int) cells];
          Arrays.fill(elements, numbers.elements()[0]);
          node.define(new Value.Numbers(shape, elements));
        }
        case Value.Floats floats when floats.tensor().data().length == 1 -> {
          float[] data = new float[(int) cells];
          Arrays.fill(data, floats.tensor().data()[0]);
          node.define(new Value.Floats(Tensor.of(data, shape)));
        }
        default -> throw node.broken("has a value that is not one number");
      }
    };
  }

  /** Shape, whole or in part. */
  static Rule.Step shape(Attributes attributes) {
    boolean parts = attributes.opset() >= 15;
    long start = parts ? attributes.integer("start", 0) : 0;
    long end = parts ? attributes.integer("end", Long.MAX_VALUE) : Long.MAX_VALUE;
    return node -> {
      node.requireInputs(1, 1);
      Dim[] sizes = node.anySizes(0);
      int rank = sizes.length;
      int from = Math.clamp(start < 0 ? start + rank : start, 0, rank);
      int to = Math.clamp(end < 0 ? end + rank : end, 0, rank);
      Dim[] part = Arrays.copyOfRange(sizes, from, Math.max(from, to));
      node.define(new Value.Numbers(new int[] {part.length}, part));
    };
  }

  /** Cast between float32 and whole numbers, as far as nothing is rounded at a run. */
  static Rule.Step cast(Attributes attributes) {
    long to = attributes.integer("to", 0);
    if (attributes.opset() >= 19) {
      attributes.flag("saturate", true); // only for 8-bit floats, which are refused
    }
    boolean toFloat = to == TensorProto.DataType.FLOAT_VALUE;
    boolean toWhole =
        to == TensorProto.DataType.INT64_VALUE || to == TensorProto.DataType.INT32_VALUE;
    if (!toFloat && !toWhole) {
      throw attributes.refuse("type " + TensorReader.typeName(Math.clamp(to, 0, 1000)));
    }
    return node -> {
      node.requireInputs(1, 1);
      switch (node.value(0)) {
        case Value.Numbers numbers when toWhole -> node.define(numbers);
        case Value.Numbers numbers -> {
          long[] values = node.knownNumbers(0);
          float[] data = new float[values.length];
          for (int index = 0; index < data.length; index++) {
            data[index] = values[index];
          }
          node.define(new Value.Floats(Tensor.of(data, numbers.shape())));
        }
        case Value.Floats floats when toWhole -> node.define(whole(node, floats.tensor()));
        default -> {
          if (toWhole) {
            throw node.refuse("whole numbers of a computed tensor");
          }
          node.alias(0);
        }
      }
    };
  }

  private static Value whole(NodeContext node, Tensor tensor) {
    if (tensor.data().length > MOST_NUMBERS) {
      throw node.refuse("a large constant to whole numbers");
    }
    Dim[] elements = new Dim[tensor.data().length];
    for (int index = 0; index < elements.length; index++) {
      float value = tensor.data()[index];
      if (!(Math.abs(value) < 1L << 62)) {
        throw node.broken("turns " + value + " into a whole number");
      }
      elements[index] = Dim.of((long) value);
    }
    return new Value.Numbers(tensor.shape(), elements);
  }
}
