package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Tensor;

/**
 * Turns a file's tensors into float tensors and whole numbers.
 *
 * <p>Nothing is allocated before the claimed sizes are found to agree with the data that is there.
 * float16, bfloat16 and double become float32; int32 and int64 serve shapes, axes and the like; any
 * other type is refused by name.
 */
final class TensorReader {
  /** No shape, axes or pads are longer; a longer list of whole numbers is data. */
  private static final int MOST_NUMBERS = 1 << 16;

  private final Origin origin;
  private final ExternalData external;

  /** A reader of the tensors of {@code origin}. */
  TensorReader(Origin origin) {
    this.origin = origin;
    this.external = new ExternalData(origin);
  }

  /**
   * Checks that sizes and data agree.
   *
   * @param name what messages call the tensor
   */
  void check(TensorProto proto, String name) {
    int[] shape = shape(proto, name);
    int bytes = bytesPerElement(proto);
    if (bytes > 0 && !isExternal(proto)) {
      requireData(proto, name, Tensor.size(shape), bytes);
    }
  }

  /** The tensor as a value. */
  Value read(TensorProto proto, String name) {
    int[] shape = shape(proto, name);
    long size = Tensor.size(shape);
    int bytes = bytesPerElement(proto);
    if (bytes == 0) {
      throw new Refused("tensor of type " + typeName(proto));
    }
    boolean whole =
        proto.getDataType() == TensorProto.DataType.INT32_VALUE
            || proto.getDataType() == TensorProto.DataType.INT64_VALUE;
    if (whole && size > MOST_NUMBERS) {
      throw new Refused("whole-number tensor of more than " + MOST_NUMBERS + " values");
    }
    ByteBuffer raw;
    if (isExternal(proto)) {
      raw = external.read(proto, name, Math.multiplyExact(size, (long) bytes));
    } else {
      requireData(proto, name, size, bytes);
      raw = proto.getRawData().asReadOnlyByteBuffer();
    }
    raw.order(ByteOrder.LITTLE_ENDIAN);
    boolean typed = !isExternal(proto) && !proto.hasRawData();
    return whole
        ? numbers(proto, shape, (int) size, raw, typed)
        : new Value.Floats(Tensor.of(floats(proto, name, (int) size, raw, typed), shape));
  }

  private int[] shape(TensorProto proto, String name) {
    int[] shape = new int[proto.getDimsCount()];
    long size = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      long extent = proto.getDims(axis);
      if (extent < 0 || extent > Integer.MAX_VALUE || size * extent > Integer.MAX_VALUE - 8) {
        throw origin.broken("tensor " + name, "claims the impossible sizes " + proto.getDimsList());
      }
      shape[axis] = (int) extent;
      size *= extent;
    }
    if (shape.length > 64) {
      throw origin.broken("tensor " + name, "claims " + shape.length + " dimensions");
    }
    return shape;
  }

  private void requireData(TensorProto proto, String name, long size, int bytes) {
    if (proto.hasSegment()) {
      throw origin.broken("tensor " + name, "is only a segment of a tensor");
    }
    int typed =
        proto.getFloatDataCount()
            + proto.getDoubleDataCount()
            + proto.getInt32DataCount()
            + proto.getInt64DataCount();
    if (proto.hasRawData() && typed > 0) {
      throw origin.broken("tensor " + name, "holds its data twice");
    }
    boolean enough =
        proto.hasRawData()
            ? proto.getRawData().size() == size * bytes
            : typedCount(proto) == size && typed == size;
    if (!enough) {
      String held =
          proto.hasRawData() ? proto.getRawData().size() + " bytes" : typedCount(proto) + " values";
      throw origin.broken(
          "tensor " + name,
          "of sizes "
              + proto.getDimsList()
              + " needs "
              + size
              + " values ("
              + size * bytes
              + " bytes) but holds "
              + held);
    }
  }

  private static int typedCount(TensorProto proto) {
    return switch (proto.getDataType()) {
      case TensorProto.DataType.FLOAT_VALUE -> proto.getFloatDataCount();
      case TensorProto.DataType.DOUBLE_VALUE -> proto.getDoubleDataCount();
      case TensorProto.DataType.INT64_VALUE -> proto.getInt64DataCount();
      default -> proto.getInt32DataCount();
    };
  }

  private static boolean isExternal(TensorProto proto) {
    return proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /** Bytes of an element; 0 for a type that is not taken. */
  private static int bytesPerElement(TensorProto proto) {
    return switch (proto.getDataType()) {
      case TensorProto.DataType.FLOAT_VALUE, TensorProto.DataType.INT32_VALUE -> 4;
      case TensorProto.DataType.DOUBLE_VALUE, TensorProto.DataType.INT64_VALUE -> 8;
      case TensorProto.DataType.FLOAT16_VALUE, TensorProto.DataType.BFLOAT16_VALUE -> 2;
      default -> 0;
    };
  }

  private static String typeName(TensorProto proto) {
    return typeName(proto.getDataType());
  }

  /** The name of a data type, or its number if it has none here. */
  static String typeName(int number) {
    TensorProto.DataType type = TensorProto.DataType.forNumber(number);
    return type == null ? "number " + number : type.name();
  }

  private static Value.Numbers numbers(
      TensorProto proto, int[] shape, int size, ByteBuffer raw, boolean typed) {
    boolean wide = proto.getDataType() == TensorProto.DataType.INT64_VALUE;
    Dim[] elements = new Dim[size];
    for (int index = 0; index < size; index++) {
      long value;
      if (typed) {
        value = wide ? proto.getInt64Data(index) : proto.getInt32Data(index);
      } else {
        value = wide ? raw.getLong() : raw.getInt();
      }
      elements[index] = Dim.of(value);
    }
    return new Value.Numbers(shape, elements);
  }

  private float[] floats(TensorProto proto, String name, int size, ByteBuffer raw, boolean typed) {
    float[] data = new float[size];
    switch (proto.getDataType()) {
      case TensorProto.DataType.FLOAT_VALUE -> {
        if (!typed) {
          raw.asFloatBuffer().get(data);
        } else {
          for (int index = 0; index < size; index++) {
            data[index] = proto.getFloatData(index);
          }
        }
      }
      case TensorProto.DataType.DOUBLE_VALUE -> {
        for (int index = 0; index < size; index++) {
          data[index] = narrowed(name, typed ? proto.getDoubleData(index) : raw.getDouble());
        }
      }
      case TensorProto.DataType.FLOAT16_VALUE -> {
        for (int index = 0; index < size; index++) {
          int bits = typed ? proto.getInt32Data(index) : raw.getShort();
          data[index] = Float.float16ToFloat((short) bits);
        }
      }
      default -> {
        for (int index = 0; index < size; index++) {
          int bits = typed ? proto.getInt32Data(index) : raw.getShort();
          data[index] = Float.intBitsToFloat(bits << 16);
        }
      }
    }
    return data;
  }

  private float narrowed(String name, double value) {
    float narrow = (float) value;
    if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
      throw SysmolException.badInput(
          "ONNX file "
              + origin.file()
              + " can't be read: tensor "
              + Origin.shown(name)
              + " holds the double "
              + value
              + ", which is too large for float32; export it in float32.");
    }
    return narrow;
  }
}
