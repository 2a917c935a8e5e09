package org.sysmol.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.BatchNorm;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/**
 * Folds batch normalisations into the convolutions before them: fewer nodes, the same function but
 * for rounding. Runtimes that quantise statically want their networks so.
 */
public final class BatchNormFolding {
  private BatchNormFolding() {}

  /**
   * The folded network. A convolution whose output something else reads too, or whose weights
   * another node shares, keeps its normalisation.
   */
  public static Network fold(Network network) {
    Map<String, Tensor> constants = new LinkedHashMap<>(network.constants());
    Map<String, Node> normsByInput = new LinkedHashMap<>();
    for (Node node : network.nodes()) {
      if (node.operator() instanceof Operator.BatchNormalization bn && !bn.trainingMode()) {
        normsByInput.put(node.inputs().getFirst(), node);
      }
    }
    List<Node> nodes = new ArrayList<>();
    List<Node> folded = new ArrayList<>();
    for (Node node : network.nodes()) {
      if (folded.contains(node)) {
        continue;
      }
      Node norm = normsByInput.get(node.output());
      if (norm != null && folds(network, node, norm)) {
        nodes.add(folded(network, node, norm, constants));
        folded.add(norm);
      } else {
        nodes.add(node);
      }
    }
    for (Node norm : folded) {
      for (String parameter : norm.inputs().subList(1, 5)) {
        if (nodes.stream().noneMatch(node -> node.inputs().contains(parameter))) {
          constants.remove(parameter);
        }
      }
    }
    return new Network(network.name(), network.inputs(), nodes, network.outputs(), constants);
  }

  private static boolean folds(Network network, Node node, Node norm) {
    boolean constant = node.operator() instanceof Operator.Conv;
    for (String input : node.inputs().subList(constant ? 1 : 0, node.inputs().size())) {
      constant &= network.constant(input).isPresent() && network.readers(input) == 1;
    }
    for (String parameter : norm.inputs().subList(1, 5)) {
      constant &= network.constant(parameter).isPresent();
    }
    return constant && network.readers(node.output()) == 1;
  }

  private static Node folded(Network network, Node node, Node norm, Map<String, Tensor> constants) {
    BatchNorm statistics =
        new BatchNorm(
            network.requireConstant(norm.inputs().get(1)).data(),
            network.requireConstant(norm.inputs().get(2)).data(),
            network.requireConstant(norm.inputs().get(3)).data(),
            network.requireConstant(norm.inputs().get(4)).data(),
            ((Operator.BatchNormalization) norm.operator()).epsilon());
    String weight = node.inputs().get(1);
    Tensor weights = network.requireConstant(weight).copy();
    @Nullable Tensor bias = node.has(2) ? network.requireConstant(node.inputs().get(2)) : null;
    int outputs = weights.extent(0);
    int per = weights.data().length / outputs;
    Tensor offset = Tensor.zeros(outputs);
    for (int o = 0; o < outputs; o++) {
      double factor = statistics.factor(o);
      for (int i = o * per; i < (o + 1) * per; i++) {
        weights.data()[i] = (float) (weights.data()[i] * factor);
      }
      offset.data()[o] = (float) statistics.offset(o, bias == null ? 0 : bias.data()[o]);
    }
    constants.put(weight, weights);
    String name = node.has(2) ? node.inputs().get(2) : node.name() + "/folded_bias";
    constants.put(name, offset);
    return new Node(
        node.name(), node.operator(), List.of(node.inputs().get(0), weight, name), norm.outputs());
  }
}
