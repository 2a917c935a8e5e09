package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;

/**
 * The last operations of an epilogue as nodes: the activation and the encoding (docs/arithmetic.md
 * §3, §4, §6).
 *
 * <p>What ONNX leaves open is said in full where it can matter: which bound a NaN gives, and which
 * zero where a zero meets a bound of zero.
 */
final class EncodingNodes {
  private final GraphDraft draft;

  EncodingNodes(GraphDraft draft) {
    this.draft = draft;
  }

  /** Whether the codes of a tensor are signed bytes. */
  static boolean signed(PackedTensor tensor) {
    return switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> mixed.signed();
      case Encoding.Eight eight -> eight.signed();
      case Encoding.Real _ -> throw new IllegalArgumentException(tensor.name() + " has no codes");
    };
  }

  /** The type of the bytes in which a tensor's codes stand. */
  static int type(PackedTensor tensor) {
    return signed(tensor) ? TensorProto.DataType.INT8_VALUE : TensorProto.DataType.UINT8_VALUE;
  }

  /**
   * The activation of a value that is encoded afterwards, for which both zeros are the same.
   *
   * @param finite whether the value cannot be a NaN
   */
  String clamp(String name, String value, Clamp clamp, boolean finite) {
    if (!finite) {
      return chosen(name, value, clamp);
    }
    boolean below = clamp.low() != Float.NEGATIVE_INFINITY;
    boolean above = clamp.high() != Float.POSITIVE_INFINITY;
    if (!below && !above) {
      return value;
    }
    if (!above && clamp.low() == 0) {
      return draft.node("Relu", name + "/relu", value);
    }
    String low = below ? draft.scalar(name + "/low", clamp.low()) : "";
    return above
        ? draft.node("Clip", name + "/clip", value, low, draft.scalar(name + "/high", clamp.high()))
        : draft.node("Clip", name + "/clip", value, low);
  }

  /** The activation of a result, whose bits are seen. */
  String clampResult(String name, String value, Clamp clamp, boolean finite) {
    return finite && clamp.isNone() ? value : chosen(name, value, clamp);
  }

  /** {@code t > low ? (t < high ? t : high) : low}, word for word. */
  private String chosen(String name, String value, Clamp clamp) {
    return chosen(
        name,
        value,
        draft.scalar(name + "/low", clamp.low()),
        draft.scalar(name + "/high", clamp.high()));
  }

  private String chosen(String name, String value, String low, String high) {
    String smaller = draft.node("Less", name + "/is_below_high", value, high);
    String capped = draft.node("Where", name + "/at_most_high", smaller, value, high);
    String larger = draft.node("Greater", name + "/is_above_low", value, low);
    return draft.node("Where", name + "/at_least_low", larger, capped, low);
  }

  /**
   * The codes of a value, as bytes.
   *
   * @param finite whether the value cannot be a NaN
   */
  String encode(String name, String value, PackedTensor tensor, boolean finite) {
    String code =
        switch (tensor.encoding()) {
          case Encoding.Mixed mixed -> mixed(name, value, mixed, finite);
          case Encoding.Eight eight -> {
            float[] inverse = {1f / eight.step()};
            float[] low = {eight.signed() ? -127 : 0};
            float[] high = {eight.signed() ? 127 : 255};
            String units = units(name, value, inverse);
            yield rounded(name, limited(name, units, low, high, finite));
          }
          case Encoding.Real _ ->
              throw new IllegalArgumentException(tensor.name() + " has no codes");
        };
    return draft.cast(name + "/codes", code, type(tensor));
  }

  private String mixed(String name, String value, Encoding.Mixed mixed, boolean finite) {
    byte[] precision = mixed.precision();
    float[] inverse = new float[precision.length];
    float[] low = new float[precision.length];
    float[] high = new float[precision.length];
    for (int c = 0; c < precision.length; c++) {
      int p = precision[c];
      inverse[c] = Codes.inverseStep(mixed.alpha(), p);
      low[c] = mixed.signed() ? -(1 << (p - 1)) : 0;
      high[c] = mixed.signed() ? (1 << (p - 1)) - 1 : BoundsCalculator.largestCode(p, false);
    }
    String units = units(name, value, inverse);
    if (!mixed.signed()) {
      return rounded(name, limited(name, units, low, high, finite));
    }
    // c = 2 (floor + 2^(p-1)) - (2^p - 1) = 2 floor + 1.
    String floor = draft.node("Floor", name + "/floor", units);
    String limited = limited(name, floor, low, high, finite);
    String twice = draft.node("Mul", name + "/twice", limited, draft.scalar(name + "/two", 2f));
    return draft.node("Add", name + "/odd", twice, draft.scalar(name + "/one", 1f));
  }

  private String rounded(String name, String value) {
    return draft.node("Round", name + "/rounded", value);
  }

  private String units(String name, String value, float[] inverse) {
    return draft.node("Mul", name + "/units", value, constant(name + "/inverse", inverse));
  }

  private String limited(String name, String value, float[] low, float[] high, boolean finite) {
    if (finite && same(low) && same(high)) {
      return draft.node(
          "Clip",
          name + "/limited",
          value,
          draft.scalar(name + "/least", low[0]),
          draft.scalar(name + "/most", high[0]));
    }
    String least = constant(name + "/least", low);
    String most = constant(name + "/most", high);
    if (!finite) {
      return chosen(name, value, least, most);
    }
    String above = draft.node("Max", name + "/at_least", value, least);
    return draft.node("Min", name + "/limited", above, most);
  }

  /** A constant by channel, or one for all where they are the same. */
  private String constant(String wanted, float[] values) {
    return same(values) ? draft.scalar(wanted, values[0]) : draft.byChannel(wanted, values);
  }

  private static boolean same(float[] values) {
    float[] first = new float[values.length];
    Arrays.fill(first, values[0]);
    return Arrays.equals(values, first);
  }
}
