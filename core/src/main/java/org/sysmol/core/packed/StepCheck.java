package org.sysmol.core.packed;

import java.util.Arrays;
import java.util.List;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.plan.Window;

/** The rules of {@link NetworkCheck} that concern one step, whose tensors exist. */
final class StepCheck {
  private final List<PackedTensor> tensors;
  private final NetworkCheck.Requirement requirement;
  private String where = "";

  StepCheck(List<PackedTensor> tensors, NetworkCheck.Requirement requirement) {
    this.tensors = tensors;
    this.requirement = requirement;
  }

  private void require(boolean holds, String what) {
    requirement.require(holds, where, what);
  }

  void check(Step step, String place) {
    where = place;
    PackedTensor output = tensors.get(step.output());
    switch (step) {
      case Step.QuantiseImage _ -> {}
      case Step.Convolution c -> convolution(c, tensors.get(c.input()), output);
      case Step.Requantise r -> requantise(r, tensors.get(r.input()), output);
      case Step.MaxPool p -> {
        PackedTensor input = tensors.get(p.input());
        require(
            input.encoding() instanceof Encoding.Eight
                && input.encoding().equals(output.encoding()),
            "does not pool eight-bit codes of one step");
        pool(p.window(), input, output, false, 0, 0);
      }
      case Step.AveragePool p -> averagePool(p, tensors.get(p.input()), output);
      case Step.Join j -> {
        PackedTensor left = tensors.get(j.input());
        PackedTensor right = tensors.get(j.right());
        require(
            left.encoding() instanceof Encoding.Eight && right.encoding() instanceof Encoding.Eight,
            "adds tensors that are not eight bits");
        require(
            NetworkCheck.sameMap(left, output) && NetworkCheck.sameMap(right, output),
            "adds tensors that differ in size or channel order");
        clamp(j.clamp());
      }
      case Step.Scale s -> scale(s, tensors.get(s.input()), tensors.get(s.gate()), output);
      case Step.Table t -> TableCheck.check(t, tensors.get(t.input()), output, this::require);
      case Step.Gather g -> GatherCheck.check(g, tensors, output, this::require);
    }
  }

  private void scale(Step.Scale s, PackedTensor map, PackedTensor gate, PackedTensor output) {
    require(
        map.encoding() instanceof Encoding.Eight && gate.encoding() instanceof Encoding.Eight,
        "multiplies tensors that are not eight bits");
    boolean oneCell = gate.height() == 1 && gate.width() == 1;
    require(
        NetworkCheck.sameMap(map, output)
            && (oneCell
                ? Arrays.equals(gate.order(), output.order())
                : NetworkCheck.sameMap(gate, output)),
        "multiplies tensors that differ in size or channel order");
    clamp(s.clamp());
  }

  private void convolution(Step.Convolution c, PackedTensor input, PackedTensor output) {
    window(c.window(), input, output);
    clamp(c.clamp());
    int groups = c.groups();
    require(
        groups >= 1 && input.channels() % groups == 0 && output.channels() % groups == 0,
        "has " + groups + " channel groups, which do not divide its channels");
    PackedWeights weights = c.weights();
    require(
        weights.outputs() == output.channels()
            && weights.groups() == groups
            && weights.taps() == c.window().taps(),
        "has weights of another shape than its window and channels");
    boolean signed =
        switch (input.encoding()) {
          case Encoding.Mixed mixed -> {
            require(
                Arrays.equals(weights.precision(), mixed.precision()),
                "has weights of other precisions than its input");
            yield mixed.signed();
          }
          case Encoding.Eight eight -> {
            boolean eightBit = weights.precision().length == input.channels();
            for (byte p : weights.precision()) {
              eightBit &= p == 8;
            }
            require(eightBit, "has weights of other precisions than its input");
            yield eight.signed();
          }
          case Encoding.Real _ -> {
            require(false, "reads real values");
            yield false;
          }
        };
    long perOutput = (long) weights.taps() * weights.channelsPerOutput();
    require(
        perOutput <= NetworkCheck.MAX_WEIGHTS
            && perOutput * weights.outputs() <= NetworkCheck.MAX_WEIGHTS,
        "has more than " + NetworkCheck.MAX_WEIGHTS + " weights");
    require(
        weights.totalBytes() == weights.bits().length,
        "has " + weights.bits().length + " bytes of weights and needs " + weights.totalBytes());
    rows(weights);
    affine(c.affine(), output);
    if (c.residual() != -1) {
      PackedTensor residual = tensors.get(c.residual());
      require(
          residual.encoding() instanceof Encoding.Eight && NetworkCheck.sameMap(residual, output),
          "adds a residual that is not an eight-bit tensor of its output's size and order");
    }
    if (groups == input.channels() && groups == output.channels() && groups > 1) {
      require(
          Arrays.equals(input.order(), output.order()),
          "is depthwise but changes the order of the channels");
    }
    Bounds expected = BoundsCalculator.of(c.name(), weights, signed);
    require(
        Arrays.equals(expected.segments(), c.bounds().segments())
            && Arrays.equals(expected.low(), c.bounds().low())
            && Arrays.equals(expected.high(), c.bounds().high()),
        "has bounds that differ from what its weights can reach");
  }

  /** Refuses the eight-bit code -128, which has no negative, and set bits behind a row. */
  private void rows(PackedWeights weights) {
    byte[] bits = weights.bits();
    boolean eightBit = weights.precision()[0] == 8;
    int end = 0;
    for (int o = 0; o < weights.outputs(); o++) {
      int group = weights.groupOf(o);
      end += weights.rowBytes(group);
      int unused = (int) (8L * weights.rowBytes(group) - weights.rowBits(group));
      if ((bits[end - 1] & ((1 << unused) - 1)) != 0) {
        require(false, "has set bits behind the weights of output " + o);
      }
    }
    for (int i = 0; eightBit && i < bits.length; i++) {
      require(bits[i] != 0, "has the weight -128, where -127 to 127 is allowed");
    }
  }

  private void requantise(Step.Requantise r, PackedTensor input, PackedTensor output) {
    require(input.encoding() instanceof Encoding.Eight, "reads what is not an eight-bit tensor");
    require(
        input.height() == output.height()
            && input.width() == output.width()
            && input.channels() == output.channels(),
        "changes the size of the map");
    clamp(r.clamp());
    if (r.affine() != null) {
      affine(r.affine(), output);
    }
    int[] gather = r.gather();
    if (gather == null) {
      require(
          Arrays.equals(input.order(), output.order()),
          "moves no channels though the orders of its tensors differ");
      return;
    }
    require(
        gather.length == output.channels(),
        "gathers " + gather.length + " of " + output.channels() + " channels");
    for (int from : gather) {
      if (from < 0 || from >= input.channels()) {
        require(false, "gathers channel " + from + " of " + input.channels());
      }
    }
  }

  private void averagePool(Step.AveragePool p, PackedTensor input, PackedTensor output) {
    require(input.encoding() instanceof Encoding.Eight, "reads what is not an eight-bit tensor");
    require(
        p.padBottom() >= 0
            && p.padBottom() <= NetworkCheck.MAX_SIDE
            && p.padRight() >= 0
            && p.padRight() <= NetworkCheck.MAX_SIDE,
        "declares paddings of " + p.padBottom() + " and " + p.padRight());
    pool(p.window(), input, output, p.countPadding(), p.padBottom(), p.padRight());
    require(255L * p.window().taps() <= Integer.MAX_VALUE, "sums more cells than 32 bits can hold");
    require(
        p.factor().length == p.window().taps(),
        "has " + p.factor().length + " factors for " + p.window().taps() + " cells");
    for (float factor : p.factor()) {
      if (!(factor > 0 && Float.isFinite(factor))) {
        require(false, "has the factor " + factor);
      }
    }
  }

  private void pool(
      Window window,
      PackedTensor input,
      PackedTensor output,
      boolean countPadding,
      int padBottom,
      int padRight) {
    window(window, input, output);
    require(
        Arrays.equals(input.order(), output.order()),
        "pools channels but changes their number or order");
    boolean rows =
        touches(
            window.outputHeight(),
            window.strideY(),
            window.dilationY(),
            window.kernelHeight(),
            window.padTop(),
            countPadding ? -window.padTop() : 0,
            input.height() + (countPadding ? padBottom : 0));
    boolean columns =
        touches(
            window.outputWidth(),
            window.strideX(),
            window.dilationX(),
            window.kernelWidth(),
            window.padLeft(),
            countPadding ? -window.padLeft() : 0,
            input.width() + (countPadding ? padRight : 0));
    require(rows && columns, "has a window without a cell");
  }

  /** True if every window has a cell in {@code from..to - 1} along one axis. */
  private static boolean touches(
      int outputs, int stride, int dilation, int kernel, int pad, int from, int to) {
    for (int o = 0; o < outputs; o++) {
      long start = (long) o * stride - pad;
      long first = Math.max(0, Math.ceilDiv(from - start, dilation));
      if (first >= kernel || start + first * dilation >= to) {
        return false;
      }
    }
    return true;
  }

  private void window(Window w, PackedTensor input, PackedTensor output) {
    int[] positive = {
      w.kernelHeight(), w.kernelWidth(), w.strideY(), w.strideX(), w.dilationY(), w.dilationX()
    };
    for (int value : positive) {
      require(
          value >= 1 && value <= NetworkCheck.MAX_SIDE,
          "has a kernel, stride or dilation of " + value);
    }
    require(
        w.padTop() >= 0
            && w.padTop() <= NetworkCheck.MAX_SIDE
            && w.padLeft() >= 0
            && w.padLeft() <= NetworkCheck.MAX_SIDE,
        "has paddings of " + w.padTop() + " and " + w.padLeft());
    require(
        (long) w.kernelHeight() * w.kernelWidth() <= NetworkCheck.MAX_TAPS,
        "has a window of more than " + NetworkCheck.MAX_TAPS + " cells");
    require(
        w.outputHeight() == output.height() && w.outputWidth() == output.width(),
        "makes "
            + w.outputHeight()
            + " x "
            + w.outputWidth()
            + " outputs for a tensor of "
            + output.height()
            + " x "
            + output.width());
    long bottom =
        (w.outputHeight() - 1L) * w.strideY()
            + (w.kernelHeight() - 1L) * w.dilationY()
            + 1
            - w.padTop()
            - input.height();
    long right =
        (w.outputWidth() - 1L) * w.strideX()
            + (w.kernelWidth() - 1L) * w.dilationX()
            + 1
            - w.padLeft()
            - input.width();
    require(
        bottom <= NetworkCheck.MAX_SIDE && right <= NetworkCheck.MAX_SIDE,
        "has windows that reach " + Math.max(bottom, right) + " cells past the map");
  }

  private void affine(Affine affine, PackedTensor output) {
    require(
        affine.scale().length == output.channels() && affine.offset().length == output.channels(),
        "has factors for " + affine.scale().length + " of " + output.channels() + " channels");
    for (int o = 0; o < affine.scale().length; o++) {
      require(
          Float.isFinite(affine.scale()[o]) && Float.isFinite(affine.offset()[o]),
          "has a factor or offset of output " + o + " that is not finite");
    }
  }

  private void clamp(Clamp clamp) {
    require(
        clamp.low() <= clamp.high()
            && clamp.low() < Float.POSITIVE_INFINITY
            && clamp.high() > Float.NEGATIVE_INFINITY,
        "has an activation from " + clamp.low() + " to " + clamp.high());
  }
}
