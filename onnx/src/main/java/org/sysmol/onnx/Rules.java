package org.sysmol.onnx;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Operator;

/** The kinds of node that are read, and the rule of each. */
final class Rules {
  private Rules() {}

  /** The rule of an operator of ONNX's own set, or null. */
  static @Nullable Rule of(String kind) {
    return switch (kind) {
      case "Conv" -> WindowRules::conv;
      case "ConvTranspose" -> WindowRules::convTranspose;
      case "MaxPool" -> WindowRules::maxPool;
      case "AveragePool" -> WindowRules::averagePool;
      case "GlobalAveragePool" -> ElementRules.globalPool(new Operator.GlobalAveragePool());
      case "GlobalMaxPool" -> ElementRules.globalPool(new Operator.GlobalMaxPool());
      case "Gemm" -> ProductRules::gemm;
      case "MatMul" -> ProductRules::matMul;
      case "BatchNormalization" -> NormalizationRules::batch;
      case "InstanceNormalization" -> NormalizationRules::instance;
      case "Softmax" -> NormalizationRules::softmax;
      case "Dropout" -> NormalizationRules::dropout;
      case "Add" -> ElementRules.binary(new Operator.Add(), Dim::plus);
      case "Sub" -> ElementRules.binary(new Operator.Sub(), Dim::minus);
      case "Mul" -> ElementRules.binary(new Operator.Mul(), Dim::times);
      case "Div" -> ElementRules.binary(new Operator.Div(), Dim::dividedBy);
      case "Relu" -> ElementRules.unary(new Operator.Relu());
      case "Sigmoid" -> ElementRules.unary(new Operator.Sigmoid());
      case "HardSwish" -> ElementRules.unary(new Operator.HardSwish());
      case "Tanh" -> ElementRules.unary(new Operator.Tanh());
      case "Erf" -> ElementRules.unary(new Operator.Erf());
      case "Softplus" -> ElementRules.unary(new Operator.Softplus());
      case "LeakyRelu" -> ElementRules::leakyRelu;
      case "PRelu" -> ElementRules::parametricRelu;
      case "Elu" -> ElementRules::elu;
      case "Gelu" -> ElementRules::gelu;
      case "HardSigmoid" -> ElementRules::hardSigmoid;
      case "Clip" -> ElementRules::clip;
      case "ReduceMean" -> ElementRules::reduceMean;
      case "Concat" -> LayoutRules::concat;
      case "Transpose" -> LayoutRules::transpose;
      case "Split" -> LayoutRules::split;
      case "Slice" -> LayoutRules::slice;
      case "Gather" -> LayoutRules::gather;
      case "Pad" -> LayoutRules::pad;
      case "Resize" -> ResizeRules::resize;
      case "Reshape" -> ReshapeRules::reshape;
      case "Flatten" -> ReshapeRules::flatten;
      case "Squeeze" -> ReshapeRules::squeeze;
      case "Unsqueeze" -> ReshapeRules::unsqueeze;
      case "Identity" -> ConstantRules::identity;
      case "Constant" -> ConstantRules::constant;
      case "ConstantOfShape" -> ConstantRules::constantOfShape;
      case "Shape" -> ConstantRules::shape;
      case "Cast" -> ConstantRules::cast;
      default -> null;
    };
  }
}
