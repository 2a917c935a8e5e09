package org.sysmol.core.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Bounds;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Placement;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;

/**
 * Reads the four sections of a .smol file (docs/file-format.md §4), whose bytes are intact but
 * otherwise not trusted. It checks what sizes depend on before it allocates; {@link NetworkCheck}
 * checks the rest afterwards.
 */
final class StructureReader {
  private final RecordReader in;
  private final RecordReader weights;
  private final float[] affine;
  private final RecordReader bounds;
  private final List<PackedTensor> tensors = new ArrayList<>();
  private int affineUsed;

  StructureReader(
      RecordReader structure, RecordReader weights, float[] affine, RecordReader bounds) {
    this.in = structure;
    this.weights = weights;
    this.affine = affine;
    this.bounds = bounds;
  }

  PackedNetwork read(String name, String patterns, String assign, Provenance provenance) {
    Preprocessing preprocessing = preprocessing(in);
    List<String> classNames = new ArrayList<>();
    int classes = in.count("number of class names", Limits.COUNT, 1);
    for (int i = 0; i < classes; i++) {
      classNames.add(in.name("class name"));
    }
    int tensorCount = in.count("number of tensors", Limits.COUNT, 5);
    for (int i = 0; i < tensorCount; i++) {
      tensors.add(tensor());
    }
    List<Step> steps = new ArrayList<>();
    int stepCount = in.count("number of steps", Limits.COUNT, 3);
    for (int i = 0; i < stepCount; i++) {
      steps.add(step());
    }
    List<Placement> placements = new ArrayList<>();
    int placementCount = in.count("number of placements", Limits.COUNT, 2);
    for (int i = 0; i < placementCount; i++) {
      placements.add(placement());
    }
    List<PackedNetwork.Golden> goldens = new ArrayList<>();
    int goldenCount = in.count("number of goldens", Limits.GOLDENS, 40);
    for (int i = 0; i < goldenCount; i++) {
      long seed = in.i64("seed of a golden");
      goldens.add(
          new PackedNetwork.Golden(seed, in.raw("digest of a golden", Digests.SHA256_BYTES)));
    }
    in.end();
    weights.end();
    bounds.end();
    if (affineUsed != affine.length) {
      throw in.content(
          "section affine has " + (affine.length - affineUsed) + " values that no step uses");
    }
    return new PackedNetwork(
        name,
        patterns,
        assign,
        tensors,
        steps,
        placements,
        preprocessing,
        classNames,
        provenance,
        goldens);
  }

  static Preprocessing preprocessing(RecordReader in) {
    int channels = in.u8("number of picture channels");
    int height = in.varint("height of the picture", 1, Preprocessing.MAX_SIDE);
    int width = in.varint("width of the picture", 1, Preprocessing.MAX_SIDE);
    String kind = in.name("resize");
    int resizeHeight = in.varint("height of the resize", 0, Preprocessing.MAX_SIDE);
    int resizeWidth = in.varint("width of the resize", 0, Preprocessing.MAX_SIDE);
    float[] mean = in.f32s("mean", channels);
    float[] std = in.f32s("std", channels);
    try {
      Resize resize = Resize.of(kind, resizeHeight, resizeWidth);
      return new Preprocessing(channels, height, width, resize, mean, std);
    } catch (SysmolException e) {
      String why = String.valueOf(e.getMessage()).replaceAll("\\.$", "");
      throw in.problem("its preprocessing breaks a rule: " + why);
    }
  }

  private PackedTensor tensor() {
    String name = in.name("name of a tensor");
    int channels = in.varint("number of channels", 1, NetworkCheck.MAX_CHANNELS);
    int height = in.varint("number of rows", 1, NetworkCheck.MAX_SIDE);
    int width = in.varint("number of columns", 1, NetworkCheck.MAX_SIDE);
    int tag = in.choice("encoding of tensor " + name, 5);
    float step = tag == 4 ? 0 : in.f32("step");
    int orderBits = StructureWriter.width(channels);
    // One channel has an order of no bits; all others are paid for by bytes of the file.
    if ((long) channels * orderBits > 8L * in.remaining()) {
      throw in.problem("tensor " + name + " is too short for its " + channels + " channels");
    }
    Encoding encoding =
        switch (tag) {
          case 0, 1 -> new Encoding.Mixed(precisions(channels), step, tag == 1);
          case 2, 3 -> new Encoding.Eight(step, tag == 3);
          default -> new Encoding.Real();
        };
    int[] order = in.bits("channel order", channels, orderBits);
    return new PackedTensor(name, channels, height, width, order, encoding);
  }

  private byte[] precisions(int channels) {
    byte[] precision = new byte[channels];
    int before = -1;
    for (int from = 0; from < channels; ) {
      int run = in.varint("run of equal precisions", 4, 4 * (channels - from) + 2);
      int logarithm = run & 3;
      if (logarithm == 3 || logarithm == before) {
        throw in.problem("a run of precisions is malformed");
      }
      Arrays.fill(precision, from, from + (run >> 2), (byte) (1 << logarithm));
      from += run >> 2;
      before = logarithm;
    }
    return precision;
  }

  private Step step() {
    int tag = in.choice("kind of a step", 9);
    String name = in.name("name of a step");
    int input = tag == 0 ? -1 : tensorIndex("input");
    int output = tensorIndex("output");
    return switch (tag) {
      case 0 -> new Step.QuantiseImage(name, input, output);
      case 1 -> convolution(name, input, output);
      case 2 -> requantise(name, input, output);
      case 3 -> new Step.MaxPool(name, input, window(output), output);
      case 4 -> {
        Window window = window(output);
        boolean countPadding = in.flag("flag for padding");
        int bottom = in.varint("padding below", 0, NetworkCheck.MAX_SIDE);
        int right = in.varint("padding on the right", 0, NetworkCheck.MAX_SIDE);
        float[] factor = in.f32s("factors", window.taps());
        yield new Step.AveragePool(
            name, input, window, countPadding, bottom, right, factor, output);
      }
      case 5 -> {
        int right = tensorIndex("second input");
        yield new Step.Join(name, input, right, in.clamp(), output);
      }
      case 6 -> {
        int gate = tensorIndex("second factor");
        yield new Step.Scale(name, input, gate, in.clamp(), output);
      }
      case 7 -> new Step.Table(name, input, tables(tensors.get(output).encoding()), output);
      default -> gather(name, input, output);
    };
  }

  private Step gather(String name, int first, int output) {
    List<Integer> inputs = new ArrayList<>(List.of(first));
    int more = in.count("number of further inputs", Limits.COUNT - 1, 1);
    for (int i = 0; i < more; i++) {
      inputs.add(tensorIndex("further input"));
    }
    long sources = inputs.stream().mapToLong(i -> tensors.get(i).channels()).sum();
    if (sources > NetworkCheck.MAX_CHANNELS) {
      throw in.problem(
          "step " + name + " gathers from more than " + NetworkCheck.MAX_CHANNELS + " channels");
    }
    PackedTensor to = tensors.get(output);
    int[] channels =
        in.bits("source channels", to.channels(), StructureWriter.width((int) sources + 1));
    for (int c = 0; c < channels.length; c++) {
      channels[c]--;
    }
    int[] rows = sources("source row", to.height());
    int[] columns = sources("source column", to.width());
    return new Step.Gather(name, inputs, channels, rows, columns, output);
  }

  private int[] sources(String what, int count) {
    int[] sources = new int[count];
    for (int i = 0; i < count; i++) {
      sources[i] = in.varint(what, 0, NetworkCheck.MAX_SIDE) - 1;
    }
    return sources;
  }

  private byte[][] tables(Encoding encoding) {
    int count =
        encoding instanceof Encoding.Mixed mixed
            ? BoundsCalculator.segments(mixed.precision()).length
            : 1;
    byte[][] codes = new byte[count][];
    for (int s = 0; s < count; s++) {
      codes[s] = in.raw("table of codes", CurveTable.SIZE);
    }
    return codes;
  }

  private int tensorIndex(String what) {
    return in.varint(what, 0, tensors.size() - 1);
  }

  private Window window(int output) {
    int[] fields = new int[8];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = in.varint("field of a window", i < 6 ? 1 : 0, NetworkCheck.MAX_SIDE);
    }
    if ((long) fields[0] * fields[1] > NetworkCheck.MAX_TAPS) {
      throw in.problem("a window has more than " + NetworkCheck.MAX_TAPS + " cells");
    }
    return new Window(
        fields[0],
        fields[1],
        fields[2],
        fields[3],
        fields[4],
        fields[5],
        fields[6],
        fields[7],
        tensors.get(output).height(),
        tensors.get(output).width());
  }

  private Step convolution(String name, int input, int output) {
    Window window = window(output);
    PackedTensor from = tensors.get(input);
    int outputs = tensors.get(output).channels();
    int groups = in.varint("number of channel groups", 1, NetworkCheck.MAX_CHANNELS);
    if (from.channels() % groups != 0 || outputs % groups != 0) {
      throw in.problem("the channels of layer " + name + " do not divide into its groups");
    }
    long perOutput = (long) window.taps() * (from.channels() / groups);
    if (perOutput > NetworkCheck.MAX_WEIGHTS || perOutput * outputs > NetworkCheck.MAX_WEIGHTS) {
      throw in.problem("layer " + name + " has more than " + NetworkCheck.MAX_WEIGHTS + " weights");
    }
    int residual = in.varint("residual", 0, tensors.size()) - 1;
    Clamp clamp = in.clamp();
    // Every weight has at least a bit in the file, so this is no larger than what must be left.
    if (perOutput * outputs > 8L * weights.remaining()) {
      throw weights.problem("the weights of layer " + name + " are cut off");
    }
    PackedWeights empty =
        new PackedWeights(outputs, window.taps(), weightPrecision(from), groups, new byte[0]);
    byte[] bits = weights.raw("weights of layer " + name, empty.totalBytes());
    PackedWeights rows = new PackedWeights(outputs, window.taps(), empty.precision(), groups, bits);
    Affine affineOfLayer = affine(name, outputs);
    Bounds reached = bounds(rows, StructureWriter.signed(from.encoding()));
    return new Step.Convolution(
        name, input, window, groups, rows, affineOfLayer, residual, clamp, reached, output);
  }

  private static byte[] weightPrecision(PackedTensor from) {
    if (from.encoding() instanceof Encoding.Mixed mixed) {
      return mixed.precision().clone();
    }
    byte[] eight = new byte[from.channels()];
    Arrays.fill(eight, (byte) 8);
    return eight;
  }

  private Step requantise(String name, int input, int output) {
    Clamp clamp = in.clamp();
    int channels = tensors.get(output).channels();
    Affine norm = in.flag("flag for factors") ? affine(name, channels) : null;
    int @Nullable [] gather = null;
    if (in.flag("flag for moved channels")) {
      gather =
          in.bits(
              "source channels", channels, StructureWriter.width(tensors.get(input).channels()));
    }
    return new Step.Requantise(name, input, norm, clamp, gather, output);
  }

  private Affine affine(String name, int channels) {
    if (affine.length - affineUsed < 2L * channels) {
      throw in.content("section affine is too short for layer " + name);
    }
    float[] scale = Arrays.copyOfRange(affine, affineUsed, affineUsed + channels);
    float[] offset = Arrays.copyOfRange(affine, affineUsed + channels, affineUsed + 2 * channels);
    affineUsed += 2 * channels;
    return new Affine(scale, offset);
  }

  private Bounds bounds(PackedWeights rows, boolean signed) {
    byte[] segments = BoundsCalculator.segments(rows.precision());
    int[] low = new int[rows.outputs() * segments.length];
    int[] high = new int[low.length];
    for (int s = 0; s < segments.length; s++) {
      int unit = BoundsCalculator.unit(segments[s], signed);
      if (!signed) {
        column(low, s, segments.length, rows.outputs(), -unit);
      }
      column(high, s, segments.length, rows.outputs(), unit);
      for (int i = s; signed && i < high.length; i += segments.length) {
        low[i] = -high[i];
      }
    }
    return new Bounds(segments, low, high);
  }

  private void column(int[] values, int column, int columns, int outputs, int unit) {
    int least = bounds.varint("least bound", 0, Integer.MAX_VALUE);
    int width = bounds.varint("width of a bound", 0, 31);
    int[] above = bounds.bits("bounds", outputs, width);
    for (int o = 0; o < outputs; o++) {
      long value = ((long) above[o] + least) * unit;
      if (value != (int) value) {
        throw bounds.problem("a bound of output " + o + " is longer than 32 bits");
      }
      values[o * columns + column] = (int) value;
    }
  }

  private Placement placement() {
    int tensor = tensorIndex("tensor of a placement");
    int registers = in.count("number of registers", NetworkCheck.MAX_CHANNELS, 3);
    int[] patterns = new int[3 * registers];
    for (int i = 0; i < patterns.length; i++) {
      patterns[i] = in.varint("slots of a register", 0, NetworkCheck.MAX_SIDE);
    }
    return new Placement(tensor, patterns);
  }
}
