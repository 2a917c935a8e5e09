package org.sysmol.onnx;

import java.util.List;
import org.sysmol.core.network.Operator;

/** Normalizations, and what is left of training. */
final class NormalizationRules {
  private NormalizationRules() {}

  /**
   * BatchNormalization. In training mode the standard normalises with the statistics of the batch;
   * so do we, and say so. Before opset 14 the mode is said by further outputs.
   */
  static Rule.Step batch(Attributes attributes) {
    float epsilon = attributes.decimal("epsilon", 1e-5f);
    // Only the running statistics depend on the momentum; a node that uses them is refused.
    attributes.decimal("momentum", 0.9f);
    if (attributes.opset() < 9 && !attributes.flag("spatial", true)) {
      throw attributes.refuse("spatial 0 (statistics for each cell)");
    }
    boolean modern = attributes.opset() >= 14;
    boolean flagged = modern && attributes.flag("training_mode", false);
    return node -> {
      node.requireInputs(5, 5);
      Dim[] sizes = node.sizes(0);
      if (sizes.length < 2) {
        throw node.broken("works on sizes " + List.of(sizes) + ", which have no channels");
      }
      String[] vectors = {"scale", "bias", "mean", "variance"};
      for (int index = 0; index < vectors.length; index++) {
        Sizes.requireVector(node, index + 1, sizes[1], vectors[index]);
      }
      boolean training = flagged || (!modern && node.namedOutputs() > 1);
      if (training) {
        node.warn(
            "was exported in training mode: by the standard, and in import's comparisons, it"
                + " normalises with the statistics of each batch; training and packing take the"
                + " stored ones."
                + " Export the network in evaluation mode, where both are the same.");
      }
      node.emit(new Operator.BatchNormalization(epsilon, training), sizes);
    };
  }

  /** InstanceNormalization. */
  static Rule.Step instance(Attributes attributes) {
    var norm = new Operator.InstanceNormalization(attributes.decimal("epsilon", 1e-5f));
    return node -> {
      node.requireInputs(3, 3);
      Dim[] sizes = node.sizes(0);
      if (sizes.length < 3) {
        throw node.broken("works on sizes " + List.of(sizes) + ", which are no map");
      }
      Sizes.requireVector(node, 1, sizes[1], "scale");
      Sizes.requireVector(node, 2, sizes[1], "bias");
      node.emit(norm, sizes);
    };
  }

  /** Softmax: before opset 13 over an axis and all after it, by default the second. */
  static Rule.Step softmax(Attributes attributes) {
    boolean toEnd = attributes.opset() < 13;
    int axis = attributes.axis("axis", toEnd ? 1 : -1);
    return node -> {
      node.requireInputs(1, 1);
      Dim[] sizes = node.sizes(0);
      boolean afterLast = toEnd && axis == sizes.length;
      int own = afterLast ? axis : node.axis(axis, sizes.length);
      node.emit(new Operator.Softmax(own, toEnd), sizes);
    };
  }

  /** Dropout does nothing in evaluation, which is all that a network without training_mode says. */
  static Rule.Step dropout(Attributes attributes) {
    if (attributes.opset() < 12) {
      attributes.decimal("ratio", 0.5f);
    } else {
      // A seed matters only in training mode, which is refused.
      attributes.integer("seed", 0);
    }
    boolean modern = attributes.opset() >= 12;
    return node -> {
      node.requireInputs(1, modern ? 3 : 1);
      if (node.has(2)) {
        throw node.refuse("a training_mode input");
      }
      node.sizes(0);
      node.alias(0);
    };
  }
}
