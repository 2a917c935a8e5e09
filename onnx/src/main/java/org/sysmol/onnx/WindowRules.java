package org.sysmol.onnx;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;

/** Convolutions and pools. */
final class WindowRules {
  /** No window and no padding may span more cells than this; keeps sums of sizes inside an int. */
  private static final long LONGEST_REACH = 1 << 24;

  private WindowRules() {}

  /**
   * The settings that all windows have in common, as far as the file gives them.
   *
   * @param kernel size of the window
   * @param strides its steps
   * @param dilations distance of its cells
   * @param mode rule of the padding
   * @param pads its sizes
   */
  private record Settings(
      int @Nullable [] kernel,
      int @Nullable [] strides,
      int @Nullable [] dilations,
      Padding.Mode mode,
      int @Nullable [] pads) {

    static Settings read(Attributes attributes, boolean dilations, boolean crops) {
      String auto = attributes.text("auto_pad", "NOTSET");
      Padding.Mode mode =
          switch (auto) {
            case "NOTSET", "" -> Padding.Mode.EXPLICIT;
            case "VALID" -> Padding.Mode.VALID;
            case "SAME_UPPER" -> Padding.Mode.SAME_UPPER;
            case "SAME_LOWER" -> Padding.Mode.SAME_LOWER;
            default -> throw attributes.broken("has an attribute auto_pad of \"" + auto + "\"");
          };
      int[] pads = attributes.settings("pads", crops ? Attributes.largestCrop() : 0);
      // Pads of 0 are what a file means that gives none, so they contradict no rule.
      if (mode != Padding.Mode.EXPLICIT
          && pads != null
          && Arrays.stream(pads).anyMatch(p -> p != 0)) {
        throw attributes.refuse("pads beside auto_pad " + auto);
      }
      return new Settings(
          attributes.settings("kernel_shape", 1),
          attributes.settings("strides", 1),
          dilations ? attributes.settings("dilations", 1) : null,
          mode,
          pads);
    }

    Padding padding(NodeContext node, int axes) {
      if (mode != Padding.Mode.EXPLICIT) {
        return new Padding(mode, new int[0]);
      }
      return pads == null
          ? Padding.none(axes)
          : new Padding(mode, exactly(node, "pads", pads, 2 * axes));
    }
  }

  private static int[] exactly(NodeContext node, String what, int[] values, int count) {
    if (values.length != count) {
      throw node.broken(
          "has " + values.length + " values of " + what + " where its map needs " + count);
    }
    return values;
  }

  private static int[] orOnes(NodeContext node, String what, int @Nullable [] values, int axes) {
    if (values == null) {
      int[] ones = new int[axes];
      Arrays.fill(ones, 1);
      return ones;
    }
    return exactly(node, what, values, axes);
  }

  private static int spatialAxes(NodeContext node) {
    int axes = node.sizes(0).length - 2;
    if (axes < 1) {
      throw node.broken("works on sizes " + List.of(node.sizes(0)) + ", which are no map");
    }
    if (axes > 2) {
      throw node.refuse("a map of " + axes + " spatial axes");
    }
    return axes;
  }

  /** Sizes of a sliding window's result along the spatial axes, after {@code first} other sizes. */
  private static Dim[] slide(
      NodeContext node,
      int[] kernel,
      int[] strides,
      int[] dilations,
      Padding padding,
      boolean ceil,
      Dim channels) {
    Dim[] input = node.sizes(0);
    int axes = kernel.length;
    Dim[] result = new Dim[2 + axes];
    result[0] = input[0];
    result[1] = channels;
    for (int axis = 0; axis < axes; axis++) {
      if (Window.reach(kernel[axis], dilations[axis]) > LONGEST_REACH) {
        throw node.broken(
            "has a window of " + kernel[axis] + " cells " + dilations[axis] + " apart");
      }
      Dim size = input[2 + axis];
      if (size.known()) {
        Window window =
            Window.along(
                axis,
                axes,
                Math.toIntExact(size.value()),
                kernel[axis],
                strides[axis],
                dilations[axis],
                padding,
                ceil);
        if (window.output() < 1) {
          throw node.broken(
              "leaves no output: along spatial axis "
                  + axis
                  + ", "
                  + size
                  + " cells with padding "
                  + window.begin()
                  + " and "
                  + window.end()
                  + " hold no window of "
                  + Window.reach(kernel[axis], dilations[axis])
                  + " cells");
        }
        result[2 + axis] = Dim.of(window.output());
      } else {
        result[2 + axis] =
            slideFree(
                size, axis, axes, kernel[axis], strides[axis], dilations[axis], padding, ceil);
      }
    }
    return result;
  }

  private static Dim slideFree(
      Dim size,
      int axis,
      int axes,
      int kernel,
      int stride,
      int dilation,
      Padding padding,
      boolean ceil) {
    boolean explicit = padding.mode() == Padding.Mode.EXPLICIT;
    int begin = explicit ? padding.pads()[axis] : 0;
    int end = explicit ? padding.pads()[axes + axis] : 0;
    boolean same =
        padding.mode() == Padding.Mode.SAME_UPPER || padding.mode() == Padding.Mode.SAME_LOWER;
    if (stride == 1 && (same || (long) begin + end == Window.reach(kernel, dilation) - 1)) {
      return size;
    }
    return Dim.free(
        "places("
            + String.join(
                ",",
                size.toString(),
                "" + kernel,
                "" + stride,
                "" + dilation,
                same ? "same" : begin + "+" + end,
                "" + ceil)
            + ")");
  }

  /** Weights' sizes; all must be known, as the window's size is one of them. */
  private static int[] weights(NodeContext node, int axes, int @Nullable [] kernel) {
    Dim[] sizes = node.sizes(1);
    if (sizes.length != 2 + axes) {
      throw node.broken(
          "has weights of sizes " + List.of(sizes) + " for a map of " + axes + " spatial axes");
    }
    int[] weights = new int[sizes.length];
    for (int axis = 0; axis < sizes.length; axis++) {
      if (!sizes[axis].known()) {
        throw node.refuse("weights of a free size");
      }
      weights[axis] = Math.toIntExact(sizes[axis].value());
    }
    int[] found = Arrays.copyOfRange(weights, 2, weights.length);
    if (kernel != null && !Arrays.equals(kernel, found)) {
      throw node.broken(
          "has a kernel_shape of "
              + Arrays.toString(kernel)
              + " but weights of sizes "
              + Arrays.toString(weights));
    }
    return weights;
  }

  /** Conv: pads may be negative and then crop. */
  static Rule.Step conv(Attributes attributes) {
    Settings settings = Settings.read(attributes, true, true);
    long group = attributes.integer("group", 1);
    return node -> {
      node.requireInputs(2, 3);
      int axes = spatialAxes(node);
      int[] weights = weights(node, axes, settings.kernel());
      Dim channels = node.sizes(0)[1];
      if (group < 1 || group > weights[0] || weights[0] % group != 0) {
        throw node.broken("has " + group + " groups for " + weights[0] + " outputs");
      }
      Sizes.requireSame(
          node, channels, Dim.of(weights[1] * group), "the channels of its map and its weights");
      if (node.has(2)) {
        Sizes.requireVector(node, 2, Dim.of(weights[0]), "bias");
      }
      int[] strides = orOnes(node, "strides", settings.strides(), axes);
      int[] dilations = orOnes(node, "dilations", settings.dilations(), axes);
      Padding padding = settings.padding(node, axes);
      int[] kernel = Arrays.copyOfRange(weights, 2, weights.length);
      Dim[] sizes = slide(node, kernel, strides, dilations, padding, false, Dim.of(weights[0]));
      node.emit(new Operator.Conv(strides, dilations, padding, (int) group), sizes);
    };
  }

  /** ConvTranspose with explicit padding. */
  static Rule.Step convTranspose(Attributes attributes) {
    Settings settings = Settings.read(attributes, true, false);
    if (settings.mode() == Padding.Mode.SAME_UPPER || settings.mode() == Padding.Mode.SAME_LOWER) {
      throw attributes.refuse("auto_pad " + settings.mode());
    }
    if (attributes.integers("output_shape") != null) {
      throw attributes.refuse("output_shape");
    }
    int[] outputPadding = attributes.settings("output_padding", 0);
    long group = attributes.integer("group", 1);
    return node -> {
      node.requireInputs(2, 3);
      int axes = spatialAxes(node);
      int[] weights = weights(node, axes, settings.kernel());
      Dim[] input = node.sizes(0);
      if (group < 1 || group > weights[0] || weights[0] % group != 0) {
        throw node.broken("has " + group + " groups for " + weights[0] + " inputs");
      }
      Sizes.requireSame(
          node, input[1], Dim.of(weights[0]), "the channels of its map and its weights");
      Dim outputs = Dim.of(weights[1] * group);
      if (node.has(2)) {
        Sizes.requireVector(node, 2, outputs, "bias");
      }
      int[] strides = orOnes(node, "strides", settings.strides(), axes);
      int[] dilations = orOnes(node, "dilations", settings.dilations(), axes);
      int[] added =
          outputPadding == null
              ? new int[axes]
              : exactly(node, "output_padding", outputPadding, axes);
      int[] pads =
          settings.pads() == null
              ? new int[2 * axes]
              : exactly(node, "pads", settings.pads(), 2 * axes);
      Dim[] sizes = new Dim[2 + axes];
      sizes[0] = input[0];
      sizes[1] = outputs;
      for (int axis = 0; axis < axes; axis++) {
        if (Window.reach(weights[2 + axis], dilations[axis]) > LONGEST_REACH) {
          throw node.broken("has a window of more than 2^24 cells");
        }
        if (added[axis] >= Math.max(strides[axis], dilations[axis])) {
          throw node.broken("has an output_padding that is not below its stride or dilation");
        }
        long constant =
            added[axis]
                + Window.reach(weights[2 + axis], dilations[axis])
                - pads[axis]
                - pads[axes + axis]
                - strides[axis];
        sizes[2 + axis] = input[2 + axis].times(Dim.of(strides[axis])).plus(Dim.of(constant));
      }
      var padding = new Padding(Padding.Mode.EXPLICIT, pads);
      node.emit(new Operator.ConvTranspose(strides, dilations, padding, added, (int) group), sizes);
    };
  }

  /** MaxPool; the indices that it can also give are refused where they are used. */
  static Rule.Step maxPool(Attributes attributes) {
    // Only the order of the indices depends on storage_order.
    attributes.flag("storage_order", false);
    return pool(
        attributes,
        attributes.opset() >= 10,
        (kernel, strides, dilations, padding, ceil) ->
            new Operator.MaxPool(kernel, strides, dilations, padding, ceil));
  }

  /** AveragePool. */
  static Rule.Step averagePool(Attributes attributes) {
    boolean padded = attributes.flag("count_include_pad", false);
    return pool(
        attributes,
        attributes.opset() >= 19,
        (kernel, strides, dilations, padding, ceil) ->
            new Operator.AveragePool(kernel, strides, dilations, padding, ceil, padded));
  }

  private interface Pool {
    Operator of(int[] kernel, int[] strides, int[] dilations, Padding padding, boolean ceil);
  }

  private static Rule.Step pool(Attributes attributes, boolean dilated, Pool pool) {
    Settings settings = Settings.read(attributes, dilated, false);
    boolean ceil = attributes.opset() >= 10 && attributes.flag("ceil_mode", false);
    int[] kernel = settings.kernel();
    if (kernel == null) {
      throw attributes.broken("has no kernel_shape");
    }
    if (ceil && settings.mode() == Padding.Mode.VALID) {
      // The standard's formula and the runtimes disagree on the size.
      throw attributes.refuse("ceil_mode beside auto_pad VALID");
    }
    return node -> {
      node.requireInputs(1, 1);
      int axes = spatialAxes(node);
      exactly(node, "kernel_shape", kernel, axes);
      int[] strides = orOnes(node, "strides", settings.strides(), axes);
      int[] dilations = orOnes(node, "dilations", settings.dilations(), axes);
      Padding padding = settings.padding(node, axes);
      for (int side = 0; side < padding.pads().length; side++) {
        if (padding.pads()[side] >= Window.reach(kernel[side % axes], dilations[side % axes])) {
          throw node.broken("has padding that is not smaller than its window");
        }
      }
      Dim channels = node.sizes(0)[1];
      Dim[] sizes = slide(node, kernel, strides, dilations, padding, ceil, channels);
      node.emit(pool.of(kernel, strides, dilations, padding, ceil), sizes);
    };
  }
}
