package org.sysmol.compile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;

/**
 * The order of channels of every tensor (paper §4, channel rearrangement).
 *
 * <p>A searched layer wants its input channels sorted by precision, so that registers fill with one
 * pattern each. What must agree forms a class: both sides of a sum or product and its result, a
 * pool's, a table's and a depthwise layer's input and output, a tensor and its one consumer's
 * codes. A class takes the order of the searched layer whose codes a step writes without a stream
 * in between, for these can't be rearranged on the way; where there are several, of the one with
 * most multiply-accumulates; where there is none, of the first searched reader. A reader of a
 * stream whose wish differs gets its codes through an index map, an explicit step. Images and
 * results keep their order. Channels never leave their group in grouped convolutions.
 */
final class ChannelOrders {
  private final Plan plan;
  private final int[] parent;
  private final int[][] orders;

  private ChannelOrders(Plan plan) {
    this.plan = plan;
    parent = new int[plan.values().size() + plan.groups().size()];
    for (int i = 0; i < parent.length; i++) {
      parent[i] = i;
    }
    orders = new int[parent.length][];
  }

  /**
   * Orders for a plan.
   *
   * @param precision by group id, then channel
   */
  static ChannelOrders of(Plan plan, int[][] precision) {
    ChannelOrders result = new ChannelOrders(plan);
    result.join();
    result.choose(precision);
    return result;
  }

  /** Which channel of the float network stands at each position of a value. */
  int[] ofValue(Value value) {
    return orders[find(value.id())];
  }

  /** Which channel of the float network stands at each position of a group's codes. */
  int[] ofGroup(InputGroup group) {
    return orders[find(node(group))];
  }

  /** True if the group's codes are the bytes of the value itself. */
  static boolean isValueItself(Plan plan, InputGroup group) {
    Value value = plan.value(group);
    return value.kind() == Value.Kind.CODES || (!group.searched() && group.direct());
  }

  private int node(InputGroup group) {
    return plan.values().size() + group.id();
  }

  private void join() {
    for (InputGroup group : plan.groups()) {
      if (isValueItself(plan, group)) {
        union(node(group), group.value());
      }
    }
    for (Stage stage : plan.stages()) {
      switch (stage) {
        case Stage.Convolution c -> {
          if (c.residual() >= 0) {
            union(c.residual(), c.output());
          }
          InputGroup group = plan.groups().get(c.group());
          if (group.depthwise() && c.depthwise()) {
            union(node(group), c.output());
          }
        }
        case Stage.MaxPool p -> union(p.input(), p.output());
        case Stage.AveragePool p -> union(p.input(), p.output());
        case Stage.Rescale r -> union(r.input(), r.output());
        case Stage.Join j -> {
          union(j.left(), j.right());
          union(j.left(), j.output());
        }
        case Stage.Scale s -> {
          union(s.map(), s.gate());
          union(s.map(), s.output());
        }
        case Stage.Table t -> union(t.input(), t.output());
        // Its index map takes any order to any other.
        case Stage.Gather _ -> {}
      }
    }
  }

  private void choose(int[][] precision) {
    for (int i = 0; i < parent.length; i++) {
      int root = find(i);
      if (orders[root] == null) {
        orders[root] = order(root, precision);
      }
    }
  }

  private int[] order(int root, int[][] precision) {
    int channels = channels(root);
    List<Integer> blocks = new ArrayList<>();
    boolean fixed = false;
    int[] direct = null;
    long most = -1;
    int[] first = null;
    for (Value value : plan.values()) {
      if (find(value.id()) == root) {
        fixed |= value.kind() == Value.Kind.IMAGE || value.kind() == Value.Kind.REAL;
      }
    }
    for (InputGroup group : plan.groups()) {
      boolean member = find(node(group)) == root;
      if (member && group.channelGroups() > 1 && !group.depthwise()) {
        blocks.add(group.channelGroups());
      }
      boolean wishes = group.searched() && !group.depthwise();
      if (wishes && member) {
        long macs = plan.readers(group).stream().mapToLong(Stage.Convolution::macs).sum();
        direct = macs > most ? precision[group.id()] : direct;
        most = Math.max(most, macs);
      }
      if (first == null && wishes && find(group.value()) == root) {
        first = precision[group.id()];
      }
    }
    for (Stage.Convolution c : plan.convolutions()) {
      if (find(c.output()) == root && c.groups() > 1 && !c.depthwise()) {
        blocks.add(c.groups());
      }
      if (find(c.output()) == root && c.groups() > 1 && c.outputChannels() != channels) {
        throw SysmolException.badInput("Layer " + c.name() + " changes its channels on the way.");
      }
    }
    int[] wish = direct != null ? direct : first;
    List<Integer> order = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      order.add(c);
    }
    if (!fixed && wish != null) {
      int[] sortBy = wish;
      Comparator<Integer> comparator = (_, _) -> 0;
      for (int groups : blocks) {
        int block = channels / groups;
        comparator = comparator.thenComparingInt(c -> c / block);
      }
      order.sort(comparator.thenComparingInt(c -> -sortBy[c]));
    }
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  private int channels(int root) {
    return root < plan.values().size()
        ? plan.values().get(root).channels()
        : plan.value(plan.groups().get(root - plan.values().size())).channels();
  }

  private int find(int i) {
    while (parent[i] != i) {
      i = parent[i];
    }
    return i;
  }

  private void union(int a, int b) {
    int x = find(a);
    int y = find(b);
    parent[Math.max(x, y)] = Math.min(x, y);
  }
}
