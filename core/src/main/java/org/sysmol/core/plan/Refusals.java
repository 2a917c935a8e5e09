package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Lists everything in a float network that has no integer form yet, by kind, count and node. */
final class Refusals {
  private Refusals() {}

  static List<String> of(Network network) {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    Map<String, String> weightReaders = new LinkedHashMap<>();
    for (Node node : network.nodes()) {
      String reason = reason(network, node);
      if (reason == null && isLayer(node)) {
        String before = weightReaders.put(node.inputs().get(1), node.name());
        if (before != null) {
          reason = "weights shared by two layers";
        }
      }
      if (reason != null) {
        byReason.computeIfAbsent(reason, _ -> new ArrayList<>()).add(node.name());
      }
    }
    List<String> lines = new ArrayList<>();
    byReason.forEach(
        (reason, nodes) ->
            lines.add(nodes.size() + " x " + reason + " (" + String.join(", ", nodes) + ")"));
    return lines;
  }

  private static boolean isLayer(Node node) {
    return node.operator() instanceof Operator.Conv
        || node.operator() instanceof Operator.Gemm
        || node.operator() instanceof Operator.MatMul;
  }

  private static @Nullable String reason(Network network, Node node) {
    return switch (node.operator()) {
      case Operator.Conv _ ->
          constantWeights(network, node) ? null : "Conv with computed weights or bias";
      case Operator.Gemm gemm -> {
        if (!constantWeights(network, node)) {
          yield "Gemm with computed weights or bias";
        }
        if (gemm.alpha() != 1f || gemm.transA() || !gemm.transB()) {
          yield "Gemm with alpha, transA or without transB";
        }
        yield node.has(2) && gemm.beta() != 1f ? "Gemm with beta" : null;
      }
      case Operator.BatchNormalization bn -> {
        if (bn.trainingMode()) {
          yield "BatchNormalization in training mode";
        }
        boolean constants = true;
        for (int i = 1; i < 5; i++) {
          constants &= network.constant(node.inputs().get(i)).isPresent();
        }
        yield constants ? null : "BatchNormalization with computed parameters";
      }
      case Operator.Add _, Operator.Mul _, Operator.Sub _, Operator.Div _ ->
          Elementwise.refusal(network, node);
      case Operator.MaxPool _,
          Operator.GlobalAveragePool _,
          Operator.GlobalMaxPool _,
          Operator.Tanh _,
          Operator.Erf _,
          Operator.Gelu _,
          Operator.Softplus _,
          Operator.LeakyRelu _,
          Operator.Elu _,
          Operator.Relu _,
          Operator.Sigmoid _,
          Operator.HardSigmoid _,
          Operator.HardSwish _,
          Operator.Identity _,
          Operator.Slice _,
          Operator.Pad _,
          Operator.Concat _,
          Operator.Transpose _ ->
          null;
      case Operator.Clip clip -> clip.min() <= clip.max() ? null : "Clip with crossed bounds";
      case Operator.AveragePool pool -> {
        boolean dilated = false;
        for (int d : pool.dilations()) {
          dilated |= d != 1;
        }
        yield dilated ? "AveragePool with dilation" : null;
      }
      case Operator.Flatten flatten ->
          flatten.axis() == 1 || flatten.axis() == -3
              ? null
              : "Flatten with axis " + flatten.axis();
      case Operator.Reshape _ ->
          network.constant(node.inputs().get(1)).isPresent() ? null : "Reshape to a computed shape";
      case Operator.ReduceMean mean ->
          spatial(mean.axes()) ? null : "ReduceMean over other axes than rows and columns";
      case Operator.Squeeze _ -> null;
      case Operator.Unsqueeze unsqueeze ->
          spatial(unsqueeze.axes()) ? null : "Unsqueeze to other axes than rows and columns";
      default -> node.operator().kind();
    };
  }

  private static boolean constantWeights(Network network, Node node) {
    return network.constant(node.inputs().get(1)).isPresent()
        && (!node.has(2) || network.constant(node.inputs().get(2)).isPresent());
  }

  /**
   * True for targets [0, -1], [-1, n], and [batch, -1] or [batch, n] where the batch is 1 or what
   * the network's input declares, as exporters write a flattening.
   */
  static boolean flattens(Network network, Node node) {
    Tensor target = network.constant(node.inputs().get(1)).orElse(null);
    if (target == null || target.data().length != 2) {
      return false;
    }
    float rows = target.data()[0];
    float columns = target.data()[1];
    int[] input = network.inputs().getFirst().shape();
    boolean batch = rows == 0f || rows == 1f || (input.length > 0 && rows == input[0]);
    return (batch && (columns == -1f || columns > 0f)) || (rows == -1f && columns > 0f);
  }

  /** True for a target [n, c, 1, 1]. */
  static boolean toOneCell(Network network, Node node) {
    Tensor target = network.constant(node.inputs().get(1)).orElse(null);
    return target != null
        && target.data().length == 4
        && target.data()[2] == 1f
        && target.data()[3] == 1f;
  }

  /** True for the last two of four axes. */
  static boolean spatial(int[] axes) {
    if (axes.length != 2) {
      return false;
    }
    int a = Math.floorMod(axes[0], 4);
    int b = Math.floorMod(axes[1], 4);
    return Math.min(a, b) == 2 && Math.max(a, b) == 3;
  }
}
