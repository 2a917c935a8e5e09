package org.sysmol.onnx;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Resize, from opset 11 on; the first form, of opset 10, does not say how places are mapped. */
final class ResizeRules {
  private static final int LARGEST_SIZE = 1 << 24;

  private ResizeRules() {}

  /** Nearest and linear resizing by known scales or sizes. */
  static Rule.Step resize(Attributes attributes) {
    if (attributes.opset() < 11) {
      throw attributes.refuse("the rules of opset 10");
    }
    Operator.ResizeMode mode =
        switch (attributes.text("mode", "nearest")) {
          case "nearest" -> Operator.ResizeMode.NEAREST;
          case "linear" -> Operator.ResizeMode.LINEAR;
          default -> throw attributes.refuse("another mode than nearest or linear");
        };
    String rule = attributes.text("coordinate_transformation_mode", "half_pixel");
    Operator.ResizeCoordinates coordinates =
        switch (rule) {
          case "half_pixel" -> Operator.ResizeCoordinates.HALF_PIXEL;
          case "pytorch_half_pixel" -> Operator.ResizeCoordinates.PYTORCH_HALF_PIXEL;
          case "align_corners" -> Operator.ResizeCoordinates.ALIGN_CORNERS;
          case "asymmetric" -> Operator.ResizeCoordinates.ASYMMETRIC;
          default -> throw attributes.refuse("coordinate_transformation_mode " + rule);
        };
    String nearest = attributes.text("nearest_mode", "round_prefer_floor");
    Operator.ResizeRounding rounding =
        switch (nearest) {
          case "round_prefer_floor" -> Operator.ResizeRounding.ROUND_PREFER_FLOOR;
          case "round_prefer_ceil" -> Operator.ResizeRounding.ROUND_PREFER_CEIL;
          case "floor" -> Operator.ResizeRounding.FLOOR;
          case "ceil" -> Operator.ResizeRounding.CEIL;
          default -> throw attributes.refuse("nearest_mode " + nearest);
        };
    refuseRest(attributes);
    return node -> {
      node.requireInputs(1, 4);
      Dim[] input = node.sizes(0);
      Tensor scales = node.has(2) ? node.constant(2) : null;
      if (node.has(2) && scales == null) {
        throw node.refuse("computed scales");
      }
      boolean scaled = scales != null && scales.data().length > 0;
      if (scaled == node.has(3)) {
        throw node.broken("must have either scales or sizes");
      }
      node.emitOnFirst(
          1,
          operator(node, mode, coordinates, rounding, scaled ? scales : null),
          scaled && scales != null ? scaled(node, input, scales) : sized(node, input));
    };
  }

  /** What later opsets added, and what only cubic interpolation and crops use. */
  private static void refuseRest(Attributes attributes) {
    // Neither has a meaning without cubic interpolation or tf_crop_and_resize.
    attributes.decimal("cubic_coeff_a", -0.75f);
    attributes.decimal("extrapolation_value", 0);
    if (attributes.flag("exclude_outside", false)) {
      throw attributes.refuse("exclude_outside");
    }
    if (attributes.opset() >= 18) {
      if (attributes.flag("antialias", false)) {
        throw attributes.refuse("antialias");
      }
      if (attributes.integers("axes") != null) {
        throw attributes.refuse("axes");
      }
      if (!attributes.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
        throw attributes.refuse("keep_aspect_ratio_policy");
      }
    }
  }

  private static Operator operator(
      NodeContext node,
      Operator.ResizeMode mode,
      Operator.ResizeCoordinates coordinates,
      Operator.ResizeRounding rounding,
      @Nullable Tensor scales) {
    if (scales != null) {
      return new Operator.Resize(mode, coordinates, rounding, scales.data(), new int[0]);
    }
    long[] values = node.knownNumbers(3);
    int[] sizes = new int[values.length];
    for (int axis = 0; axis < sizes.length; axis++) {
      if (values[axis] < 1 || values[axis] > LARGEST_SIZE) {
        throw node.broken("would make an axis of " + values[axis] + " cells");
      }
      sizes[axis] = (int) values[axis];
    }
    return new Operator.Resize(mode, coordinates, rounding, new float[0], sizes);
  }

  private static Dim[] sized(NodeContext node, Dim[] input) {
    Dim[] sizes = node.numbers(3).elements();
    if (sizes.length != input.length) {
      throw node.broken("has " + sizes.length + " sizes for " + input.length + " axes");
    }
    if (!input[0].known()) {
      node.warn("fixes the size of the first axis, the batch, to " + sizes[0] + ".");
    }
    return sizes;
  }

  private static Dim[] scaled(NodeContext node, Dim[] input, Tensor scales) {
    if (scales.data().length != input.length) {
      throw node.broken("has " + scales.data().length + " scales for sizes " + List.of(input));
    }
    Dim[] result = new Dim[input.length];
    for (int axis = 0; axis < result.length; axis++) {
      float scale = scales.data()[axis];
      if (!(scale > 0 && scale <= LARGEST_SIZE)) {
        throw node.broken("has a scale of " + scale);
      }
      if (scale == 1) {
        result[axis] = input[axis];
      } else if (input[axis].known()) {
        result[axis] = Dim.of(Resizing.scaledSize((int) input[axis].value(), scale));
      } else {
        result[axis] = Dim.free("scaled(" + input[axis] + "," + scale + ")");
      }
    }
    return result;
  }
}
