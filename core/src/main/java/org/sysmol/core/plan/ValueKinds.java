package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.sysmol.core.SysmolException;

/** How each value of a plan is stored (docs/arithmetic.md §7). */
final class ValueKinds {
  private ValueKinds() {}

  /**
   * Decides which values are streams and which are stored as their one consumer's codes.
   *
   * @param network its name, for messages
   * @param values all of them, kinds not yet decided
   * @throws SysmolException if nothing reads a value, or a later layer reads the result
   */
  static List<Value> decide(
      String network, List<Value> values, Collection<InputGroup> groups, List<Stage> stages) {
    boolean[] stream = new boolean[values.size()];
    int[] searchedReaders = new int[values.size()];
    for (InputGroup group : groups) {
      searchedReaders[group.value()]++;
      stream[group.value()] |= !group.searched() || !group.direct();
    }
    for (Stage stage : stages) {
      for (int read : stage.streams()) {
        stream[read] = true;
      }
      if (stage instanceof Stage.MaxPool pool) {
        // Its codes are its input's, so they keep that step.
        stream[pool.output()] = pool.output() != stages.getLast().output();
      }
    }
    int result = stages.getLast().output();
    List<Value> decided = new ArrayList<>();
    for (Value v : values) {
      boolean streams = stream[v.id()] || searchedReaders[v.id()] > 1;
      Value.Kind kind =
          v.id() == 0
              ? Value.Kind.IMAGE
              : v.id() == result ? Value.Kind.REAL : streams ? Value.Kind.STREAM : Value.Kind.CODES;
      if (kind == Value.Kind.REAL && (streams || searchedReaders[v.id()] > 0)) {
        throw SysmolException.badInput(
            "Network "
                + network
                + " cannot be quantised: its result "
                + v.name()
                + " is also read by a later layer.");
      }
      if (kind == Value.Kind.CODES && searchedReaders[v.id()] == 0) {
        throw SysmolException.badInput(
            "Network " + network + " cannot be quantised: nothing reads " + v.name() + ".");
      }
      decided.add(
          new Value(v.id(), v.name(), v.channels(), v.height(), v.width(), kind, v.signed()));
    }
    return decided;
  }
}
