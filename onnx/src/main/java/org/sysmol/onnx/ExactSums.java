package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The integer sums of windows (docs/arithmetic.md §5) as convolutions of binary32.
 *
 * <p>Whole numbers up to 2^24 are exact in binary32, and so are their sums in any order as long as
 * no part of them can leave that range (docs/arithmetic.md §8, §12). A layer whose sums can is
 * split by its weights into several convolutions that cannot, whose results are added as 32-bit
 * integers. Sums become 32-bit integers anyway, for two reasons: their conversion to binary32 is
 * the first operation of the epilogue, and optimisers that would multiply factors into the weights
 * stop there.
 */
final class ExactSums {
  /** The largest magnitude up to which binary32 has all whole numbers. */
  private static final long EXACT = 1L << 24;

  private final GraphDraft draft;

  ExactSums(GraphDraft draft) {
    this.draft = draft;
  }

  /**
   * The sums of a layer, as binary32.
   *
   * @param codes the name of its input's codes, as binary32
   */
  String of(Step.Convolution step, String codes, PackedTensor in) {
    PackedWeights weights = step.weights();
    Window window = step.window();
    int inner = weights.taps() * weights.channelsPerOutput();
    int[] values = byChannelThenTap(weights);
    String sum = "";
    int from = 0;
    for (int end : ends(values, weights, EncodingNodes.signed(in))) {
      float[] part = new float[values.length];
      for (int o = 0; o < weights.outputs(); o++) {
        for (int i = from; i < end; i++) {
          part[o * inner + i] = values[o * inner + i];
        }
      }
      String convolved =
          convolution(
              step.name(),
              codes,
              window,
              step.groups(),
              in,
              draft.floats(
                  step.name() + "/weights",
                  new long[] {
                    weights.outputs(),
                    weights.channelsPerOutput(),
                    window.kernelHeight(),
                    window.kernelWidth()
                  },
                  part));
      String whole = draft.cast(step.name() + "/part", convolved, TensorProto.DataType.INT32_VALUE);
      sum = sum.isEmpty() ? whole : draft.node("Add", step.name() + "/parts", sum, whole);
      from = end;
    }
    return draft.cast(step.name() + "/sum", sum, TensorProto.DataType.FLOAT_VALUE);
  }

  /** The sums of the codes of each channel in a window, as binary32. */
  String ofCodes(Step.AveragePool step, String codes, PackedTensor in) {
    Window window = step.window();
    float[] ones = new float[in.channels() * window.taps()];
    Arrays.fill(ones, 1f);
    String sums =
        convolution(
            step.name(),
            codes,
            window,
            in.channels(),
            in,
            draft.floats(
                step.name() + "/ones",
                new long[] {in.channels(), 1, window.kernelHeight(), window.kernelWidth()},
                ones));
    String whole = draft.cast(step.name() + "/whole", sums, TensorProto.DataType.INT32_VALUE);
    return draft.cast(step.name() + "/sum", whole, TensorProto.DataType.FLOAT_VALUE);
  }

  /** Whether a window's sum of codes is exact in binary32. */
  static boolean exact(Window window) {
    return 255L * window.taps() <= EXACT;
  }

  private String convolution(
      String name, String codes, Window window, int groups, PackedTensor in, String weights) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType("Conv");
    NodeWriter.integers(node, "kernel_shape", window.kernelHeight(), window.kernelWidth());
    NodeWriter.integers(node, "strides", window.strideY(), window.strideX());
    NodeWriter.integers(node, "dilations", window.dilationY(), window.dilationX());
    NodeWriter.integers(node, "pads", pads(window, in));
    NodeWriter.integer(node, "group", groups);
    return cropped(draft.add(node, name + "/convolved", codes, weights), name, window, in);
  }

  /** Paddings above, left, below and right. */
  static int[] pads(Window window, PackedTensor in) {
    return new int[] {
      window.padTop(), window.padLeft(), window.padBottom(in.height()), window.padRight(in.width())
    };
  }

  /** The window's outputs, where ONNX makes more of them because there is room. */
  String cropped(String value, String name, Window window, PackedTensor in) {
    int[] pads = pads(window, in);
    int roomY = in.height() + pads[0] + pads[2] - (window.kernelHeight() - 1) * window.dilationY();
    int roomX = in.width() + pads[1] + pads[3] - (window.kernelWidth() - 1) * window.dilationX();
    if ((roomY - 1) / window.strideY() + 1 == window.outputHeight()
        && (roomX - 1) / window.strideX() + 1 == window.outputWidth()) {
      return value;
    }
    return draft.node(
        "Slice",
        name + "/cropped",
        value,
        draft.list(name + "/crop_starts", 0, 0),
        draft.list(name + "/crop_ends", window.outputHeight(), window.outputWidth()),
        draft.list(name + "/crop_axes", 2, 3));
  }

  /** The aligned weights by output, channel and tap, as ONNX has them. */
  private static int[] byChannelThenTap(PackedWeights weights) {
    int[] aligned = weights.aligned();
    int taps = weights.taps();
    int channels = weights.channelsPerOutput();
    int[] values = new int[aligned.length];
    for (int o = 0; o < weights.outputs(); o++) {
      int base = o * taps * channels;
      for (int t = 0; t < taps; t++) {
        for (int c = 0; c < channels; c++) {
          values[base + c * taps + t] = aligned[base + t * channels + c];
        }
      }
    }
    return values;
  }

  /** Ends of the parts of each output's weights whose sums are exact. */
  private static List<Integer> ends(int[] values, PackedWeights weights, boolean signed) {
    int taps = weights.taps();
    int channels = weights.channelsPerOutput();
    int inner = taps * channels;
    long[] reach = new long[weights.outputs()];
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < inner; i++) {
      boolean full = false;
      for (int o = 0; o < reach.length; o++) {
        reach[o] += reach(values, weights, o, i, signed);
        full |= reach[o] > EXACT;
      }
      if (full) {
        ends.add(i);
        for (int o = 0; o < reach.length; o++) {
          reach[o] = reach(values, weights, o, i, signed);
        }
      }
    }
    ends.add(inner);
    return ends;
  }

  /** The largest magnitude of one product. */
  private static long reach(
      int[] values, PackedWeights weights, int output, int index, boolean signed) {
    int channels = weights.channelsPerOutput();
    int c = weights.groupOf(output) * channels + index / weights.taps();
    int weight = values[output * weights.taps() * channels + index];
    return Math.abs((long) weight) * BoundsCalculator.largestCode(weights.precision()[c], signed);
  }
}
