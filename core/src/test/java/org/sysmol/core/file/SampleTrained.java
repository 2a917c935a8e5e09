package org.sysmol.core.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;
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

/** Trained networks with random weights in which every operator that can be quantised occurs. */
final class SampleTrained {
  private final Random random;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private SampleTrained(long seed) {
    random = new Random(seed);
  }

  static TrainedNetwork of(long seed) {
    return new SampleTrained(seed).build();
  }

  private TrainedNetwork build() {
    int c = 4;
    conv("conv1", "x", c, 1, 3, 1);
    norm("bn1", "conv1", c);
    node("relu1", new Operator.Relu(), "bn1");
    conv("conv2", "relu1", c, c, 3, 1);
    norm("bn2", "conv2", c);
    node("add2", new Operator.Add(), "bn2", "relu1");
    node("relu2", new Operator.Clip(0f, 6f), "add2");
    int[] two = {2, 2};
    node(
        "pool3", new Operator.MaxPool(two, two, new int[] {1, 1}, Padding.none(2), false), "relu2");
    conv("depthwise4", "pool3", c, 1, 3, c);
    norm("bn4", "depthwise4", c);
    node("relu4", new Operator.Relu(), "bn4");
    conv("point5", "relu4", 6, c, 1, 1);
    node("relu5", new Operator.Relu(), "point5");
    conv("kept6", "relu5", 6, 6, 1, 1);
    node("relu6", new Operator.Relu(), "kept6");
    int[] three = {3, 3};
    int[] one = {1, 1};
    Padding same = new Padding(Padding.Mode.SAME_UPPER, new int[0]);
    node("mean7", new Operator.AveragePool(three, one, one, same, false, true), "relu6");
    node("mean8", new Operator.GlobalAveragePool(), "mean7");
    node("flat", new Operator.Flatten(1), "mean8");
    constants.put("fc/w", tensor(10, 6));
    constants.put("fc/b", tensor(10));
    node("fc", new Operator.Gemm(1f, 1f, false, true), "flat", "fc/w", "fc/b");
    constants.put("shape", Tensor.of(new float[] {0, -1}, 2));
    constants.put("scalar", Tensor.of(new float[] {Float.MIN_VALUE}));
    node("result", new Operator.Identity(), "fc");
    Network network =
        new Network(
            "tiny",
            List.of(new Network.Input("x", new int[] {-1, 1, 10, 9})),
            nodes.subList(0, nodes.size() - 1),
            List.of("fc"),
            constants);
    Plan plan = PlanBuilder.build(network, 1, 10, 9, Set.of("kept6"));
    return new TrainedNetwork(
        network,
        plan,
        quantisers(plan),
        "P4",
        "budget",
        new Preprocessing(1, 10, 9, new Resize.None(), new float[] {0.28f}, new float[] {0.35f}),
        List.of("null", "eins"),
        new Provenance(Map.of("seed", "7")).with("command", "train\n--seed 7"));
  }

  private void conv(String name, String input, int out, int in, int kernel, int groups) {
    constants.put(name + "/w", tensor(out, in, kernel, kernel));
    int[] one = {1, 1};
    node(name, new Operator.Conv(one, one, Padding.all(kernel / 2), groups), input, name + "/w");
  }

  private void norm(String name, String input, int channels) {
    for (String part : List.of("scale", "bias", "mean", "var")) {
      constants.put(name + "/" + part, tensor(channels));
    }
    node(
        name,
        new Operator.BatchNormalization(1e-5f, false),
        input,
        name + "/scale",
        name + "/bias",
        name + "/mean",
        name + "/var");
  }

  private void node(String name, Operator operator, String... inputs) {
    nodes.add(new Node(name, operator, List.of(inputs), List.of(name)));
  }

  private Tensor tensor(int... shape) {
    float[] data = new float[(int) Tensor.size(shape)];
    for (int i = 0; i < data.length; i++) {
      data[i] = 0.1f + random.nextFloat();
    }
    return new Tensor(shape, data);
  }

  private Quantisers quantisers(Plan plan) {
    float[] valueStep = new float[plan.values().size()];
    for (Value value : plan.values()) {
      valueStep[value.id()] = value.eightBit() ? 0.01f + random.nextFloat() : 0f;
    }
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool) {
        valueStep[pool.output()] = valueStep[pool.input()];
      }
    }
    int groups = plan.groups().size();
    float[] alpha = new float[groups];
    int[][] precision = new int[groups][];
    float[][] continuous = new float[groups][];
    for (InputGroup group : plan.groups()) {
      int channels = plan.value(group).channels();
      alpha[group.id()] = group.searched() || !group.direct() ? 0.5f + random.nextFloat() : 0f;
      precision[group.id()] = new int[channels];
      continuous[group.id()] = new float[group.searched() ? channels : 0];
      for (int i = 0; i < channels; i++) {
        precision[group.id()][i] = group.searched() ? 1 << random.nextInt(3) : 8;
      }
    }
    List<float[]> delta = new ArrayList<>();
    for (Stage.Convolution layer : plan.convolutions()) {
      boolean searched = plan.groups().get(layer.group()).searched();
      float[] steps = new float[searched ? layer.outputChannels() : 0];
      java.util.Arrays.fill(steps, 0.25f);
      delta.add(steps);
    }
    return new Quantisers(valueStep, alpha, precision, continuous, delta.toArray(float[][]::new));
  }
}
