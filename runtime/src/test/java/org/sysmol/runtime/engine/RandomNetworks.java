package org.sysmol.runtime.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;

/**
 * Small networks with one convolution of a given kind in the middle: image, edge convolution, the
 * layer with a shortcut from a twin, pools, and a last layer.
 */
public final class RandomNetworks {
  /** Dimensions of the layer under test. */
  public record Spec(
      int channels,
      int outputs,
      int height,
      int width,
      int kernelHeight,
      int kernelWidth,
      int stride,
      int dilation,
      boolean padded,
      boolean depthwise,
      boolean signed,
      boolean signedOutput,
      boolean eightBitOutput,
      boolean extreme) {}

  /** Entry of a table for code 0 of signed codes. */
  private static final int SIGNED_ZERO = 128;

  private static final Curve INPUT = new Curve.Input();
  private static final Curve SWISH = new Curve.Product(INPUT, new Curve.Sigmoid(INPUT));

  private final SplittableRandom random;
  private final Spec spec;
  private final RandomSteps network;

  /** Whether a squeeze-and-excite block stands before the pools; not for one seed in four. */
  private final boolean excites;

  /** Whether index maps stand behind the pools; for one seed in four. */
  private final boolean gathers;

  private RandomNetworks(Spec spec, long seed, int... bits) {
    this.spec = spec;
    random = new SplittableRandom(seed);
    network = new RandomSteps(spec, random, bits);
    excites = seed % 4 != 3;
    gathers = seed % 4 == 2;
  }

  /** A network for a spec. */
  public static PackedNetwork of(Spec spec, long seed) {
    return new RandomNetworks(spec, seed).build();
  }

  /** A network whose channels have only some precisions, and are sorted by them. */
  public static PackedNetwork sorted(Spec spec, long seed, int... bits) {
    return new RandomNetworks(spec, seed, bits).build();
  }

  /** An image of {@code spec.channels()} that the layer reads as it is, and a last layer. */
  public static PackedNetwork stem(Spec spec, long seed) {
    return new RandomNetworks(spec, seed).buildStem();
  }

  /** A spec drawn at random over odd sizes. */
  public static Spec draw(SplittableRandom random) {
    int[] sizes = {1, 3, 5, 8, 16, 31, 32, 33, 37, 64, 65, 96, 128, 192};
    int[] maps = {1, 2, 5, 7, 13};
    int[] kernels = {1, 1, 3, 3, 5, 7};
    boolean depthwise = random.nextInt(4) == 0;
    int channels = sizes[random.nextInt(sizes.length)];
    return new Spec(
        channels,
        depthwise ? channels : sizes[random.nextInt(sizes.length)],
        maps[random.nextInt(maps.length)],
        maps[random.nextInt(maps.length)],
        kernels[random.nextInt(kernels.length)],
        kernels[random.nextInt(kernels.length)],
        1 + random.nextInt(2),
        1 + random.nextInt(2),
        true,
        depthwise && channels > 1,
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(5) == 0);
  }

  private int image(int channels) {
    boolean signed = random.nextInt(3) > 0;
    int image =
        network.tensor(
            "image", channels, spec.height(), spec.width(), new Encoding.Eight(1 / 32f, signed));
    network.steps.add(new Step.QuantiseImage("image", -1, image));
    return image;
  }

  private PackedNetwork buildStem() {
    int image = image(spec.channels());
    Window w =
        network.window(
            spec.height(),
            spec.width(),
            spec.kernelHeight(),
            spec.kernelWidth(),
            spec.stride(),
            spec.dilation());
    Encoding encoding =
        spec.eightBitOutput()
            ? new Encoding.Eight(1 / 16f, spec.signedOutput())
            : network.mixed(spec.outputs(), spec.signedOutput());
    if (random.nextInt(4) == 0) {
      // Pixels of an image that a pool reads lie in whole vectors.
      PackedTensor in = network.tensors.get(image);
      Window one = new Window(1, 1, 1, 1, 1, 1, 0, 0, in.height(), in.width());
      int pooled = network.tensor("pooled", in.channels(), in.height(), in.width(), in.encoding());
      network.steps.add(new Step.MaxPool("pool", image, one, pooled));
    }
    return finish(
        network.convolution("layer", image, w, spec.outputs(), 1, -1, Clamp.NONE, encoding),
        spec.channels());
  }

  private PackedNetwork build() {
    int image = image(1);
    int codes =
        network.convolution(
            "first",
            image,
            network.window(spec.height(), spec.width(), 1, 1, 1, 1),
            spec.channels(),
            1,
            -1,
            Clamp.NONE,
            network.mixed(spec.channels(), spec.signed()));
    Window w =
        network.window(
            spec.height(),
            spec.width(),
            spec.kernelHeight(),
            spec.kernelWidth(),
            spec.stride(),
            spec.dilation());
    int groups = spec.depthwise() ? spec.channels() : 1;
    int twin =
        network.convolution(
            "twin",
            codes,
            w,
            spec.outputs(),
            groups,
            -1,
            Clamp.NONE,
            new Encoding.Eight(1 / 16f, random.nextBoolean()));
    Clamp clamp =
        spec.signedOutput() ? Clamp.NONE : random.nextBoolean() ? Clamp.RELU : new Clamp(0f, 6f);
    int middle =
        network.convolution(
            "layer",
            codes,
            w,
            spec.outputs(),
            groups,
            twin,
            clamp,
            spec.eightBitOutput()
                ? new Encoding.Eight(1 / 16f, spec.signedOutput())
                : network.mixed(spec.outputs(), spec.signedOutput()));
    int last = middle;
    if (spec.eightBitOutput()) {
      last = tail(middle);
    }
    return finish(last, 1);
  }

  private PackedNetwork finish(int last, int channels) {
    PackedTensor in = network.tensors.get(last);
    network.convolution(
        "last",
        last,
        new Window(in.height(), in.width(), 1, 1, 1, 1, 0, 0, 1, 1),
        10,
        1,
        -1,
        Clamp.NONE,
        new Encoding.Real());
    return new PackedNetwork(
        "random",
        "FREE",
        "budget",
        network.tensors,
        network.steps,
        List.of(),
        new Preprocessing(
            channels,
            spec.height(),
            spec.width(),
            new Resize.None(),
            new float[channels],
            ones(channels)),
        List.of(),
        new Provenance(Map.of("origin", "test")),
        List.of());
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1f);
    return ones;
  }

  /** Pools, a sum and a requantisation with an index map behind an eight-bit tensor. */
  private int tail(int from) {
    from = excites ? excited(from) : from;
    PackedTensor in = network.tensors.get(from);
    Encoding.Eight eight = (Encoding.Eight) in.encoding();
    Window same = network.window(in.height(), in.width(), 3, 3, 1, 1);
    if (in.channels() > 1 && spec.padded()) {
      from =
          network.convolution(
              "edge depthwise", from, same, in.channels(), in.channels(), -1, Clamp.NONE, eight);
    }
    Window pool = new Window(2, 2, 1, 1, 1, 1, 1, 1, in.height() + 1, in.width() + 1);
    int max = network.tensor("max", in.channels(), in.height() + 1, in.width() + 1, eight);
    network.steps.add(new Step.MaxPool("max", from, pool, max));
    int average =
        network.tensor(
            "average",
            in.channels(),
            in.height() + 1,
            in.width() + 1,
            new Encoding.Eight(1 / 20f, eight.signed()));
    float[] factor = new float[4];
    for (int i = 0; i < 4; i++) {
      factor[i] = (float) (eight.step() / (i + 1.0));
    }
    boolean count = random.nextBoolean();
    network.steps.add(new Step.AveragePool("average", from, pool, count, 1, 1, factor, average));
    int sum =
        network.tensor(
            "sum",
            in.channels(),
            in.height() + 1,
            in.width() + 1,
            new Encoding.Eight(1 / 8f, true));
    network.steps.add(new Step.Join("sum", max, average, Clamp.NONE, sum));
    if (gathers) {
      sum = gathered(from, sum, max);
    }
    int[] gather = new int[in.channels()];
    for (int c = 0; c < gather.length; c++) {
      gather[c] = c;
    }
    for (int c = gather.length - 1; c > 0; c--) {
      int other = random.nextInt(c + 1);
      int place = gather[c];
      gather[c] = gather[other];
      gather[other] = place;
    }
    int codes =
        network.tensor(
            "codes",
            in.channels(),
            in.height() + 1,
            in.width() + 1,
            network.mixed(in.channels(), random.nextBoolean()));
    network.steps.add(
        new Step.Requantise(
            "codes", sum, network.affine(in.channels(), 1f), Clamp.NONE, gather, codes));
    int groups =
        Stream.of(1 + random.nextInt(2), 3, 5)
            .filter(g -> in.channels() % g == 0)
            .findFirst()
            .orElse(1);
    int outputs = groups * (1 + random.nextInt(20));
    Window window = network.window(in.height() + 1, in.width() + 1, 3, 3, 1, 1);
    return network.convolution(
        "grouped", codes, window, outputs, groups, -1, Clamp.RELU, network.mixed(outputs, false));
  }

  /**
   * Index maps: a strided one of a stream with zeros around and between, to codes that a depthwise
   * layer reads, and one of any channels of several streams.
   */
  private int gathered(int from, int sum, int max) {
    PackedTensor in = network.tensors.get(from);
    PackedTensor to = network.tensors.get(sum);
    int[] channels = places(in.channels(), in.channels(), true);
    int[] rows = places(to.height(), in.height(), true);
    int[] columns = places(to.width(), in.width(), true);
    boolean signed = random.nextBoolean();
    int strided =
        network.tensor(
            "strided",
            in.channels(),
            to.height(),
            to.width(),
            network.mixed(in.channels(), signed));
    network.steps.add(new Step.Gather("strided", List.of(from), channels, rows, columns, strided));
    int more = network.depthwise("of parts", strided, random.nextBoolean());
    List<Integer> inputs = oneIn(3) ? List.of(sum) : List.of(max, sum, more);
    channels = places(to.channels(), inputs.size() * to.channels(), oneIn(2));
    rows = places(to.height(), to.height(), oneIn(3));
    columns = places(to.width(), to.width(), oneIn(3));
    int joined =
        network.tensor(
            "joined",
            to.channels(),
            to.height(),
            to.width(),
            new Encoding.Eight(1 / 8f, random.nextBoolean()));
    network.steps.add(new Step.Gather("joined", inputs, channels, rows, columns, joined));
    return joined;
  }

  /**
   * As they are, backwards, or, and always where there are more sources, any; with zeros among them
   * where asked.
   */
  private int[] places(int count, int sources, boolean zeros) {
    int kind = sources > count ? 2 : random.nextInt(3);
    int[] from = new int[count];
    for (int i = 0; i < count; i++) {
      from[i] =
          switch (kind) {
            case 0 -> i % sources;
            case 1 -> sources - 1 - i % sources;
            default -> random.nextInt(sources);
          };
      from[i] = zeros && oneIn(4) ? -1 : from[i];
    }
    return from;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** A squeeze-and-excite block around a table of its input, then a table to mixed precision. */
  private int excited(int from) {
    PackedTensor in = network.tensors.get(from);
    int swish = network.table("swish", from, new Encoding.Eight(1 / 16f, true), SWISH);
    float[] factor = new float[in.height() * in.width()];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = (float) (1 / 16.0 / (i + 1));
    }
    int mean = network.tensor("mean", in.channels(), 1, 1, new Encoding.Eight(1 / 64f, true));
    Window whole = new Window(in.height(), in.width(), 1, 1, 1, 1, 0, 0, 1, 1);
    network.steps.add(new Step.AveragePool("mean", swish, whole, false, 0, 0, factor, mean));
    int gate =
        network.table("gate", mean, new Encoding.Eight(1 / 255f, false), new Curve.Sigmoid(INPUT));
    boolean unsigned = random.nextBoolean();
    int scaled =
        network.tensor(
            "scaled",
            in.channels(),
            in.height(),
            in.width(),
            oneIn(3)
                ? network.mixed(in.channels(), !unsigned)
                : new Encoding.Eight(1 / 16f, !unsigned));
    int factors = oneIn(3) ? from : gate;
    Clamp clamp = unsigned ? Clamp.RELU : Clamp.NONE;
    network.steps.add(new Step.Scale("scaled", swish, factors, clamp, scaled));
    int codes =
        network.table("coded", swish, network.mixed(in.channels(), random.nextBoolean()), INPUT);
    Step.Table coded = (Step.Table) network.steps.getLast();
    // No function: neighbouring entries differ, so that each is needed.
    for (byte[] table : coded.codes()) {
      shuffle(table);
      // What becomes of 0 is not 0: it must not reach the bytes behind the last channel.
      for (int i = 0; table[SIGNED_ZERO] == 0 && i < table.length; i++) {
        table[SIGNED_ZERO] = table[i];
        table[i] = 0;
      }
    }
    int more = network.depthwise("excited", codes, random.nextBoolean());
    boolean mixed = network.tensors.get(scaled).encoding() instanceof Encoding.Mixed;
    return network.sum(more, mixed ? network.depthwise("again", scaled, true) : scaled);
  }

  private void shuffle(byte[] table) {
    for (int i = table.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      byte moved = table[i];
      table[i] = table[other];
      table[other] = moved;
    }
  }
}
