package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.data.MemoryImageSet;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.runtime.SmolNetwork;

/**
 * The contract of docs/arithmetic.md: a residual block, a depthwise block and a squeeze-and-excite
 * block through the trainer's evaluation, the scalar reference and machine code, on random data,
 * for several pattern sets.
 */
class ContractTest {
  /** Rows and columns of the images. */
  static final int SIZE = 9;

  private final SplittableRandom random = new SplittableRandom(42);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  @Test
  void blocksGiveTheSameIntegersEverywhere() {
    for (String patterns : List.of("U4", "U2", "P4", "P8", "P45", "FREE")) {
      for (Block block : Block.values()) {
        TrainedNetwork trained = trained(block, patterns);
        PackedNetwork packed = SelfCheck.sign(NetworkCompiler.compile(trained));
        EngineComparison.Outcome outcome =
            EngineComparison.run(trained, packed, EngineComparison.engines(), images(), 20);
        assertThat(outcome.firstDifference())
            .as("%s, %s, %d differ", patterns, block, outcome.mismatches())
            .isEmpty();
        assertThat(outcome.mismatches()).isZero();
        assertThat(outcome.images()).isEqualTo(20);
        assertThat(outcome.integers()).isGreaterThan(20L * packed.tensors().getFirst().size());
        for (var engine : EngineComparison.engines()) {
          try (SmolNetwork network = SmolNetwork.of(packed, engine)) {
            assertThat(SelfCheck.verify(network)).isEqualTo(3);
          }
        }
      }
    }
  }

  @Test
  void blocksComeBackFromFilesAsTheyWere() {
    for (Block block : Block.values()) {
      TrainedNetwork trained = trained(block, "P4");
      TrainedNetwork again = TrainedFile.read(TrainedFile.bytes(trained), "a trained network");
      assertThat(again.plan()).as(block.name()).isEqualTo(trained.plan());
      assertThat(SmolFile.bytes(NetworkCompiler.compile(again)))
          .as(block.name())
          .isEqualTo(SmolFile.bytes(NetworkCompiler.compile(trained)));
    }
  }

  @Test
  void aPlantedBitIsFound() {
    TrainedNetwork trained = trained(false, "P4");
    PackedNetwork packed = NetworkCompiler.compile(trained);
    int found = 0;
    for (int bit = 3; bit < 60; bit += 7) {
      EngineComparison.Outcome outcome =
          EngineComparison.run(
              trained, damaged(packed, bit), EngineComparison.engines(), images(), 10);
      found += outcome.mismatches() > 0 ? 1 : 0;
      // Whether or not it shows in the codes, the trainer is the only party that can differ.
      assertThat(outcome.firstDifference())
          .satisfiesAnyOf(
              text -> assertThat(text).isEmpty(), text -> assertThat(text).startsWith("trainer"));
    }
    assertThat(found).isGreaterThan(3);
  }

  @Test
  void sizesCountEdgesAtEightBits() {
    NetworkSize size = NetworkSize.of(NetworkCompiler.compile(trained(false, "U4")));
    assertThat(size.bitsSearched()).isEqualTo(4.0);
    assertThat(size.bitsAll()).isGreaterThan(4.0).isLessThan(8.0);
  }

  /** The network with one bit of its second convolution's weights flipped. */
  private static PackedNetwork damaged(PackedNetwork network, int bit) {
    List<Step> steps = new ArrayList<>();
    boolean done = false;
    for (Step step : network.steps()) {
      if (!done && step instanceof Step.Convolution c && c.name().equals("conv1")) {
        PackedWeights w = c.weights();
        step = c.withWeights(w.withFlippedBit(8 * (w.bits().length / 2) + bit));
        done = true;
      }
      steps.add(step);
    }
    assertThat(done).isTrue();
    return network.withSteps(steps);
  }

  private ImageSet images() {
    byte[] pixels = new byte[20 * SIZE * SIZE];
    random.nextBytes(pixels);
    return new MemoryImageSet("random", 1, SIZE, SIZE, pixels, new int[20], List.of("a", "b"));
  }

  /** The networks, by what is special about them. */
  enum Block {
    RESIDUAL,
    DEPTHWISE,
    EXCITED,
    REARRANGED
  }

  private Network network(Block block) {
    nodes.clear();
    constants.clear();
    String z =
        switch (block) {
          case EXCITED -> excited();
          case REARRANGED -> rearranged();
          case RESIDUAL, DEPTHWISE -> joined(block == Block.DEPTHWISE);
        };
    nodes.add(new Node("mean", new Operator.GlobalAveragePool(), List.of(z), List.of("m")));
    nodes.add(new Node("flat", new Operator.Flatten(1), List.of("m"), List.of("f")));
    constants.put("fc.weight", random(2, 33));
    constants.put("fc.bias", random(2));
    nodes.add(
        new Node(
            "fc",
            new Operator.Gemm(1, 1, false, true),
            List.of("f", "fc.weight", "fc.bias"),
            List.of("scores")));
    return new Network(
        "contract",
        List.of(new Network.Input("image", new int[] {-1, 1, SIZE, SIZE})),
        nodes,
        List.of("scores"),
        constants);
  }

  private String joined(boolean depthwise) {
    String x = relu("relu0", convolution("stem", "image", 1, 37, 3, 1, 1));
    String inner = relu("relu1", convolution("conv1", x, 37, 37, 3, 1, depthwise ? 37 : 1));
    String outer = convolution("conv2", inner, 37, 37, depthwise ? 1 : 3, 1, 1);
    nodes.add(new Node("add", new Operator.Add(), List.of(outer, x), List.of("sum")));
    String y = relu("relu2", "sum");
    String project = convolution("project", y, 37, 33, 1, 2, 1);
    String next = relu("relu3", convolution("conv3", y, 37, 33, 3, 2, 1));
    String last = convolution("conv4", next, 33, 33, 3, 1, 1);
    nodes.add(new Node("add2", new Operator.Add(), List.of(last, project), List.of("sum2")));
    return relu("relu4", "sum2");
  }

  /** Stored functions of all kinds, a squeeze-and-excite block, a product of two maps. */
  private String excited() {
    constants.put("three", Tensor.of(new float[] {3}));
    constants.put("six", Tensor.of(new float[] {6}, 1, 1, 1, 1));
    String x = convolution("stem", "image", 1, 37, 3, 1, 1);
    // Hard-swish as it was spelled before it had a name.
    String clip =
        node("clip", new Operator.Clip(0f, 6f), node("add", new Operator.Add(), x, "three"));
    x = node("div", new Operator.Div(), node("times", new Operator.Mul(), x, clip), "six");
    x = convolution("depthwise", x, 37, 37, 3, 1, 37);
    x = node("swish", new Operator.Mul(), x, node("sigmoid", new Operator.Sigmoid(), x));
    String mean = node("squeeze", new Operator.GlobalAveragePool(), x);
    String down = relu("down/relu", convolution("down", mean, 37, 9, 1, 1, 1));
    String up = convolution("up", down, 9, 37, 1, 1, 1);
    x =
        node(
            "excite",
            new Operator.Mul(),
            x,
            node("gate", new Operator.HardSigmoid(0.2f, 0.5f), up));
    String project = convolution("project", x, 37, 33, 1, 1, 1);
    String inner =
        node("hard", new Operator.HardSwish(), convolution("expand", project, 33, 65, 1, 1, 1));
    String sum =
        node("sum", new Operator.Add(), convolution("back", inner, 65, 33, 3, 1, 1), project);
    // A sum's activation that is no bound, and one map that opens and closes another.
    String left = node("soft", new Operator.HardSwish(), sum);
    String right = node("open", new Operator.Sigmoid(), convolution("other", sum, 33, 33, 3, 1, 1));
    return relu("both/relu", node("both", new Operator.Mul(), left, right));
  }

  /**
   * A unit of ShuffleNetV2 (a split, a concatenation, a channel shuffle), one of ShuffleNet
   * (grouped convolutions), a dense join, and a shortcut of option A: strided, with channels of
   * zeros.
   */
  private String rearranged() {
    String x = relu("relu0", convolution("stem", "image", 1, 24, 3, 1, 1));
    String right = slice("right", x, 1, 12, 24, 1);
    right = relu("relu1", convolution("narrow", right, 12, 12, 1, 1, 1));
    right = convolution("depthwise", right, 12, 12, 3, 1, 12);
    right = relu("relu2", convolution("wide", right, 12, 12, 1, 1, 1));
    x = node("halves", new Operator.Concat(1), slice("left", x, 1, 0, 12, 1), right);
    x = shuffle("shuffle1", x, 24, 2, SIZE);
    String y = relu("relu3", convolution("grouped1", x, 24, 12, 1, 1, 3));
    y = convolution("depthwise2", shuffle("shuffle2", y, 12, 3, SIZE), 12, 12, 3, 2, 12);
    y = convolution("grouped2", y, 12, 32, 1, 1, 2);
    String strided = slice("columns", slice("rows", x, 2, 0, 99, 2), 3, 0, 99, 2);
    int[] zeros = {0, 4, 0, 0, 0, 4, 0, 0};
    String shortcut = node("pad", new Operator.Pad(Operator.PadMode.CONSTANT, zeros, 0f), strided);
    x = relu("relu4", node("add", new Operator.Add(), y, shortcut));
    String dense = relu("relu5", convolution("dense", x, 32, 5, 3, 1, 1));
    x = node("dense/all", new Operator.Concat(1), x, dense);
    return relu("relu6", convolution("last", x, 37, 33, 3, 1, 1));
  }

  private String slice(String name, String input, int axis, int start, int end, int step) {
    int[][] one = {{axis}, {start}, {end}, {step}};
    return node(name, new Operator.Slice(one[0], one[1], one[2], one[3]), input);
  }

  private String shuffle(String name, String input, int channels, int groups, int side) {
    float[] axes = {0, groups, -1, side, side};
    constants.put(name + ".axes", Tensor.of(axes, 5));
    constants.put(name + ".map", Tensor.of(new float[] {0, channels, side, side}, 4));
    String cut = node(name + "/cut", new Operator.Reshape(false), input, name + ".axes");
    String turned = node(name + "/turned", new Operator.Transpose(new int[] {0, 2, 1, 3, 4}), cut);
    return node(name, new Operator.Reshape(false), turned, name + ".map");
  }

  private String node(String name, Operator operator, String... inputs) {
    nodes.add(new Node(name, operator, List.of(inputs), List.of(name + "/out")));
    return name + "/out";
  }

  private String convolution(
      String name, String input, int from, int to, int kernel, int stride, int groups) {
    constants.put(name + ".weight", random(to, from / groups, kernel, kernel));
    int[] strides = {stride, stride};
    nodes.add(
        new Node(
            name,
            new Operator.Conv(strides, new int[] {1, 1}, Padding.all(kernel / 2), groups),
            List.of(input, name + ".weight"),
            List.of(name + "/out")));
    List<String> inputs = new ArrayList<>(List.of(name + "/out"));
    for (String part : List.of("scale", "bias", "mean", "variance")) {
      Tensor t = random(to);
      for (int i = 0; i < to; i++) {
        t.data()[i] =
            part.equals("variance") || part.equals("scale")
                ? 0.5f + Math.abs(t.data()[i])
                : t.data()[i];
      }
      constants.put(name + "." + part, t);
      inputs.add(name + "." + part);
    }
    nodes.add(
        new Node(
            name + "/norm",
            new Operator.BatchNormalization(1e-5f, false),
            inputs,
            List.of(name + "/normed")));
    return name + "/normed";
  }

  private String relu(String name, String input) {
    nodes.add(new Node(name, new Operator.Relu(), List.of(input), List.of(name + "/out")));
    return name + "/out";
  }

  private Tensor random(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < tensor.data().length; i++) {
      tensor.data()[i] = (float) (0.4 * random.nextGaussian());
    }
    return tensor;
  }

  /** Split, shuffled, grouped and joined channels; takes images of one channel. */
  Network rearrangedNetwork() {
    return network(Block.REARRANGED);
  }

  TrainedNetwork trained(boolean depthwise, String patterns) {
    return trained(depthwise ? Block.DEPTHWISE : Block.RESIDUAL, patterns);
  }

  TrainedNetwork trained(Block block, String patterns) {
    return trained(network(block), 1, SIZE, patterns, random);
  }

  /** A network with steps and precisions at random. */
  static TrainedNetwork trained(
      Network network, int channels, int side, String patterns, SplittableRandom random) {
    Plan plan = PlanBuilder.build(network, channels, side, side, Set.of());
    float[] steps = new float[plan.values().size()];
    for (Value v : plan.values()) {
      steps[v.id()] = v.eightBit() ? (float) random.nextDouble(0.01, 0.05) : 0;
    }
    float[] alpha = new float[plan.groups().size()];
    int[][] precision = new int[alpha.length][];
    float[][] continuous = new float[alpha.length][];
    int[] allowed =
        switch (patterns) {
          case "U4" -> new int[] {4};
          case "U2" -> new int[] {2};
          default -> new int[] {1, 2, 4};
        };
    for (InputGroup g : plan.groups()) {
      int count = plan.value(g).channels();
      alpha[g.id()] = g.searched() || !g.direct() ? (float) random.nextDouble(0.3, 1.5) : 0;
      precision[g.id()] = new int[count];
      continuous[g.id()] = new float[g.searched() ? count : 0];
      for (int c = 0; c < count; c++) {
        precision[g.id()][c] = g.searched() ? allowed[random.nextInt(allowed.length)] : 8;
      }
    }
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = new float[layers.size()][];
    for (int i = 0; i < delta.length; i++) {
      boolean searched = plan.groups().get(layers.get(i).group()).searched();
      delta[i] = new float[searched ? layers.get(i).outputChannels() : 0];
      for (int o = 0; o < delta[i].length; o++) {
        delta[i][o] = (float) random.nextDouble(0.2, 0.8);
      }
    }
    float[] mean = new float[channels];
    float[] deviation = new float[channels];
    Arrays.fill(mean, 0.5f);
    Arrays.fill(deviation, 0.25f);
    return new TrainedNetwork(
        network,
        plan,
        new Quantisers(steps, alpha, precision, continuous, delta),
        patterns,
        "budget",
        new Preprocessing(channels, side, side, new Resize.None(), mean, deviation),
        List.of("a", "b"),
        new Provenance(Map.of("origin", "test")));
  }
}
