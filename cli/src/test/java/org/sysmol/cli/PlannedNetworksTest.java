package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.data.MemoryImageSet;
import org.sysmol.onnx.FloatEvaluator;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.train.FloatEvaluation;
import org.sysmol.train.zoo.NetworkZoo;

/** A plan's stages compute what its float network computes, whatever that is spelled with. */
class PlannedNetworksTest {
  private final SplittableRandom random = new SplittableRandom(7);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  @ParameterizedTest
  @ValueSource(strings = {"shufflenet", "shufflenetv2"})
  void networksWithRearrangedChannels(String name) {
    Network network = NetworkZoo.create(name, 3);
    assertPlanComputes(network, 3, 32, 32);
    TrainedNetwork trained = ContractTest.trained(network, 3, 32, "P4", random);
    PackedNetwork packed = SelfCheck.sign(NetworkCompiler.compile(trained));
    byte[] pixels = new byte[2 * 3 * 32 * 32];
    random.nextBytes(pixels);
    ImageSet images =
        new MemoryImageSet("random", 3, 32, 32, pixels, new int[2], List.of("a", "b"));
    EngineComparison.Outcome outcome =
        EngineComparison.run(trained, packed, EngineComparison.engines(), images, 2);
    assertThat(outcome.firstDifference()).isEmpty();
    assertThat(outcome.mismatches()).isZero();
  }

  @Test
  void rearrangements() {
    constants.put("five", Tensor.of(new float[] {0, 3, -1, 7, 8}, 5));
    constants.put("three", Tensor.of(new float[] {-1, 8, 7, 8}, 4));
    String x = node("mirror", pad(Operator.PadMode.REFLECT, 0, 1, 2, 0, 0, 1), "image");
    x = node("bgr", slice(1, -1, -99, -1), x);
    x = relu(convolution("stem", x, 3, 12, 1, 1, 1));
    x = node("crop", pad(Operator.PadMode.CONSTANT, 0, -1, -1, 0, 0, -2), x);
    x = node("edge", pad(Operator.PadMode.EDGE, 0, 1, 0, 0, 0, 0), x);
    x = node("cut", new Operator.Reshape(false), x, "five");
    x = node("turn", new Operator.Transpose(new int[] {0, 2, 1, 3, 4}), x);
    x = node("two", slice(2, 0, 2, 1), x);
    x = node("whole", new Operator.Reshape(false), x, "three");
    String zeros = node("zeros", pad(Operator.PadMode.CONSTANT, 1, 1, 1, 2, 1, 1), x);
    String y = relu(convolution("around", zeros, 11, 8, 3, 1, 1));
    String bordered = node("border", pad(Operator.PadMode.CONSTANT, 0, 2, 0, 0, 1, 1), x);
    String z = convolution("own", bordered, 8, 8, 3, 1, 4);
    String strided = node("columns", slice(3, 1, 9, 2), node("rows", slice(2, 0, 99, 2), y));
    String both = node("both", new Operator.Concat(-3), strided, strided, strided);
    String most =
        node(
            "most",
            new Operator.MaxPool(
                new int[] {2, 2}, new int[] {2, 2}, new int[] {1, 1}, Padding.none(2), false),
            z);
    String all =
        node("all", new Operator.Concat(1), both, node("turned", slice(1, 7, -99, -1), most));
    result(convolution("last", all, 32, 9, 1, 1, 1), 9);
    assertPlanComputes(network(3, 6, 8), 3, 6, 8);
  }

  @Test
  void functionsAndSpellings() {
    for (String name : List.of("a", "b")) {
      constants.put(name, random(8, 1, 1));
    }
    constants.put("mean", random(1, 3, 1, 1));
    constants.put("std", Tensor.of(new float[] {0.5f, 0.25f, 0.3f}, 3, 1, 1));
    constants.put("half", Tensor.of(new float[] {0.5f}));
    constants.put("one", Tensor.of(new float[] {1}));
    constants.put("root", Tensor.of(new float[] {(float) Math.sqrt(2)}));
    String x = node("minus", new Operator.Sub(), "image", "mean");
    x = convolution("stem", node("divided", new Operator.Div(), x, "std"), 3, 8, 3, 1, 1);
    x = node("elu", new Operator.Elu(0.7f), node("times", new Operator.Mul(), x, "a"));
    x = norm("norm", convolution("second", x, 8, 8, 1, 1, 1), 8);
    x = node("plus", new Operator.Add(), "b", x);
    // As exporters spell a GELU.
    String erf = node("erf", new Operator.Erf(), node("over", new Operator.Div(), x, "root"));
    String open = node("open", new Operator.Mul(), x, node("more", new Operator.Add(), erf, "one"));
    x = node("gelu", new Operator.Mul(), open, "half");
    x = node("leaky", new Operator.LeakyRelu(0.1f), convolution("third", x, 8, 8, 3, 1, 8));
    x = node("alone", new Operator.Sub(), "a", x);
    String soft = node("soft", new Operator.Softplus(), convolution("fourth", x, 8, 8, 1, 1, 1));
    x = node("mish", new Operator.Mul(), x, node("tanh", new Operator.Tanh(), soft));
    x = node("gelu2", new Operator.Gelu(true), convolution("multiplied", x, 8, 16, 3, 1, 8));
    String most = node("most", new Operator.GlobalMaxPool(), x);
    String mean = node("means", new Operator.ReduceMean(new int[] {2, 3}, false), x);
    String flat = node("flat", new Operator.Squeeze(new int[] {2, 3}), most);
    x = node("features", new Operator.Concat(-1), flat, mean);
    constants.put("fc1", random(32, 10));
    constants.put("fc1.bias", random(1, 10));
    constants.put("fc2", random(10, 4));
    constants.put("fc2.bias", Tensor.of(new float[] {0.3f}, 1));
    x = node("matmul", new Operator.MatMul(), x, "fc1");
    x = relu(node("biased", new Operator.Add(), "fc1.bias", x));
    nodes.add(
        new Node(
            "fc2",
            new Operator.Gemm(0.5f, 2f, false, false),
            List.of(x, "fc2", "fc2.bias"),
            List.of("scores")));
    assertPlanComputes(network(3, 5, 7), 3, 5, 7);
  }

  @Test
  void sharedWeightsAreACopyForEachLayer() {
    String x = relu(convolution("one", "image", 3, 3, 3, 1, 1));
    nodes.add(
        new Node("two", nodes.getFirst().operator(), List.of(x, "one.weight"), List.of("two/out")));
    result("two/out", 3);
    Network network = network(3, 5, 5);
    assertPlanComputes(network, 3, 5, 5);
    Network simple = Simplification.of(network);
    assertThat(simple.constants()).hasSize(network.constants().size() + 1);
    assertThat(Simplification.of(simple)).isSameAs(simple);
  }

  private void assertPlanComputes(Network network, int channels, int height, int width) {
    Plan plan = PlanBuilder.build(Simplification.of(network), channels, height, width, Set.of());
    int size = channels * height * width;
    float[] images = new float[2 * size];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    Tensor input = Tensor.of(images, 2, channels, height, width);
    float[] expected =
        new FloatEvaluator(network)
            .evaluate(Map.of(network.inputs().getFirst().name(), input))
            .get(network.outputs().getFirst())
            .data();
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(new FloatEvaluation(network, plan).results(images, 2))
        .containsExactly(expected, within(1e-4f * largest));
  }

  private Network network(int channels, int height, int width) {
    return new Network(
        "spelled",
        List.of(new Network.Input("image", new int[] {-1, channels, height, width})),
        nodes,
        List.of("scores"),
        constants);
  }

  private void result(String input, int channels) {
    String flat = node("flatten", new Operator.Flatten(1), pooled(input));
    constants.put("fc.weight", random(4, channels));
    nodes.add(
        new Node(
            "fc",
            new Operator.Gemm(1f, 1f, false, true),
            List.of(flat, "fc.weight"),
            List.of("scores")));
  }

  private String pooled(String input) {
    return node("pooled", new Operator.GlobalAveragePool(), input);
  }

  private String node(String name, Operator operator, String... inputs) {
    nodes.add(new Node(name, operator, List.of(inputs), List.of(name + "/out")));
    return name + "/out";
  }

  private String relu(String input) {
    return node(input + "/relu", new Operator.Relu(), input);
  }

  private String convolution(
      String name, String input, int from, int to, int kernel, int stride, int groups) {
    constants.put(name + ".weight", random(to, from / groups, kernel, kernel));
    Operator conv =
        new Operator.Conv(
            new int[] {stride, stride}, new int[] {1, 1}, Padding.all(kernel / 2), groups);
    return node(name, conv, input, name + ".weight");
  }

  private String norm(String name, String input, int channels) {
    for (String part : List.of("scale", "bias", "mean", "variance")) {
      Tensor values = random(channels);
      for (int c = 0; c < channels && part.equals("variance"); c++) {
        values.data()[c] = 0.5f + Math.abs(values.data()[c]);
      }
      constants.put(name + "." + part, values);
    }
    return node(
        name,
        new Operator.BatchNormalization(1e-5f, false),
        input,
        name + ".scale",
        name + ".bias",
        name + ".mean",
        name + ".variance");
  }

  private static Operator slice(int axis, int start, int end, int step) {
    int[][] one = {{axis}, {start}, {end}, {step}};
    return new Operator.Slice(one[0], one[1], one[2], one[3]);
  }

  private static Operator pad(
      Operator.PadMode mode, int c, int y, int x, int cEnd, int yEnd, int xEnd) {
    return new Operator.Pad(mode, new int[] {0, c, y, x, 0, cEnd, yEnd, xEnd}, 0f);
  }

  private Tensor random(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < tensor.data().length; i++) {
      tensor.data()[i] = (float) (0.5 * random.nextGaussian());
    }
    return tensor;
  }
}
