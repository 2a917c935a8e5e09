package org.sysmol.core.plan;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/**
 * What elementwise nodes do to one number (docs/arithmetic.md §14). Sums and products of two maps
 * that are functions of the same map are such functions too: {@code x * sigmoid(x)}.
 */
final class Elementwise {
  /** A shared operand counts each time, so that files can't ask for functions without end. */
  private static final int MOST_OPERATIONS = 64;

  private final Network network;
  private final Fusion fusion;
  private final PlanValues values;
  private final List<Stage> stages;

  Elementwise(Network network, Fusion fusion, PlanValues values, List<Stage> stages) {
    this.network = network;
    this.fusion = fusion;
    this.values = values;
    this.stages = stages;
  }

  /** A function of one input. */
  void unary(Node node) {
    PlanValues.Handle h = curved(values.handle(node.inputs().getFirst(), node.name()));
    curve(node.output(), node, h, applied(node.operator(), requireNonNull(h.curve())));
  }

  /** Why a sum, difference, product or quotient can't be taken, or null. */
  static @Nullable String refusal(Network network, Node node) {
    String kind = node.operator().kind();
    int constants = 0;
    for (String name : node.inputs()) {
      Tensor constant = network.constant(name).orElse(null);
      if (constant == null) {
        continue;
      }
      constants++;
      if (constant.data().length != 1 || constant.rank() > 4) {
        return kind + " with a constant that is not a single number";
      }
    }
    if (constants == 2) {
      return kind + " of two constants";
    }
    boolean maps =
        node.operator() instanceof Operator.Add || node.operator() instanceof Operator.Mul;
    if (constants == 0 && !maps) {
      return kind + " of two computed maps";
    }
    if (node.operator() instanceof Operator.Div && !isNumber(network, node.inputs().get(1))) {
      return "Div by a computed map";
    }
    return null;
  }

  /** True if the name is that of a constant of one number. */
  private static boolean isNumber(Network network, String name) {
    return network.constant(name).isPresent();
  }

  /** A constant of one number as a function. */
  private static Curve number(Network network, String name) {
    return new Curve.Constant(network.requireConstant(name).data()[0]);
  }

  /** A node of one input as a function of what the input is. */
  private static Curve applied(Operator operator, Curve of) {
    return switch (operator) {
      case Operator.Sigmoid _ -> new Curve.Sigmoid(of);
      case Operator.HardSigmoid hard -> new Curve.HardSigmoid(of, hard.alpha(), hard.beta());
      case Operator.HardSwish _ -> new Curve.HardSwish(of);
      case Operator.Gelu gelu -> gelu(of, gelu.tanh());
      case Operator.Tanh _ -> new Curve.Tanh(of);
      case Operator.Erf _ -> new Curve.Erf(of);
      case Operator.Softplus _ -> new Curve.Softplus(of);
      case Operator.LeakyRelu leaky -> new Curve.LeakyRelu(of, leaky.alpha());
      case Operator.Elu elu -> new Curve.Elu(of, elu.alpha());
      default -> throw new IllegalStateException("No function of one number: " + operator);
    };
  }

  private static Curve gelu(Curve of, boolean tanh) {
    Curve inner = new Curve.Product(new Curve.Constant((float) Math.sqrt(0.5)), of);
    if (tanh) {
      Curve cube = new Curve.Product(of, new Curve.Product(of, of));
      Curve more = new Curve.Product(new Curve.Constant(0.044715f), cube);
      Curve factor = new Curve.Constant((float) Math.sqrt(2 / Math.PI));
      inner = new Curve.Product(factor, new Curve.Sum(of, more));
    }
    Curve open = tanh ? new Curve.Tanh(inner) : new Curve.Erf(inner);
    Curve half = new Curve.Product(new Curve.Constant(0.5f), of);
    return new Curve.Product(half, new Curve.Sum(new Curve.Constant(1f), open));
  }

  /** A node of two inputs as a function of what these are. */
  private static Curve combined(Operator operator, Curve a, Curve b) {
    return switch (operator) {
      case Operator.Add _ -> new Curve.Sum(a, b);
      case Operator.Sub _ -> new Curve.Difference(a, b);
      case Operator.Mul _ -> new Curve.Product(a, b);
      case Operator.Div _ -> new Curve.Quotient(a, b);
      default -> throw new IllegalStateException("No function of two numbers: " + operator);
    };
  }

  /** The function with bounds behind it. */
  private static Curve clipped(Curve of, Clamp clamp) {
    return clamp.isNone() ? of : new Curve.Clipped(of, clamp);
  }

  /** An activation that nothing absorbs. */
  void clamp(Node node, Clamp clamp) {
    PlanValues.Handle h = values.handle(node.inputs().getFirst(), node.name());
    if (h.curve() != null) {
      curve(node.output(), node, h, clipped(h.curve(), clamp));
      return;
    }
    if (!h.clamp().isNone()) {
      h = new PlanValues.Handle(values.materialise(h).id(), null, Clamp.NONE, h.flat());
    }
    values.put(node.output(), new PlanValues.Handle(h.value(), h.norm(), clamp, h.flat()));
  }

  /** The handle as a function of a stream, the stream itself being one. */
  private PlanValues.Handle curved(PlanValues.Handle h) {
    if (h.curve() != null) {
      return h;
    }
    int value = h.norm() == null ? h.value() : values.materialise(h).id();
    Clamp clamp = h.norm() == null ? h.clamp() : Clamp.NONE;
    Curve curve = clipped(new Curve.Input(), clamp);
    return new PlanValues.Handle(value, null, Clamp.NONE, h.flat(), curve, "");
  }

  private void curve(String output, Node node, PlanValues.Handle of, Curve curve) {
    if (curve.operations() > MOST_OPERATIONS) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: the function of one number that ends in "
              + node.name()
              + " has more than "
              + MOST_OPERATIONS
              + " operations.");
    }
    values.put(
        output, new PlanValues.Handle(of.value(), null, Clamp.NONE, of.flat(), curve, node.name()));
  }

  /** A sum, difference, product or quotient that no convolution absorbs. */
  void binary(Node node) {
    String a = node.inputs().get(0);
    String b = node.inputs().get(1);
    boolean numberFirst = isNumber(network, a);
    if (numberFirst || isNumber(network, b)) {
      PlanValues.Handle h = curved(values.handle(numberFirst ? b : a, node.name()));
      Curve number = number(network, numberFirst ? a : b);
      Curve of = requireNonNull(h.curve());
      Curve both =
          numberFirst
              ? combined(node.operator(), number, of)
              : combined(node.operator(), of, number);
      curve(node.output(), node, h, both);
      return;
    }
    PlanValues.Handle left = values.handle(a, node.name());
    PlanValues.Handle right = values.handle(b, node.name());
    Clamp clamp = fusion.clampBehind(node);
    String output = fusion.outputBehind(node);
    if (left.curve() != null || right.curve() != null) {
      PlanValues.Handle first = curved(left);
      PlanValues.Handle second = curved(right);
      if (first.value() == second.value()) {
        Curve both =
            combined(
                node.operator(), requireNonNull(first.curve()), requireNonNull(second.curve()));
        curve(output, node, first, clipped(both, clamp));
        return;
      }
    }
    join(node, values.materialise(left), values.materialise(right), clamp, output);
  }

  private void join(Node node, Value left, Value right, Clamp clamp, String name) {
    boolean product = node.operator() instanceof Operator.Mul;
    // The factor of one cell comes second.
    boolean turned = product && isCell(left) && !isCell(right);
    Value map = turned ? right : left;
    Value other = turned ? left : right;
    boolean gates = product && isCell(other) && other.channels() == map.channels();
    if (!PlanValues.sameShape(map, other) && !gates) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + node.name()
              + " broadcasts one side"
              + (product ? " other than one number for each channel." : "."));
    }
    boolean negative = !product || map.signed() || other.signed();
    Value output =
        values.define(
            name, map.channels(), map.height(), map.width(), negative && !clamp.nonNegative());
    stages.add(
        product
            ? new Stage.Scale(node.name(), map.id(), other.id(), clamp, output.id())
            : new Stage.Join(node.name(), map.id(), other.id(), clamp, output.id()));
  }

  private static boolean isCell(Value value) {
    return value.height() == 1 && value.width() == 1;
  }
}
