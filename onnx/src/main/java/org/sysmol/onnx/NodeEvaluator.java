package org.sysmol.onnx;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Computes one node: chooses the rule of its operator and names the node in what goes wrong. */
final class NodeEvaluator {
  private static final Curve INPUT = new Curve.Input();

  private final Node node;
  private final List<@Nullable Tensor> inputs;

  private NodeEvaluator(Node node, List<@Nullable Tensor> inputs) {
    this.node = node;
    this.inputs = inputs;
  }

  /**
   * The first output of {@code node}.
   *
   * @param inputs its inputs in order, null where left out
   * @throws SysmolException naming the node, if the sizes don't fit
   */
  static Tensor evaluate(Node node, List<@Nullable Tensor> inputs) {
    try {
      return new NodeEvaluator(node, inputs).compute();
    } catch (SysmolException e) {
      throw SysmolException.badInput(
          "Node " + node.name() + " (" + node.operator().kind() + "): " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw SysmolException.badInput(
          "Node "
              + node.name()
              + " ("
              + node.operator().kind()
              + "): its sizes are too large to count.",
          e);
    }
  }

  private Tensor compute() {
    return switch (node.operator()) {
      case Operator.Conv conv -> Convolution.conv(conv, input(0), input(1), optional(2));
      case Operator.ConvTranspose conv ->
          Convolution.transposed(conv, input(0), input(1), optional(2));
      case Operator.Gemm gemm -> MatrixProduct.gemm(gemm, input(0), input(1), optional(2));
      case Operator.MatMul _ -> MatrixProduct.matMul(input(0), input(1));
      case Operator.BatchNormalization norm ->
          Normalization.batch(norm, input(0), input(1), input(2), input(3), input(4));
      case Operator.InstanceNormalization norm ->
          Normalization.instance(norm, input(0), input(1), input(2));
      case Operator.Softmax softmax -> Normalization.softmax(softmax, input(0));
      case Operator.Add _ -> Elementwise.binary(input(0), input(1), (a, b) -> a + b);
      case Operator.Sub _ -> Elementwise.binary(input(0), input(1), (a, b) -> a - b);
      case Operator.Mul _ -> Elementwise.binary(input(0), input(1), (a, b) -> a * b);
      case Operator.Div _ -> Elementwise.binary(input(0), input(1), (a, b) -> a / b);
      case Operator.Relu _ -> Elementwise.unary(input(0), x -> Math.max(x, 0));
      case Operator.Clip clip ->
          Elementwise.unary(input(0), x -> Math.min(Math.max(x, clip.min()), clip.max()));
      case Operator.Sigmoid _ -> Elementwise.unary(input(0), x -> 1 / (1 + Math.exp(-x)));
      case Operator.HardSigmoid hard ->
          Elementwise.unary(
              input(0),
              x -> Math.max(0, Math.min(1, (double) hard.alpha() * x + (double) hard.beta())));
      case Operator.Tanh _ -> Elementwise.unary(input(0), Math::tanh);
      case Operator.Erf _ -> Elementwise.unary(input(0), new Curve.Erf(INPUT)::at);
      case Operator.Softplus _ -> Elementwise.unary(input(0), new Curve.Softplus(INPUT)::at);
      case Operator.LeakyRelu leaky ->
          Elementwise.unary(input(0), x -> x > 0 ? x : leaky.alpha() * x);
      case Operator.Elu elu ->
          Elementwise.unary(input(0), x -> x > 0 ? x : elu.alpha() * Math.expm1(x));
      case Operator.Gelu gelu ->
          Elementwise.unary(input(0), x -> 0.5 * x * (1 + gate(gelu.tanh(), x)));
      case Operator.HardSwish _ ->
          Elementwise.unary(input(0), x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)));
      case Operator.Concat concat -> Shapes.concat(concat, given());
      case Operator.MaxPool pool -> Pooling.max(pool, input(0));
      case Operator.AveragePool pool -> Pooling.average(pool, input(0));
      case Operator.GlobalAveragePool _ -> Pooling.globalAverage(input(0));
      case Operator.GlobalMaxPool _ -> Pooling.globalMax(input(0));
      case Operator.ReduceMean mean -> Pooling.reduceMean(mean, input(0));
      case Operator.Flatten flatten ->
          input(0).reshaped(Shapes.flattened(flatten, input(0).shape()));
      case Operator.Reshape reshape ->
          input(0).reshaped(Shapes.reshaped(reshape, input(0).shape(), input(1)));
      case Operator.Squeeze squeeze ->
          input(0).reshaped(Shapes.squeezed(squeeze, input(0).shape()));
      case Operator.Unsqueeze unsqueeze ->
          input(0).reshaped(Shapes.unsqueezed(unsqueeze, input(0).shape()));
      case Operator.Transpose transpose -> Shapes.transpose(transpose, input(0));
      case Operator.Slice slice -> Shapes.slice(slice, input(0));
      case Operator.Pad pad -> Shapes.pad(pad, input(0));
      case Operator.Resize resize -> Resizing.resize(resize, input(0));
      case Operator.Identity _ -> input(0);
    };
  }

  private static double gate(boolean tanh, double x) {
    return tanh
        ? Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))
        : new Curve.Erf(INPUT).at(x * Math.sqrt(0.5));
  }

  private Tensor input(int index) {
    Tensor tensor = optional(index);
    if (tensor == null) {
      throw SysmolException.badInput("input " + index + " is missing.");
    }
    return tensor;
  }

  private @Nullable Tensor optional(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  private List<Tensor> given() {
    var tensors = new ArrayList<Tensor>();
    for (int index = 0; index < inputs.size(); index++) {
      tensors.add(input(index));
    }
    return tensors;
  }
}
