package org.sysmol.core.file;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * What planning, folding and packing rely on in a trained network whose file is not trusted: the
 * sizes of constants and quantisers, and attributes in ranges whose products fit 32 bits.
 */
final class TrainedCheck {
  private final Function<String, SysmolException> refusal;

  private TrainedCheck(Function<String, SysmolException> refusal) {
    this.refusal = refusal;
  }

  /** Refuses a graph that the plan can't be built from without running into its own assumptions. */
  static void requirePlannable(Network network, Function<String, SysmolException> refusal) {
    TrainedCheck check = new TrainedCheck(refusal);
    for (Node node : network.nodes()) {
      check.node(node);
    }
    network
        .constants()
        .forEach(
            (name, tensor) -> {
              for (int extent : tensor.shape()) {
                check.require(
                    extent >= 1 && extent <= NetworkCheck.MAX_WEIGHTS,
                    "constant " + name + " has a size of " + extent);
              }
            });
  }

  private void node(Node node) {
    String where = "node " + node.name() + " (" + node.operator().kind() + ") ";
    int inputs =
        switch (node.operator()) {
          case Operator.BatchNormalization _ -> 5;
          case Operator.Conv _,
              Operator.Gemm _,
              Operator.MatMul _,
              Operator.Add _,
              Operator.Mul _,
              Operator.Sub _,
              Operator.Div _,
              Operator.Reshape _ ->
              2;
          default -> 1;
        };
    require(node.inputs().size() >= inputs, where + "has too few inputs");
    for (int i = 0; i < inputs; i++) {
      require(node.has(i), where + "leaves out an input that it needs");
    }
    require(
        node.outputs().size() == 1 && !node.output().isEmpty(),
        where + "has " + node.outputs().size() + " outputs where one is expected");
    switch (node.operator()) {
      case Operator.Conv c -> {
        axes(where, c.strides(), c.dilations());
        padding(where, c.padding());
        require(
            c.groups() >= 1 && c.groups() <= NetworkCheck.MAX_CHANNELS, where + "has no groups");
      }
      case Operator.MaxPool p -> {
        axes(where, p.kernel(), p.strides(), p.dilations());
        padding(where, p.padding());
      }
      case Operator.AveragePool p -> {
        axes(where, p.kernel(), p.strides(), p.dilations());
        padding(where, p.padding());
      }
      case Operator.Slice s -> {
        int count = s.axes().length;
        require(
            s.starts().length == count && s.ends().length == count && s.steps().length == count,
            where + "has bounds for other axes than its own");
        for (int step : s.steps()) {
          require(step != 0, where + "has a step of 0");
        }
      }
      case Operator.Pad p -> {
        for (int pad : p.pads()) {
          require(Math.abs((long) pad) <= NetworkCheck.MAX_SIDE, where + "has a padding of " + pad);
        }
      }
      default -> {}
    }
  }

  private void axes(String where, int[]... attributes) {
    for (int[] attribute : attributes) {
      require(attribute.length == 2, where + "does not slide along two axes");
      for (int value : attribute) {
        require(
            value >= 1 && value <= NetworkCheck.MAX_SIDE,
            where + "has a kernel, stride or dilation of " + value);
      }
    }
  }

  private void padding(String where, Padding padding) {
    require(
        padding.pads().length == (padding.mode() == Padding.Mode.EXPLICIT ? 4 : 0),
        where + "has " + padding.pads().length + " paddings");
    for (int pad : padding.pads()) {
      require(Math.abs((long) pad) <= NetworkCheck.MAX_SIDE, where + "has a padding of " + pad);
    }
  }

  /** Refuses a trained network whose parts do not fit each other. */
  static void check(TrainedNetwork trained, Function<String, SysmolException> refusal) {
    new TrainedCheck(refusal).check(trained);
  }

  private void check(TrainedNetwork trained) {
    Network network = trained.network();
    Plan plan = trained.plan();
    for (Value value : plan.values()) {
      long size = (long) value.channels() * value.height() * value.width();
      require(
          size >= 1 && size <= NetworkCheck.MAX_ELEMENTS,
          "value " + value.name() + " has " + size + " elements");
    }
    Value image = plan.image();
    var picture = trained.preprocessing();
    require(
        image.channels() == picture.channels()
            && image.height() == picture.height()
            && image.width() == picture.width(),
        "its preprocessing makes pictures of another size than its network takes");
    for (Stage stage : plan.stages()) {
      switch (stage) {
        case Stage.Convolution layer -> layer(network, layer);
        case Stage.Rescale rescale ->
            norm(network, rescale.norm(), plan.values().get(rescale.input()).channels());
        default -> {}
      }
    }
    for (InputGroup group : plan.groups()) {
      norm(network, group.norm(), plan.value(group).channels());
    }
    quantisers(trained.quantisers(), plan);
  }

  private void layer(Network network, Stage.Convolution layer) {
    String where = "layer " + layer.name() + " ";
    require(
        layer.groups() >= 1
            && layer.inputChannels() % layer.groups() == 0
            && layer.outputChannels() % layer.groups() == 0,
        where + "has " + layer.groups() + " channel groups, which do not divide its channels");
    Tensor weights = network.requireConstant(layer.weight());
    require(
        (long) layer.window().kernelHeight() * layer.window().kernelWidth() <= NetworkCheck.MAX_TAPS
            && layer.weights() == weights.data().length
            && layer.weights() <= NetworkCheck.MAX_WEIGHTS,
        where + "has weights " + weights + " that do not fit it");
    if (layer.bias() != null) {
      length(network, layer.bias(), layer.outputChannels());
    }
    norm(network, layer.norm(), layer.outputChannels());
  }

  private void norm(Network network, @Nullable NormNames norm, int channels) {
    if (norm != null) {
      for (String name : List.of(norm.scale(), norm.bias(), norm.mean(), norm.variance())) {
        length(network, name, channels);
      }
    }
  }

  private void length(Network network, String name, int channels) {
    int length = network.requireConstant(name).data().length;
    require(
        length == channels,
        "constant " + name + " has " + length + " values for " + channels + " channels");
  }

  private void quantisers(Quantisers quantisers, Plan plan) {
    int groups = plan.groups().size();
    List<Stage.Convolution> layers = plan.convolutions();
    require(
        quantisers.valueStep().length == plan.values().size()
            && quantisers.alpha().length == groups
            && quantisers.precision().length == groups
            && quantisers.continuous().length == groups
            && quantisers.delta().length == layers.size(),
        "its quantisers are not those of its values, groups and layers");
    for (Value value : plan.values()) {
      step("value " + value.name(), quantisers.valueStep()[value.id()], value.eightBit());
    }
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool && plan.values().get(pool.output()).eightBit()) {
        float step = quantisers.valueStep()[pool.input()];
        require(
            step == quantisers.valueStep()[pool.output()],
            "pool " + pool.name() + " has another step behind it than before it");
      }
      if (stage instanceof Stage.Gather gather
          && gather.inputs().size() == 1
          && plan.values().get(gather.output()).eightBit()) {
        float step = quantisers.valueStep()[gather.inputs().getFirst()];
        require(
            step == quantisers.valueStep()[gather.output()],
            "the parts of one stream that make " + gather.name() + " have another step than it");
      }
    }
    for (InputGroup group : plan.groups()) {
      String where = "group " + group.name();
      int channels = plan.value(group).channels();
      int[] precision = quantisers.precision()[group.id()];
      step(where, quantisers.alpha()[group.id()], group.searched() || !group.direct());
      require(
          precision.length == channels
              && quantisers.continuous()[group.id()].length == (group.searched() ? channels : 0),
          where + " has precisions for other channels than its own");
      for (int p : precision) {
        require(
            group.searched() ? p == 1 || p == 2 || p == 4 : p == 8,
            where + " has a channel of the wrong precision");
      }
    }
    for (int l = 0; l < layers.size(); l++) {
      Stage.Convolution layer = layers.get(l);
      boolean searched = plan.groups().get(layer.group()).searched();
      float[] delta = quantisers.delta()[l];
      require(
          delta.length == (searched ? layer.outputChannels() : 0),
          "layer " + layer.name() + " has " + delta.length + " weight steps");
      for (float value : delta) {
        step("layer " + layer.name(), value, true);
      }
    }
  }

  private void step(String where, float step, boolean needed) {
    if (!(Float.isFinite(step) && (needed ? step > 0 : step >= 0))) {
      throw refusal.apply(where + " has the step " + step);
    }
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw refusal.apply(what);
    }
  }
}
