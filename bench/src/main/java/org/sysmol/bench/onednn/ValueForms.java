package org.sysmol.bench.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;
import static org.bytedeco.dnnl.global.dnnl.dnnl_u8;

import java.util.Map;
import java.util.Optional;
import org.sysmol.core.plan.Value;
import org.sysmol.onnx.ValueRange;

/**
 * How oneDNN holds a network's values: binary32, or eight bits with a scale, unsigned where nothing
 * is negative.
 *
 * @param ranges of all values for eight bits, empty for floats
 */
record ValueForms(Optional<Map<String, ValueRange>> ranges) {
  boolean eightBits(Value value) {
    return ranges.isPresent() && value.kind() != Value.Kind.REAL;
  }

  /** The library's number of the type. */
  int type(Value value) {
    return eightBits(value) ? value.signed() ? dnnl_s8 : dnnl_u8 : dnnl_f32;
  }

  /** What one unit of the stored number is worth. */
  float scale(Value value) {
    if (!eightBits(value)) {
      return 1f;
    }
    ValueRange range = ranges.orElseThrow().get(value.name());
    if (range == null) {
      throw new IllegalStateException("No range of " + value.name());
    }
    float largest = Math.max(Math.abs(range.low()), Math.abs(range.high()));
    return largest > 0 ? largest / (value.signed() ? 127f : 255f) : 1f;
  }

  /** One image: {@code [1, channels, height, width]}. */
  static long[] shape(Value value) {
    return new long[] {1, value.channels(), value.height(), value.width()};
  }
}
