package org.sysmol.runtime.cost;

import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.engine.Explanation;

/** Kinds of steps that cost alike: those of convolutions count multiply-accumulates. */
public enum CostKind {
  /** Dense windows three cells wide without stride, dilation or groups: what may be transformed. */
  WINDOW("window", true),
  /** All other windows of several cells. */
  OTHER_WINDOW("other_window", true),
  /** Dense windows of one cell. */
  POINT("point", true),
  /** One input channel an output. */
  DEPTHWISE("depthwise", true),
  /** One pixel of outputs: weights are used once. */
  LINEAR("linear", true),
  /** Windows on images of at most four channels. */
  STEM("stem", true),
  /** Quantising the image: counts codes written. */
  IMAGE("image", false),
  /** Codes from a stream: counts codes written. */
  REQUANTISE("requantise", false),
  /** The same in another order of channels. */
  REORDER("reorder", false),
  /** Sums of two streams: counts codes written. */
  JOIN("join", false),
  /** Products of two streams: counts codes written. */
  SCALE("scale", false),
  /** Codes by a stored table: counts codes written. */
  TABLE("table", false),

  /** An index map on channels, rows and columns. */
  GATHER("gather", false),
  /** Largest of windows: counts codes read, one for each cell of each window. */
  MAX_POOL("max_pool", false),
  /** Means of windows: counts as for the largest. */
  AVERAGE_POOL("average_pool", false);

  private static final int MOST_IMAGE_CHANNELS = 4;

  private final String text;
  private final boolean macs;

  CostKind(String text, boolean macs) {
    this.text = text;
    this.macs = macs;
  }

  /** The name in files. */
  public String text() {
    return text;
  }

  /** True if its units are multiply-accumulates. */
  public boolean countsMacs() {
    return macs;
  }

  /** The kind of a step. */
  public static CostKind of(PackedNetwork network, Step step) {
    return switch (step) {
      case Step.QuantiseImage _ -> IMAGE;
      case Step.Requantise r -> r.reorders() ? REORDER : REQUANTISE;
      case Step.Join _ -> JOIN;
      case Step.Scale _ -> SCALE;
      case Step.Table _ -> TABLE;
      case Step.Gather _ -> GATHER;
      case Step.MaxPool _ -> MAX_POOL;
      case Step.AveragePool _ -> AVERAGE_POOL;
      case Step.Convolution c -> {
        PackedTensor in = network.tensors().get(c.input());
        int channels = in.channels();
        if (c.groups() > 1 && c.groups() == channels) {
          yield DEPTHWISE;
        }
        boolean mixed = in.encoding() instanceof Encoding.Mixed;
        if (channels <= MOST_IMAGE_CHANNELS && c.window().taps() > 1 && !mixed) {
          yield STEM;
        }
        if (c.window().outputs() == 1) {
          yield LINEAR;
        }
        if (c.window().taps() == 1) {
          yield POINT;
        }
        yield c.groups() == 1 && KernelCosts.mayTransform(c.window()) ? WINDOW : OTHER_WINDOW;
      }
    };
  }

  /** Units of a step: what its kind counts. */
  public static long units(PackedNetwork network, Step step) {
    PackedTensor out = network.tensors().get(step.output());
    return switch (step) {
      case Step.Convolution c -> Explanation.macs(c);
      case Step.MaxPool p -> (long) out.size() * p.window().taps();
      case Step.AveragePool p -> (long) out.size() * p.window().taps();
      case Step.QuantiseImage _,
          Step.Requantise _,
          Step.Join _,
          Step.Scale _,
          Step.Table _,
          Step.Gather _ ->
          out.size();
    };
  }
}
