package org.sysmol.core.network;

import java.util.List;

/**
 * One use of an operator.
 *
 * @param name unique in its network; where a file gives none, the name of the first output
 * @param operator what it computes
 * @param inputs names of values in the operator's order; an empty name is an optional input left
 *     out
 * @param outputs names of the values it defines
 */
public record Node(String name, Operator operator, List<String> inputs, List<String> outputs) {
  /** Copies the lists. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The first output, the only one of most operators. */
  public String output() {
    return outputs.getFirst();
  }

  /** True if input {@code index} is given. */
  public boolean has(int index) {
    return index < inputs.size() && !inputs.get(index).isEmpty();
  }
}
