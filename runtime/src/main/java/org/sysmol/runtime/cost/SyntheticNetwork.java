package org.sysmol.runtime.cost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;

/** Small packed networks around the steps that are timed. */
final class SyntheticNetwork {
  private static final Encoding.Eight STREAM = new Encoding.Eight(1 / 64f, false);
  private static final int IMAGE_CHANNELS = 3;
  private static final Curve SWISH =
      new Curve.Product(new Curve.Input(), new Curve.Sigmoid(new Curve.Input()));

  private final int map;
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<PackedTensor> tensors = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  private SyntheticNetwork(int map) {
    this.map = map;
    int image = tensor("image", IMAGE_CHANNELS, map, map, new Encoding.Eight(1 / 64f, true));
    steps.add(new Step.QuantiseImage("image", -1, image));
  }

  /** A convolution's dimensions; {@code map} is the input's height and width. */
  record Layer(CostKind kind, int bits, int inputs, int outputs, int map, int kernel, int stride) {}

  /** A network whose step {@link #LAYER} is the layer asked for. */
  static PackedNetwork of(Layer layer) {
    SyntheticNetwork network = new SyntheticNetwork(layer.map());
    int input = 0;
    if (layer.kind() != CostKind.STEM) {
      Encoding encoding = layer.bits() == 8 ? STREAM : mixed(layer.inputs(), layer.bits());
      input = network.convolution("first", 0, layer.inputs(), 1, 1, 1, encoding);
    }
    int groups = layer.kind() == CostKind.DEPTHWISE ? layer.inputs() : 1;
    int output =
        network.convolution(
            LAYER,
            input,
            layer.outputs(),
            layer.kernel(),
            layer.stride(),
            groups,
            mixed(layer.outputs(), 4));
    int ignored = network.convolution("last", output, 1, 1, 1, 1, new Encoding.Real());
    return network.finish();
  }

  /** Name of the layer that {@link #of} makes. */
  static final String LAYER = "layer";

  /** A network with a step of each kind without weights. */
  static PackedNetwork withoutWeights(int channels, int map) {
    SyntheticNetwork network = new SyntheticNetwork(map);
    int stream = network.convolution("first", 0, channels, 1, 1, 1, STREAM);
    int codes = network.tensor("codes", channels, map, map, mixed(channels, 4));
    network.steps.add(new Step.Requantise("codes", stream, null, Clamp.RELU, null, codes));
    int[] gather = new int[channels];
    Arrays.setAll(gather, c -> (c + channels / 2) % channels);
    int moved = network.tensor("moved", channels, map, map, mixed(channels, 4));
    network.steps.add(new Step.Requantise("moved", stream, null, Clamp.RELU, gather, moved));
    int sum = network.tensor("sum", channels, map, map, STREAM);
    network.steps.add(new Step.Join("sum", stream, stream, Clamp.RELU, sum));
    int looked = network.tensor("looked", channels, map, map, STREAM);
    network.steps.add(
        new Step.Table(
            "looked",
            sum,
            new byte[][] {CurveTable.eight(SWISH, STREAM.step(), false, STREAM.step(), false)},
            looked));
    int gate = network.tensor("gate", channels, 1, 1, STREAM);
    float[] factor = new float[map * map];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = STREAM.step() / (i + 1);
    }
    Window all = new Window(map, map, 1, 1, 1, 1, 0, 0, 1, 1);
    network.steps.add(new Step.AveragePool("gate", looked, all, false, 0, 0, factor, gate));
    int scaled = network.tensor("scaled", channels, map, map, STREAM);
    network.steps.add(new Step.Scale("scaled", looked, gate, Clamp.NONE, scaled));
    int joined = network.tensor("joined", channels, map, map, STREAM);
    int[] places = new int[map];
    Arrays.setAll(places, i -> i);
    int[] halves = new int[channels];
    Arrays.setAll(halves, c -> c % 2 * channels + c / 2);
    network.steps.add(
        new Step.Gather("joined", List.of(sum, looked), halves, places, places, joined));
    int half = (map - 1) / 2 + 1;
    int largest = network.tensor("largest", channels, half, half, STREAM);
    Window three = new Window(3, 3, 2, 2, 1, 1, 1, 1, half, half);
    network.steps.add(new Step.MaxPool("largest", sum, three, largest));
    int mean = network.tensor("mean", channels, 1, 1, new Encoding.Real());
    network.steps.add(new Step.AveragePool("mean", sum, all, false, 0, 0, factor, mean));
    return network.finish();
  }

  private static Encoding mixed(int channels, int bits) {
    byte[] precision = new byte[channels];
    Arrays.fill(precision, (byte) bits);
    return new Encoding.Mixed(precision, 0.7f, false);
  }

  private int tensor(String name, int channels, int height, int width, Encoding encoding) {
    int[] order = new int[channels];
    Arrays.setAll(order, c -> c);
    tensors.add(new PackedTensor(name, channels, height, width, order, encoding));
    return tensors.size() - 1;
  }

  private int convolution(
      String name, int input, int outputs, int kernel, int stride, int groups, Encoding encoding) {
    PackedTensor in = tensors.get(input);
    int size = (in.height() - 1) / stride + 1;
    int pad = (kernel - 1) / 2;
    Window window = new Window(kernel, kernel, stride, stride, 1, 1, pad, pad, size, size);
    byte[] precision = new byte[in.channels()];
    Arrays.fill(precision, (byte) 8);
    if (in.encoding() instanceof Encoding.Mixed mixed) {
      precision = mixed.precision().clone();
    }
    int perOutput = in.channels() / groups;
    int[] codes = new int[outputs * window.taps() * perOutput];
    double squares = 0;
    for (int i = 0; i < codes.length; i++) {
      int p = precision[0];
      int digits = random.nextInt(1 << p);
      codes[i] = p == 8 ? Math.max(-127, digits - 128) : Codes.oddCode(digits, p);
      double aligned = p == 8 ? codes[i] : Codes.aligned(codes[i], p);
      squares += aligned * aligned / codes.length;
    }
    double largest = precision[0] == 8 ? 127 : (1 << precision[0]) - 1;
    float[] scale = new float[outputs];
    Arrays.fill(scale, (float) (1 / (largest * Math.sqrt(squares * window.taps() * perOutput))));
    PackedWeights weights = PackedWeights.pack(outputs, window.taps(), precision, groups, codes);
    int output = tensor(name, outputs, size, size, encoding);
    boolean signed = in.encoding() instanceof Encoding.Eight eight && eight.signed();
    steps.add(
        new Step.Convolution(
            name,
            input,
            window,
            groups,
            weights,
            new Affine(scale, new float[outputs]),
            -1,
            encoding instanceof Encoding.Real ? Clamp.NONE : Clamp.RELU,
            BoundsCalculator.of(name, weights, signed),
            output));
    return output;
  }

  private PackedNetwork finish() {
    return new PackedNetwork(
        "synthetic",
        "FREE",
        "budget",
        tensors,
        steps,
        List.of(),
        new Preprocessing(
            IMAGE_CHANNELS, map, map, new Resize.None(), new float[3], new float[] {1, 1, 1}),
        List.of(),
        new Provenance(Map.of()),
        List.of());
  }
}
