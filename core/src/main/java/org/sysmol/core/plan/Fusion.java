package org.sysmol.core.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;

/**
 * Finds what is fused into each convolution: its batch normalisation, the sum it ends in, the
 * activation behind. An Add goes to the operand that is computed last in file order if nothing else
 * reads that operand (docs/arithmetic.md §6).
 */
final class Fusion {
  /**
   * A convolution with what it absorbs.
   *
   * @param node the convolution
   * @param bias name of the bias, or null
   * @param norm the batch normalisation, or null
   * @param residual name of the other operand of the sum, or null
   * @param clamp activation
   * @param output name of the value at the end
   */
  record Unit(
      Node node,
      @Nullable String bias,
      @Nullable NormNames norm,
      @Nullable String residual,
      Clamp clamp,
      String output) {}

  private final Network network;
  private final Map<String, Integer> producers = new HashMap<>();
  private final Map<Integer, Unit> ends = new HashMap<>();
  private final Map<Integer, Boolean> absorbed = new HashMap<>();

  private Fusion(Network network) {
    this.network = network;
  }

  static Fusion of(Network network) {
    Fusion fusion = new Fusion(network);
    List<Node> nodes = network.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).outputs()) {
        fusion.producers.put(output, i);
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      Operator operator = nodes.get(i).operator();
      if (operator instanceof Operator.Conv || operator instanceof Operator.Gemm) {
        fusion.grow(i);
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      Operator operator = nodes.get(i).operator();
      boolean joins = operator instanceof Operator.Add || operator instanceof Operator.Mul;
      if (joins && !fusion.absorbed(i) && fusion.ofTwoMaps(nodes.get(i))) {
        fusion.absorbClampBehind(nodes.get(i));
      }
    }
    return fusion;
  }

  /** The unit whose last node is node {@code index}, or null. */
  @Nullable Unit endingAt(int index) {
    return ends.get(index);
  }

  /** True if the node belongs to a unit. */
  boolean absorbed(int index) {
    return absorbed.containsKey(index);
  }

  private void grow(int start) {
    Node node = network.nodes().get(start);
    absorbed.put(start, true);
    int end = start;
    String current = node.output();
    NormNames norm = null;
    Node next = onlyReader(current);
    if (next != null && next.operator() instanceof Operator.BatchNormalization bn) {
      norm = names(next, bn);
      end = absorb(next);
      current = next.output();
      next = onlyReader(current);
    }
    String residual = null;
    if (next != null && next.operator() instanceof Operator.Add && ofTwoMaps(next)) {
      String other =
          next.inputs().get(0).equals(current) ? next.inputs().get(1) : next.inputs().get(0);
      // The image or an operand computed earlier: this side is the last one.
      boolean last = computedAt(other) < end;
      if (!other.equals(current) && last) {
        residual = other;
        end = absorb(next);
        current = next.output();
        next = onlyReader(current);
      }
    }
    Clamp clamp = Clamp.NONE;
    Clamp behind = next == null ? null : clampOf(next);
    if (next != null && behind != null) {
      clamp = behind;
      end = absorb(next);
      current = next.output();
    }
    String bias = node.has(2) ? node.inputs().get(2) : null;
    ends.put(end, new Unit(node, bias, norm, residual, clamp, current));
  }

  /** Index of the last node that computed what a name shows, -1 for the image and constants. */
  private int computedAt(String name) {
    Integer producer = producers.get(name);
    if (producer == null) {
      return -1;
    }
    Node node = network.nodes().get(producer);
    if (!Rearrangements.moves(node.operator())) {
      return producer;
    }
    int last = -1;
    for (String input : node.inputs()) {
      last = Math.max(last, computedAt(input));
    }
    return last;
  }

  private boolean ofTwoMaps(Node node) {
    return node.inputs().stream().allMatch(name -> network.constant(name).isEmpty());
  }

  private int absorb(Node node) {
    int index = java.util.Objects.requireNonNull(producers.get(node.output()));
    absorbed.put(index, true);
    return index;
  }

  private void absorbClampBehind(Node node) {
    Node next = onlyReader(node.output());
    if (next != null && clampOf(next) != null) {
      absorb(next);
    }
  }

  /** The activation that a sum or product which stands alone absorbs. */
  Clamp clampBehind(Node node) {
    Node next = onlyReader(node.output());
    Clamp clamp = next == null ? null : clampOf(next);
    return clamp == null ? Clamp.NONE : clamp;
  }

  /** Name of the value behind a sum or product that stands alone and its activation. */
  String outputBehind(Node node) {
    Node next = onlyReader(node.output());
    return next != null && clampOf(next) != null ? next.output() : node.output();
  }

  static @Nullable Clamp clampOf(Node node) {
    return switch (node.operator()) {
      case Operator.Relu _ -> Clamp.RELU;
      case Operator.Clip clip -> new Clamp(clip.min(), clip.max());
      default -> null;
    };
  }

  private @Nullable Node onlyReader(String value) {
    if (network.readers(value) != 1) {
      return null;
    }
    for (Node node : network.nodes()) {
      if (node.inputs().contains(value)) {
        return node;
      }
    }
    return null;
  }

  static NormNames names(Node node, Operator.BatchNormalization bn) {
    List<String> in = node.inputs();
    return new NormNames(node.name(), in.get(1), in.get(2), in.get(3), in.get(4), bn.epsilon());
  }
}
