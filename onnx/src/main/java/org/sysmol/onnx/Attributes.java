package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;

/**
 * A node's attributes, each read by name and type.
 *
 * <p>Whatever {@link #finish} finds unread is refused by name: no attribute is passed over.
 */
final class Attributes {
  /** Larger window settings than this have no use and would overflow later sums. */
  private static final long LARGEST_SETTING = 1 << 24;

  private final Origin origin;
  private final String node;
  private final String kind;
  private final int opset;
  private final Map<String, AttributeProto> left = new LinkedHashMap<>();

  /** The attributes of {@code proto}, called {@code node} in messages. */
  Attributes(Origin origin, NodeProto proto, String node, int opset) {
    this.origin = origin;
    this.node = node;
    this.kind = proto.getOpType();
    this.opset = opset;
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (left.put(attribute.getName(), attribute) != null) {
        throw broken("has the attribute " + attribute.getName() + " twice");
      }
      if (!attribute.getRefAttrName().isEmpty()) {
        throw broken(
            "has an attribute "
                + attribute.getName()
                + " that refers to a function's, outside of any function");
      }
    }
  }

  /** The version of the operator set. */
  int opset() {
    return opset;
  }

  /** True if the file gives the attribute and it was not read yet. */
  boolean has(String name) {
    return left.containsKey(name);
  }

  private @Nullable AttributeProto take(String name, AttributeType type) {
    AttributeProto attribute = left.remove(name);
    if (attribute != null && attribute.getType() != type) {
      throw broken("has an attribute " + name + " that is not of type " + type);
    }
    return attribute;
  }

  /** A whole number. */
  long integer(String name, long otherwise) {
    AttributeProto attribute = take(name, AttributeType.INT);
    return attribute == null ? otherwise : attribute.getI();
  }

  /** A whole number that must be 0 or 1. */
  boolean flag(String name, boolean otherwise) {
    long value = integer(name, otherwise ? 1 : 0);
    if (value != 0 && value != 1) {
      throw broken("has an attribute " + name + " of " + value + ", which must be 0 or 1");
    }
    return value == 1;
  }

  /** A float. */
  float decimal(String name, float otherwise) {
    AttributeProto attribute = take(name, AttributeType.FLOAT);
    return attribute == null ? otherwise : attribute.getF();
  }

  /** A text. */
  String text(String name, String otherwise) {
    AttributeProto attribute = take(name, AttributeType.STRING);
    return attribute == null ? otherwise : attribute.getS().toStringUtf8();
  }

  /** A list of whole numbers, or null. */
  long @Nullable [] integers(String name) {
    AttributeProto attribute = take(name, AttributeType.INTS);
    return attribute == null
        ? null
        : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  /** A list of floats, or null. */
  float @Nullable [] decimals(String name) {
    AttributeProto attribute = take(name, AttributeType.FLOATS);
    if (attribute == null) {
      return null;
    }
    float[] values = new float[attribute.getFloatsCount()];
    for (int index = 0; index < values.length; index++) {
      values[index] = attribute.getFloats(index);
    }
    return values;
  }

  /** A tensor, or null. */
  @Nullable TensorProto tensor(String name) {
    AttributeProto attribute = take(name, AttributeType.TENSOR);
    return attribute == null ? null : attribute.getT();
  }

  /** An axis: any whole number of the size of an int. */
  int axis(String name, int otherwise) {
    return axis(name, integer(name, otherwise));
  }

  private int axis(String name, long value) {
    if (value < -64 || value > 64) {
      throw broken("has an attribute " + name + " of " + value + ", which is no axis");
    }
    return (int) value;
  }

  /** Axes, or null. */
  int @Nullable [] axes(String name) {
    long[] values = integers(name);
    if (values == null) {
      return null;
    }
    int[] axes = new int[values.length];
    for (int index = 0; index < axes.length; index++) {
      axes[index] = axis(name, values[index]);
    }
    return axes;
  }

  /** Settings of a window, each between {@code least} and 2^24, or null. */
  int @Nullable [] settings(String name, long least) {
    long[] values = integers(name);
    if (values == null) {
      return null;
    }
    int[] settings = new int[values.length];
    for (int index = 0; index < settings.length; index++) {
      if (values[index] < least || values[index] > LARGEST_SETTING) {
        throw broken(
            "has an attribute "
                + name
                + " with "
                + values[index]
                + ", which is not between "
                + least
                + " and "
                + LARGEST_SETTING);
      }
      settings[index] = (int) values[index];
    }
    return settings;
  }

  /** The smallest value that padding may have when it crops. */
  static long largestCrop() {
    return -LARGEST_SETTING;
  }

  /** Refuses what was not read. */
  void finish() {
    if (!left.isEmpty()) {
      List<String> names = new ArrayList<>(left.keySet());
      throw refuse(
          (names.size() == 1 ? "the unknown attribute " : "the unknown attributes ")
              + String.join(", ", names)
              + " in opset "
              + opset);
    }
  }

  /** The node is legal, but sysmol doesn't take it with {@code what}. */
  Refused refuse(String what) {
    return new Refused(kind + " with " + what);
  }

  /** The node is not legal: it {@code what}. */
  SysmolException broken(String what) {
    return origin.broken("node " + node + " (" + kind + ")", what);
  }
}
