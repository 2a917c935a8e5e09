package org.sysmol.core.plan;

import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;

/** What pools do to maps (docs/arithmetic.md §7). */
final class Pools {
  private final PlanValues values;
  private final List<Stage> stages;

  /**
   * Pools of a plan.
   *
   * @param values of the plan so far
   * @param stages to which each pool is added
   */
  Pools(PlanValues values, List<Stage> stages) {
    this.values = values;
    this.stages = stages;
  }

  /** The largest of each window. */
  void maximum(Node node, Operator.MaxPool pool) {
    Value from = input(node);
    Window window =
        Windows.resolve(
            node.name(),
            from.height(),
            from.width(),
            pool.kernel(),
            pool.strides(),
            pool.dilations(),
            pool.padding(),
            pool.ceil());
    Value output = pooled(node, from, window);
    stages.add(new Stage.MaxPool(node.name(), from.id(), window, output.id()));
  }

  /** The largest of the map. */
  void globalMaximum(Node node) {
    Value from = input(node);
    Window whole = new Window(from.height(), from.width(), 1, 1, 1, 1, 0, 0, 1, 1);
    Value output = pooled(node, from, whole);
    stages.add(new Stage.MaxPool(node.name(), from.id(), whole, output.id()));
  }

  /**
   * The mean of the map.
   *
   * @param keepDimensions whether rows and columns stay, one of each
   */
  void globalAverage(Node node, boolean keepDimensions) {
    Value from = values.get(values.handle(node.inputs().getFirst(), node.name()).value());
    int[] whole = {from.height(), from.width()};
    int[] one = {1, 1};
    average(node, new Operator.AveragePool(whole, one, one, Padding.none(2), false, false));
    if (!keepDimensions) {
      values.put(node.output(), values.handle(node.output(), node.name()).flat(true));
    }
  }

  /** The mean of each window. */
  void average(Node node, Operator.AveragePool pool) {
    Value from = input(node);
    Window window =
        Windows.resolve(
            node.name(),
            from.height(),
            from.width(),
            pool.kernel(),
            pool.strides(),
            pool.dilations(),
            pool.padding(),
            pool.ceil());
    int[] y = pool.padding().resolve(0, 2, from.height(), pool.kernel()[0], pool.strides()[0], 1);
    int[] x = pool.padding().resolve(1, 2, from.width(), pool.kernel()[1], pool.strides()[1], 1);
    Value output = pooled(node, from, window);
    stages.add(
        new Stage.AveragePool(
            node.name(), from.id(), window, pool.countIncludePad(), y[1], x[1], output.id()));
  }

  private Value input(Node node) {
    return values.materialise(values.handle(node.inputs().getFirst(), node.name()));
  }

  private Value pooled(Node node, Value from, Window window) {
    if (window.padTop() >= window.kernelHeight()
        || window.padLeft() >= window.kernelWidth()
        || window.padBottom(from.height()) >= window.kernelHeight()
        || window.padRight(from.width()) >= window.kernelWidth()) {
      throw SysmolException.badInput(
          "Node "
              + node.name()
              + " pads its map by a whole window, so that some windows hold no cell;"
              + " pad by less than the kernel.");
    }
    return values.define(
        node.output(), from.channels(), window.outputHeight(), window.outputWidth(), from.signed());
  }
}
