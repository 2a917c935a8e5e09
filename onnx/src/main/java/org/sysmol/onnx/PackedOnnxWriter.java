package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import java.nio.file.Path;
import java.util.Arrays;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * Writes a packed network as a standard ONNX model of opset 17 that computes the same bits
 * (docs/arithmetic.md): convolutions of whole numbers in binary32, and every operation of an
 * epilogue a node of its own, in the order of §6.
 *
 * <p>The input is the normalised image, {@code [batch, channels, rows, columns]}; the result is
 * {@code [batch, classes]}, or a map where it has more than one cell. Codes stand between the
 * layers as bytes.
 */
public final class PackedOnnxWriter {
  /** A larger value times a factor of an encoding may be infinite, which does no harm. */
  private static final double LARGEST = Float.MAX_VALUE / 2;

  private final PackedNetwork network;
  private final GraphDraft draft;
  private final ExactSums sums;
  private final EncodingNodes encoding;

  /** By tensor: the names of its codes as bytes, as binary32, and of its values; empty if not. */
  private final String[] bytes;

  private final String[] floats;
  private final String[] values;

  private PackedOnnxWriter(PackedNetwork network, GraphDraft draft) {
    this.network = network;
    this.draft = draft;
    sums = new ExactSums(draft);
    encoding = new EncodingNodes(draft);
    bytes = empty(network.tensors().size());
    floats = empty(network.tensors().size());
    values = empty(network.tensors().size());
  }

  private static String[] empty(int count) {
    String[] names = new String[count];
    Arrays.fill(names, "");
    return names;
  }

  /**
   * Writes {@code network} to {@code file}, whole or not at all.
   *
   * @param network one that {@link org.sysmol.core.packed.NetworkCheck} accepts
   * @throws SysmolException (bad input) if a step can't be said in ONNX or the weights are too
   *     many; (failed) if the file can't be written
   */
  public static void write(PackedNetwork network, Path file) {
    OnnxWriter.write(bytes(network), file);
  }

  /** The bytes of the file; the same network gives the same bytes. */
  public static byte[] bytes(PackedNetwork network) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName(network.name());
    GraphDraft draft = new GraphDraft(graph);
    PackedTensor image = network.image();
    String input = draft.fresh(image.name());
    graph.addInput(OnnxWriter.value(input, shape(image.channels(), image.height(), image.width())));
    var writer = new PackedOnnxWriter(network, draft);
    String output = "";
    for (Step step : network.steps()) {
      String written = writer.write(step, input);
      output = written.isEmpty() ? output : written;
    }
    PackedTensor result = network.result();
    graph.addOutput(
        OnnxWriter.value(
            output,
            flat(result)
                ? shape(result.channels())
                : shape(result.channels(), result.height(), result.width())));
    return OnnxWriter.model(graph);
  }

  /** The shape of a batch of what has these sizes. */
  private static TensorShapeProto shape(int... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (int size : sizes) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return shape.build();
  }

  private static boolean flat(PackedTensor result) {
    return result.height() == 1 && result.width() == 1;
  }

  /** Writes one step; the name of the result, if it writes that. */
  private String write(Step step, String image) {
    switch (step) {
      case Step.QuantiseImage s -> {
        PackedTensor out = tensor(s.output());
        encode(s, gathered(s.name(), image, 1, out.channels(), out.order()), true);
      }
      case Step.Convolution s -> {
        return convolution(s);
      }
      case Step.Requantise s -> requantise(s);
      case Step.MaxPool s -> bytes[s.output()] = maxPool(s);
      case Step.AveragePool s -> averagePool(s);
      case Step.Join s -> {
        String t = draft.node("Add", s.name() + "/added", value(s.input()), value(s.right()));
        boolean finite = reach(s.input()) + reach(s.right()) < LARGEST;
        encode(s, encoding.clamp(s.name(), t, s.clamp(), finite), finite);
      }
      case Step.Scale s -> {
        String t = draft.node("Mul", s.name() + "/product", value(s.input()), value(s.gate()));
        boolean finite = reach(s.input()) < LARGEST && reach(s.gate()) < LARGEST;
        encode(s, encoding.clamp(s.name(), t, s.clamp(), finite), finite);
      }
      case Step.Table s -> bytes[s.output()] = table(s);
      case Step.Gather s -> gather(s);
    }
    return "";
  }

  private PackedTensor tensor(int index) {
    return network.tensors().get(index);
  }

  /** The codes of a tensor as binary32. */
  private String codes(int index) {
    if (floats[index].isEmpty()) {
      floats[index] =
          draft.cast(
              tensor(index).name() + "/whole_numbers",
              bytes[index],
              TensorProto.DataType.FLOAT_VALUE);
    }
    return floats[index];
  }

  /** The values of a stream: {@code (float) k * step}. */
  private String value(int index) {
    if (values[index].isEmpty()) {
      String name = tensor(index).name();
      values[index] =
          draft.node(
              "Mul",
              name + "/values",
              codes(index),
              draft.scalar(name + "/step", tensor(index).step()));
    }
    return values[index];
  }

  /** The largest magnitude of a stream's values. */
  private double reach(int index) {
    return 255.0 * tensor(index).step();
  }

  private void encode(Step step, String value, boolean finite) {
    bytes[step.output()] = encoding.encode(step.name(), value, tensor(step.output()), finite);
  }

  /** What stands at the places {@code from} of an axis, if they are not all of them in order. */
  private String gathered(String name, String value, int axis, int size, int[] from) {
    long[] places = new long[from.length];
    boolean moves = from.length != size;
    for (int i = 0; i < from.length; i++) {
      places[i] = from[i];
      moves |= from[i] != i;
    }
    if (!moves) {
      return value;
    }
    NodeProto.Builder gather = NodeProto.newBuilder().setOpType("Gather");
    NodeWriter.integer(gather, "axis", axis);
    return draft.add(gather, name + "/moved", value, draft.list(name + "/places", places));
  }

  private String convolution(Step.Convolution step) {
    PackedTensor in = tensor(step.input());
    PackedTensor out = tensor(step.output());
    String t = affine(step.name(), sums.of(step, codes(step.input()), in), step.affine());
    double reach = reach(step.affine(), (double) step.bounds().magnitude());
    boolean finite = reach < LARGEST;
    if (step.residual() != -1) {
      t = draft.node("Add", step.name() + "/shortcut", t, value(step.residual()));
      finite = reach + reach(step.residual()) < LARGEST;
    }
    if (!(out.encoding() instanceof Encoding.Real)) {
      encode(step, encoding.clamp(step.name(), t, step.clamp(), finite), finite);
      return "";
    }
    t = encoding.clampResult(step.name(), t, step.clamp(), finite);
    int[] position = new int[out.channels()];
    for (int c = 0; c < position.length; c++) {
      position[out.order()[c]] = c;
    }
    t = gathered(out.name(), t, 1, position.length, position);
    if (!flat(out)) {
      return draft.node("Identity", out.name(), t);
    }
    NodeProto.Builder flatten = NodeProto.newBuilder().setOpType("Flatten");
    NodeWriter.integer(flatten, "axis", 1);
    return draft.add(flatten, out.name(), t);
  }

  private String affine(String name, String value, Affine affine) {
    String scaled =
        draft.node(
            "Mul", name + "/scaled", value, draft.byChannel(name + "/scale", affine.scale()));
    return draft.node(
        "Add", name + "/offset", scaled, draft.byChannel(name + "/offsets", affine.offset()));
  }

  /** The largest magnitude of {@code value * S} and of that plus {@code B}. */
  private static double reach(Affine affine, double value) {
    double reach = 0;
    for (int o = 0; o < affine.scale().length; o++) {
      double scaled = value * Math.abs((double) affine.scale()[o]);
      reach = Math.max(reach, scaled + Math.abs((double) affine.offset()[o]));
    }
    return reach;
  }

  private void requantise(Step.Requantise step) {
    String t = value(step.input());
    int[] gather = step.gather();
    if (gather != null) {
      t = gathered(step.name(), t, 1, tensor(step.input()).channels(), gather);
    }
    double reach = reach(step.input());
    Affine affine = step.affine();
    if (affine != null) {
      t = affine(step.name(), t, affine);
      reach = reach(affine, reach);
    }
    boolean finite = Math.max(reach, reach(step.input())) < LARGEST;
    encode(step, encoding.clamp(step.name(), t, step.clamp(), finite), finite);
  }

  /** An index map: a zero behind each axis that names one, then the places of each axis. */
  private void gather(Step.Gather step) {
    PackedTensor first = tensor(step.input());
    String[] parts = new String[step.inputs().size()];
    int channels = 0;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = value(step.inputs().get(i));
      channels += tensor(step.inputs().get(i)).channels();
    }
    String t = parts[0];
    if (parts.length > 1) {
      NodeProto.Builder concat = NodeProto.newBuilder().setOpType("Concat");
      NodeWriter.integer(concat, "axis", 1);
      t = draft.add(concat, step.name() + "/joined", parts);
    }
    int[][] places = {step.channels(), step.rows(), step.columns()};
    int[] sizes = {channels, first.height(), first.width()};
    long[] pads = new long[8];
    boolean zeros = false;
    for (int axis = 0; axis < sizes.length; axis++) {
      places[axis] = places[axis].clone();
      for (int i = 0; i < places[axis].length; i++) {
        if (places[axis][i] < 0) {
          places[axis][i] = sizes[axis];
          pads[4 + 1 + axis] = 1;
          zeros = true;
        }
      }
    }
    if (zeros) {
      t = draft.node("Pad", step.name() + "/padded", t, draft.list(step.name() + "/pads", pads));
    }
    for (int axis = 0; axis < sizes.length; axis++) {
      t = gathered(step.name(), t, 1 + axis, sizes[axis] + (int) pads[4 + 1 + axis], places[axis]);
    }
    encode(step, t, true);
  }

  private String maxPool(Step.MaxPool step) {
    PackedTensor in = tensor(step.input());
    Window window = step.window();
    int[] pads = ExactSums.pads(window, in);
    String value = bytes[step.input()];
    boolean wide =
        Math.max(pads[0], pads[2]) >= window.kernelHeight()
            || Math.max(pads[1], pads[3]) >= window.kernelWidth();
    if (wide) {
      // ONNX has pools only of windows that start within the map.
      boolean signed = EncodingNodes.signed(in);
      String lowest =
          draft.bytes(
              step.name() + "/lowest",
              EncodingNodes.type(in),
              new long[0],
              (byte) (signed ? -128 : 0));
      String sizes =
          draft.list(step.name() + "/pads", 0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]);
      value = draft.node("Pad", step.name() + "/padded", value, sizes, lowest);
    }
    NodeProto.Builder node = NodeProto.newBuilder().setOpType("MaxPool");
    NodeWriter.integers(node, "kernel_shape", window.kernelHeight(), window.kernelWidth());
    NodeWriter.integers(node, "strides", window.strideY(), window.strideX());
    NodeWriter.integers(node, "dilations", window.dilationY(), window.dilationX());
    NodeWriter.integers(node, "pads", wide ? new int[4] : pads);
    String pooled = draft.add(node, step.name() + "/pooled", value);
    return sums.cropped(pooled, step.name(), window, in);
  }

  private void averagePool(Step.AveragePool step) {
    PackedTensor in = tensor(step.input());
    if (!ExactSums.exact(step.window())) {
      throw SysmolException.badInput(
          "Pool "
              + step.name()
              + " sums "
              + step.window().taps()
              + " cells, more than binary32 can add exactly; a window of at most 65793 cells can be"
              + " written as ONNX.");
    }
    String summed = sums.ofCodes(step, codes(step.input()), in);
    float[] factor = factors(step, in);
    boolean same = true;
    for (float one : factor) {
      same &= one == factor[0];
    }
    String name = step.name() + "/factor";
    String factors =
        same
            ? draft.scalar(name, factor[0])
            : draft.floats(
                name,
                new long[] {1, 1, step.window().outputHeight(), step.window().outputWidth()},
                factor);
    encode(step, draft.node("Mul", step.name() + "/mean", summed, factors), true);
  }

  /** The factor of each output cell, by how many cells of its window count. */
  private static float[] factors(Step.AveragePool step, PackedTensor in) {
    Window w = step.window();
    int bottom = in.height() + (step.countPadding() ? step.padBottom() : 0);
    int right = in.width() + (step.countPadding() ? step.padRight() : 0);
    int top = step.countPadding() ? -w.padTop() : 0;
    int left = step.countPadding() ? -w.padLeft() : 0;
    float[] factors = new float[w.outputs()];
    for (int i = 0; i < factors.length; i++) {
      int startY = i / w.outputWidth() * w.strideY() - w.padTop();
      int startX = i % w.outputWidth() * w.strideX() - w.padLeft();
      int rows = cells(startY, w.kernelHeight(), w.dilationY(), top, bottom);
      int columns = cells(startX, w.kernelWidth(), w.dilationX(), left, right);
      factors[i] = step.factor()[rows * columns - 1];
    }
    return factors;
  }

  private static int cells(int start, int kernel, int dilation, int from, int to) {
    int cells = 0;
    for (int k = 0; k < kernel; k++) {
      int at = start + k * dilation;
      cells += at >= from && at < to ? 1 : 0;
    }
    return cells;
  }

  private String table(Step.Table step) {
    PackedTensor in = tensor(step.input());
    PackedTensor out = tensor(step.output());
    byte[] all = new byte[step.codes().length * CurveTable.SIZE];
    for (int s = 0; s < step.codes().length; s++) {
      System.arraycopy(step.codes()[s], 0, all, s * CurveTable.SIZE, CurveTable.SIZE);
    }
    int[] first = Step.Table.byChannel(out);
    for (int c = 0; c < first.length; c++) {
      first[c] = first[c] * CurveTable.SIZE + CurveTable.entry(0, EncodingNodes.signed(in));
    }
    String index =
        draft.node(
            "Add",
            step.name() + "/entry",
            draft.cast(
                step.name() + "/codes", bytes[step.input()], TensorProto.DataType.INT32_VALUE),
            draft.integers(step.name() + "/first", new long[] {1, first.length, 1, 1}, first));
    String entries =
        draft.bytes(step.name() + "/table", EncodingNodes.type(out), new long[] {all.length}, all);
    return draft.node("Gather", step.name() + "/looked_up", entries, index);
  }
}
