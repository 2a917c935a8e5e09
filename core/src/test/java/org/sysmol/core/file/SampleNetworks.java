package org.sysmol.core.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Placement;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;

/** Packed networks with random weights in which every kind of step occurs. */
public final class SampleNetworks {
  private static final Curve SWISH =
      new Curve.Product(new Curve.Input(), new Curve.Sigmoid(new Curve.Input()));

  private final Random random;
  private final List<PackedTensor> tensors = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  private SampleNetworks(long seed) {
    random = new Random(seed);
  }

  /** A network whose first maps have {@code channels} and whose later ones {@code 4 * wide}. */
  public static PackedNetwork of(long seed, int channels, int wide) {
    return new SampleNetworks(seed).build(channels, 4 * wide);
  }

  private PackedNetwork build(int narrow, int wide) {
    int height = 6 + random.nextInt(4);
    int width = 5 + random.nextInt(4);
    int image = tensor("image", 3, height, width, new Encoding.Eight(0.0236f, true), null);
    steps.add(new Step.QuantiseImage("input", -1, image));
    int first = tensor("first", narrow, height, width, new Encoding.Eight(0.05f, false), null);
    steps.add(convolution("conv1", image, square(3, 1, 1, height, width), 1, -1, first));
    int codes = tensor("codes", narrow, height, width, mixed(narrow, 0.8f, false), null);
    steps.add(
        new Step.Requantise("bn2", first, affine(narrow), Clamp.RELU, gather(first, codes), codes));
    int left = tensor("left", wide, height, width, new Encoding.Eight(0.1f, true), null);
    steps.add(convolution("conv2", codes, square(3, 1, 1, height, width), 1, -1, left));
    int sum =
        tensor("sum", wide, height, width, new Encoding.Eight(0.07f, false), tensors.get(left));
    steps.add(convolution("conv3", codes, square(1, 1, 0, height, width), 1, left, sum));
    int rows = height / 2;
    int columns = width / 2;
    int pooled =
        tensor("pooled", wide, rows, columns, new Encoding.Eight(0.07f, false), tensors.get(left));
    steps.add(new Step.MaxPool("pool", sum, square(2, 2, 0, rows, columns), pooled));
    int signed = tensor("signed", wide, rows, columns, mixed(wide, 0.5f, true), tensors.get(left));
    steps.add(new Step.Requantise("clip4", pooled, null, new Clamp(-1f, 6f), null, signed));
    int deep =
        tensor("deep", wide, rows, columns, new Encoding.Eight(0.3f, false), tensors.get(left));
    steps.add(convolution("depthwise5", signed, square(3, 1, 1, rows, columns), wide, -1, deep));
    int joined =
        tensor("joined", wide, rows, columns, new Encoding.Eight(0.2f, false), tensors.get(left));
    steps.add(new Step.Join("join", pooled, deep, new Clamp(0f, 6f), joined));
    int swish =
        tensor("swish", wide, rows, columns, new Encoding.Eight(0.1f, true), tensors.get(left));
    steps.add(table("swish", joined, SWISH, swish));
    int whole = tensor("whole", wide, 1, 1, new Encoding.Eight(0.15f, true), tensors.get(left));
    Window all = new Window(rows, columns, 1, 1, 1, 1, 0, 0, 1, 1);
    steps.add(
        new Step.AveragePool(
            "whole", swish, all, false, 0, 0, factors(0.1f, rows * columns), whole));
    int gate = tensor("gate", wide, 1, 1, new Encoding.Eight(1 / 255f, false), tensors.get(left));
    steps.add(table("gate", whole, new Curve.HardSigmoid(new Curve.Input(), 0.2f, 0.5f), gate));
    int scaled =
        tensor("scaled", wide, rows, columns, new Encoding.Eight(0.2f, false), tensors.get(left));
    steps.add(new Step.Scale("scale", swish, gate, Clamp.RELU, scaled));
    int means =
        tensor("means", wide, rows, columns, new Encoding.Eight(0.2f, false), tensors.get(left));
    steps.add(
        new Step.AveragePool(
            "average",
            scaled,
            square(3, 1, 1, rows, columns),
            true,
            1,
            1,
            factors(0.2f, 9),
            means));
    int mean = tensor("mean", wide, rows, columns, mixed(wide, 0.25f, false), tensors.get(left));
    steps.add(table("hard-swish", means, new Curve.HardSwish(new Curve.Input()), mean));
    int grouped = tensor("grouped", 6, rows, columns, new Encoding.Eight(0.3f, true), null);
    Window dilated = new Window(2, 3, 1, 1, 1, 2, 0, 2, rows, columns);
    steps.add(convolution("grouped6", mean, dilated, 2, -1, grouped));
    int parts = tensor("parts", 6, rows, columns, new Encoding.Eight(0.25f, true), null);
    int[] channels = {0, -1, 3, wide + 5, wide, wide - 1};
    int[] lines = new int[rows];
    java.util.Arrays.setAll(lines, y -> y % 2 == 0 ? y : -1);
    int[] places = new int[columns];
    java.util.Arrays.setAll(places, x -> columns - 1 - x);
    steps.add(new Step.Gather("parts", List.of(scaled, grouped), channels, lines, places, parts));
    int result = tensor("result", 10, 1, 1, new Encoding.Real(), null);
    steps.add(convolution("linear7", parts, all, 1, -1, result));
    Preprocessing preprocessing =
        new Preprocessing(
            3,
            height,
            width,
            new Resize.ShorterSide(12),
            new float[] {0.5f, 0.4f, 0.3f},
            new float[] {0.2f, 0.25f, 0.3f});
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      classes.add("Klasse " + i + " \u00e4\u4e16\ud83d\ude00");
    }
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return new PackedNetwork(
        "sample",
        "P4",
        "budget",
        tensors,
        steps,
        List.of(placement(codes), placement(mean)),
        preprocessing,
        classes,
        new Provenance(Map.of("command", "sysmol train --seed 7")).with("data", "none"),
        List.of(new PackedNetwork.Golden(random.nextLong(), digest)));
  }

  private int tensor(
      String name, int channels, int height, int width, Encoding encoding, PackedTensor like) {
    int[] order = like == null ? permutation(channels) : like.order();
    tensors.add(new PackedTensor(name, channels, height, width, order, encoding));
    return tensors.size() - 1;
  }

  private int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private Encoding mixed(int channels, float alpha, boolean signed) {
    byte[] precision = new byte[channels];
    for (int c = 0; c < channels; c++) {
      precision[c] = (byte) (1 << random.nextInt(3));
    }
    if (random.nextBoolean()) {
      java.util.Arrays.sort(precision);
    }
    return new Encoding.Mixed(precision, alpha, signed);
  }

  private int[] gather(int from, int to) {
    int[] position = new int[tensors.get(from).channels()];
    for (int i = 0; i < position.length; i++) {
      position[tensors.get(from).order()[i]] = i;
    }
    int[] gather = new int[tensors.get(to).channels()];
    for (int i = 0; i < gather.length; i++) {
      gather[i] = position[tensors.get(to).order()[i]];
    }
    return gather;
  }

  private static Window square(int kernel, int stride, int pad, int height, int width) {
    return new Window(kernel, kernel, stride, stride, 1, 1, pad, pad, height, width);
  }

  private Affine affine(int channels) {
    float[] scale = new float[channels];
    float[] offset = new float[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = (float) random.nextGaussian() * 0.01f;
      offset[c] = (float) random.nextGaussian();
    }
    return new Affine(scale, offset);
  }

  private Step convolution(
      String name, int input, Window window, int groups, int residual, int output) {
    PackedTensor from = tensors.get(input);
    int outputs = tensors.get(output).channels();
    byte[] precision = new byte[from.channels()];
    boolean signed;
    if (from.encoding() instanceof Encoding.Mixed mixed) {
      precision = mixed.precision().clone();
      signed = mixed.signed();
    } else {
      java.util.Arrays.fill(precision, (byte) 8);
      signed = ((Encoding.Eight) from.encoding()).signed();
    }
    int perOutput = from.channels() / groups;
    int[] codes = new int[outputs * window.taps() * perOutput];
    for (int i = 0; i < codes.length; i++) {
      int output0 = i / (window.taps() * perOutput);
      int group = output0 / (outputs / groups);
      int p = precision[group * perOutput + i % perOutput];
      codes[i] = p == 8 ? random.nextInt(255) - 127 : 2 * random.nextInt(1 << p) - (1 << p) + 1;
    }
    PackedWeights weights = PackedWeights.pack(outputs, window.taps(), precision, groups, codes);
    return new Step.Convolution(
        name,
        input,
        window,
        groups,
        weights,
        affine(outputs),
        residual,
        random.nextBoolean() ? Clamp.RELU : Clamp.NONE,
        BoundsCalculator.of(name, weights, signed),
        output);
  }

  private static float[] factors(float step, int cells) {
    float[] factor = new float[cells];
    for (int i = 0; i < cells; i++) {
      factor[i] = step / (i + 1);
    }
    return factor;
  }

  private Step table(String name, int input, Curve curve, int output) {
    Encoding.Eight from = (Encoding.Eight) tensors.get(input).encoding();
    byte[][] codes =
        switch (tensors.get(output).encoding()) {
          case Encoding.Mixed to -> {
            byte[] segments = BoundsCalculator.segments(to.precision());
            byte[][] tables = new byte[segments.length][];
            for (int s = 0; s < tables.length; s++) {
              tables[s] =
                  CurveTable.mixed(
                      curve, from.step(), from.signed(), to.alpha(), segments[s], to.signed());
            }
            yield tables;
          }
          case Encoding.Eight to ->
              new byte[][] {
                CurveTable.eight(curve, from.step(), from.signed(), to.step(), to.signed())
              };
          case Encoding.Real _ -> throw new IllegalArgumentException(name);
        };
    return new Step.Table(name, input, codes, output);
  }

  private Placement placement(int tensor) {
    int[] slots = new int[3];
    for (byte p : ((Encoding.Mixed) tensors.get(tensor).encoding()).precision()) {
      slots[p >> 1]++;
    }
    return new Placement(tensor, slots);
  }
}
