package org.sysmol.bench.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;

/**
 * A small network drawn at random from all that a packed network may be: any steps in any order
 * that fits, odd sizes, windows that differ by axis, paddings that differ by side, tensors with
 * several readers, channel orders. The same seed gives the same network.
 *
 * <p>One network in four is extreme: weights and codes are the largest, so that sums attain the
 * bounds of their layers.
 */
final class RandomNetwork {
  private static final int[] CHANNELS = {
    1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 37, 48, 63, 64, 65, 96, 127, 128, 160, 192, 256
  };

  private final SplittableRandom random;
  private final RandomLayers layers;
  private final RandomWindows windows;
  private final List<PackedTensor> tensors = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  private RandomNetwork(long seed) {
    random = new SplittableRandom(seed);
    windows = new RandomWindows(random);
    layers = new RandomLayers(random, tensors, random.nextInt(4) == 0);
  }

  /** The network of a seed. */
  static PackedNetwork of(long seed) {
    return new RandomNetwork(seed).build("random-" + seed);
  }

  private PackedNetwork build(String name) {
    int channels = oneIn(2) ? 1 : 3;
    int height = side();
    int width = side();
    int image = tensor("image", channels, height, width, order(channels), layers.eight(true));
    steps.add(new Step.QuantiseImage("image", -1, image));
    int last = image;
    int count = 2 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      int input = oneIn(3) ? random.nextInt(tensors.size()) : last;
      last = step(input);
    }
    PackedTensor in = tensors.get(last);
    Window w =
        oneIn(3) && RandomWindows.work(in, in.height() * in.width(), 1, 1) < RandomWindows.MOST_WORK
            ? new Window(in.height(), in.width(), 1, 1, 1, 1, 0, 0, 1, 1)
            : windows.any(in);
    int outputs = outputs(in, w, 1);
    convolution("result", last, w, outputs, 1, order(outputs), -1, new Encoding.Real());
    return new PackedNetwork(
        name,
        "FREE",
        "budget",
        tensors,
        steps,
        List.of(),
        new Preprocessing(
            channels,
            height,
            width,
            new Resize.None(),
            new float[channels],
            filled(new float[channels], 1f)),
        List.of(),
        new Provenance(Map.of("origin", "fuzz")),
        List.of());
  }

  private static float[] filled(float[] array, float value) {
    Arrays.fill(array, value);
    return array;
  }

  private boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  private int side() {
    return oneIn(10) ? 15 + random.nextInt(30) : 1 + random.nextInt(14);
  }

  /** Adds a step, or a few, that read a tensor; the tensor written last. */
  private int step(int input) {
    PackedTensor in = tensors.get(input);
    boolean eight = in.encoding() instanceof Encoding.Eight;
    return switch (eight ? random.nextInt(13) : 0) {
      case 0, 1, 2, 3, 4 -> convolution(input);
      case 5, 6 -> requantise(input);
      case 7 -> maxPool(input);
      case 8 -> averagePool(input);
      case 9 -> table(input, encoding(in.channels()));
      case 10 -> scale(input);
      case 11 -> gather(input);
      default -> join(input);
    };
  }

  private String next(String kind) {
    return kind + steps.size();
  }

  private int convolution(int input) {
    PackedTensor in = tensors.get(input);
    Window w = windows.any(in);
    int groups = groups(in.channels());
    int outputs;
    int[] order;
    if (groups == in.channels() && groups > 1) {
      outputs = groups * (oneIn(4) ? 2 : 1);
      order = outputs == groups ? in.order() : order(outputs);
    } else {
      outputs = outputs(in, w, groups);
      order = order(outputs);
    }
    int residual = -1;
    if (oneIn(3)) {
      residual = like(outputs, w.outputHeight(), w.outputWidth(), order);
    } else if (oneIn(4)) {
      Encoding stream = layers.eight(random.nextBoolean());
      residual = convolution(next("twin"), input, w, outputs, groups, order, -1, stream);
    }
    return convolution(
        next("convolution"), input, w, outputs, groups, order, residual, encoding(outputs));
  }

  private int convolution(
      String name,
      int input,
      Window w,
      int outputs,
      int groups,
      int[] order,
      int residual,
      Encoding encoding) {
    int output = tensor(name, outputs, w.outputHeight(), w.outputWidth(), order, encoding);
    steps.add(layers.convolution(name, input, w, groups, residual, clamp(), output));
    return output;
  }

  private Encoding encoding(int channels) {
    return oneIn(2) ? layers.eight(random.nextBoolean()) : layers.mixed(channels);
  }

  /** An eight-bit tensor of a size and order, or -1. */
  private int like(int channels, int height, int width, int[] order) {
    for (int t = tensors.size() - 1; t >= 0; t--) {
      PackedTensor tensor = tensors.get(t);
      if (tensor.encoding() instanceof Encoding.Eight
          && tensor.channels() == channels
          && tensor.height() == height
          && tensor.width() == width
          && Arrays.equals(tensor.order(), order)) {
        return t;
      }
    }
    return -1;
  }

  private int requantise(int input) {
    PackedTensor in = tensors.get(input);
    String name = next("codes");
    int[] gather = null;
    int[] order = in.order();
    if (oneIn(2)) {
      order = order(in.channels());
      gather = oneIn(4) ? anyChannels(in.channels()) : permutation(in.channels());
    }
    int output =
        tensor(name, in.channels(), in.height(), in.width(), order, encoding(in.channels()));
    steps.add(
        new Step.Requantise(
            name,
            input,
            oneIn(2) ? layers.affine(output, in.step() * 40) : null,
            clamp(),
            gather,
            output));
    return output;
  }

  private int[] anyChannels(int channels) {
    int[] from = new int[channels];
    for (int c = 0; c < channels; c++) {
      from[c] = random.nextInt(channels);
    }
    return from;
  }

  private int maxPool(int input) {
    PackedTensor in = tensors.get(input);
    Window w = windows.pool(in);
    String name = next("maximum");
    int output =
        tensor(name, in.channels(), w.outputHeight(), w.outputWidth(), in.order(), in.encoding());
    steps.add(new Step.MaxPool(name, input, w, output));
    return output;
  }

  private int averagePool(int input) {
    PackedTensor in = tensors.get(input);
    Window w =
        oneIn(3) ? new Window(in.height(), in.width(), 1, 1, 1, 1, 0, 0, 1, 1) : windows.pool(in);
    return averagePool(input, w, encoding(in.channels()));
  }

  private int averagePool(int input, Window w, Encoding encoding) {
    PackedTensor in = tensors.get(input);
    String name = next("average");
    int output =
        tensor(name, in.channels(), w.outputHeight(), w.outputWidth(), in.order(), encoding);
    float[] factor = new float[w.taps()];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = (float) (in.step() / (i + 1.0));
    }
    steps.add(
        new Step.AveragePool(
            name,
            input,
            w,
            random.nextBoolean(),
            random.nextInt(3),
            random.nextInt(3),
            factor,
            output));
    return output;
  }

  private int table(int input, Encoding encoding) {
    PackedTensor in = tensors.get(input);
    String name = next("table");
    int output = tensor(name, in.channels(), in.height(), in.width(), in.order(), encoding);
    steps.add(layers.table(name, input, output));
    return output;
  }

  /** A product with something of the same size, or a squeeze-and-excite block's. */
  private int scale(int input) {
    PackedTensor in = tensors.get(input);
    int gate;
    if (oneIn(2)) {
      gate = other(input);
    } else {
      Window whole = new Window(in.height(), in.width(), 1, 1, 1, 1, 0, 0, 1, 1);
      gate = averagePool(input, whole, layers.eight(random.nextBoolean()));
      gate = oneIn(2) ? table(gate, layers.eight(random.nextBoolean())) : gate;
    }
    String name = next("product");
    int output = output(name, input);
    steps.add(new Step.Scale(name, input, gate, clamp(), output));
    return output;
  }

  /** An index map of one or several tensors of a size, with zeros now and then. */
  private int gather(int input) {
    PackedTensor in = tensors.get(input);
    List<Integer> inputs = new ArrayList<>(List.of(input));
    for (int t = tensors.size() - 1; t >= 0 && inputs.size() < 4; t--) {
      PackedTensor other = tensors.get(t);
      if (other.encoding() instanceof Encoding.Eight
          && other.height() == in.height()
          && other.width() == in.width()
          && oneIn(2)) {
        inputs.add(t);
      }
    }
    int sources = inputs.stream().mapToInt(t -> tensors.get(t).channels()).sum();
    int channels = oneIn(2) ? in.channels() : 1 + random.nextInt(130);
    int[] from = places(channels, sources, oneIn(3));
    int[] rows = places(oneIn(2) ? in.height() : 1 + random.nextInt(9), in.height(), oneIn(3));
    int[] columns = places(oneIn(2) ? in.width() : 1 + random.nextInt(9), in.width(), oneIn(3));
    String name = next("gathered");
    int output =
        tensor(name, channels, rows.length, columns.length, order(channels), encoding(channels));
    steps.add(new Step.Gather(name, inputs, from, rows, columns, output));
    return output;
  }

  /** As they are, or any, with -1 among them where asked. */
  private int[] places(int count, int sources, boolean zeros) {
    boolean any = oneIn(2);
    int[] from = new int[count];
    for (int i = 0; i < count; i++) {
      from[i] = zeros && oneIn(4) ? -1 : any ? random.nextInt(sources) : i % sources;
    }
    return from;
  }

  private int join(int input) {
    int other = other(input);
    String name = next("sum");
    int output = output(name, input);
    steps.add(new Step.Join(name, input, other, clamp(), output));
    return output;
  }

  /** A tensor of the size and order of one that is there. */
  private int output(String name, int like) {
    PackedTensor in = tensors.get(like);
    return tensor(
        name, in.channels(), in.height(), in.width(), in.order(), encoding(in.channels()));
  }

  /** Something of the same size to add or multiply, now and then the same. */
  private int other(int input) {
    PackedTensor in = tensors.get(input);
    int other = oneIn(4) ? input : like(in.channels(), in.height(), in.width(), in.order());
    if (other != input || oneIn(8)) {
      return other;
    }
    String name = next("right");
    other =
        tensor(
            name,
            in.channels(),
            in.height(),
            in.width(),
            in.order(),
            layers.eight(random.nextBoolean()));
    steps.add(
        new Step.Requantise(
            name, input, layers.affine(other, in.step() * 40), clamp(), null, other));
    return other;
  }

  private int groups(int channels) {
    if (oneIn(5)) {
      return channels;
    }
    int groups = oneIn(4) ? 2 + random.nextInt(5) : 1;
    return channels % groups == 0 ? groups : 1;
  }

  /** Output channels, a multiple of the groups, that keep the layer's work within bounds. */
  private int outputs(PackedTensor in, Window w, int groups) {
    int wanted = oneIn(2) ? CHANNELS[random.nextInt(CHANNELS.length)] : 1 + random.nextInt(130);
    long most =
        RandomWindows.MOST_WORK
            / Math.max(1, RandomWindows.work(in, w.taps(), w.outputs(), groups));
    int outputs = Math.clamp(most, 1, wanted);
    return Math.max(1, outputs / groups) * groups;
  }

  private Clamp clamp() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> Clamp.RELU;
      case 2 -> new Clamp(0f, 6f);
      case 3 -> new Clamp(-1f, 1f);
      default -> Clamp.NONE;
    };
  }

  private int tensor(
      String name, int channels, int height, int width, int[] order, Encoding encoding) {
    tensors.add(new PackedTensor(name, channels, height, width, order, encoding));
    return tensors.size() - 1;
  }

  /** The order of a new tensor's channels: as they are, or, now and then, any. */
  private int[] order(int channels) {
    if (oneIn(4)) {
      return permutation(channels);
    }
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      order[c] = c;
    }
    return order;
  }

  private int[] permutation(int channels) {
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      int other = random.nextInt(c + 1);
      order[c] = order[other];
      order[other] = c;
    }
    return order;
  }
}
