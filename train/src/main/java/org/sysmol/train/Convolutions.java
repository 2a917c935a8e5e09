package org.sysmol.train;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.plan.Window;

/**
 * Convolutions by libtorch, kept away from what its oneDNN gets wrong.
 *
 * <h2>Why</h2>
 *
 * <p>libtorch gives convolutions in binary32 to oneDNN, which stores channels in blocks of 8 or 16
 * and fills the last block up. In libtorch 2.7 and 2.10 (oneDNN 3.7.1; seen on an AMD Zen 5) what
 * fills it is not zero: with a 3x3 kernel, a batch of two or more and one group, the output is
 * wrong where the input has more than 16 channels and no multiple of 16, and the gradient of the
 * input is wrong where the output has no multiple of 16. Not inexact: sums of other numbers, that
 * depend on what the memory held. A dilated convolution with padding on one side gave NaN in the
 * gradient of its input although its channels filled their blocks. Training then fails to learn.
 *
 * <p>None of this concerns a GPU, where libtorch has no use for oneDNN.
 *
 * <h2>What is done</h2>
 *
 * <p>oneDNN is used only for networks whose convolutions are all of a kind that was seen to be
 * right: one group, no dilation, padding alike on all sides. Their channels are filled up with
 * zeros here unless the kernel is 1x1, and the first time a shape is met it is compared with
 * libtorch's own plain convolution in double. Otherwise libtorch's plain convolutions are used, a
 * few times slower.
 *
 * <h2>bfloat16</h2>
 *
 * <p>Where a recipe asks for it, map and weights are rounded to bfloat16 before a convolution (8
 * significant bits: relative errors up to 2^-9), its products are summed in binary32, and the sums
 * rounded to bfloat16; so are gradients on their way back. What is around it stays binary32.
 */
final class Convolutions {
  private static final Logger LOG = LoggerFactory.getLogger(Convolutions.class);

  /** Multiply-accumulates that a check may take, unless two images need more. */
  private static final long CHECK_MACS = 2_000_000_000L;

  /** Relative to the largest magnitude: rounding stays far below, missing terms far above. */
  private static final double TOLERANCE = 1e-3;

  /** The same for bfloat16, whose results alone are rounded by up to 2^-9. */
  private static final double TOLERANCE_BFLOAT16 = 1e-2;

  private static final int BLOCK = 16;

  /** Images of so many channels are not stored in blocks. */
  private static final int FEW = 3;

  private static final boolean[] BINARY32 = {false};
  private static final boolean[] EITHER = {false, true};

  /** Shapes that were right. */
  private static final Set<Shape> CHECKED = new HashSet<>();

  /** Set for good when a check has failed: no later network may use oneDNN. */
  private static volatile boolean distrusted;

  private Convolutions() {}

  /** What tells convolutions apart that oneDNN may get right or wrong. */
  record Shape(
      long channels,
      long outputs,
      int groups,
      long height,
      long width,
      Window window,
      boolean bfloat16) {}

  /** Lets libtorch use oneDNN if all convolutions of a network are of the kind that is right. */
  static void choose(Plan plan) {
    Optional<String> bad = unusual(plan);
    bad.filter(_ -> Device.inUse().equals(Device.CPU))
        .ifPresent(
            name ->
                LOG.info(
                    "Layer {} has groups, dilation or uneven padding, which libtorch's oneDNN gets wrong:"
                        + " its plain convolutions are used, a few times slower.",
                    name));
    torch.globalContext().setUserEnabledMkldnn(bad.isEmpty() && !distrusted);
  }

  /** Keeps oneDNN out of all convolutions from now on, or, for tests, lets it in again. */
  static void distrust(boolean from) {
    distrusted = from;
    torch.globalContext().setUserEnabledMkldnn(!from);
  }

  /** Refuses a network with layers that oneDNN gets wrong. */
  static void requireFast(Plan plan) {
    unusual(plan)
        .ifPresent(
            name -> {
              throw SysmolException.badInput(
                  "Convolutions in bfloat16 are for networks of one group, no dilation and even"
                      + " padding; layer "
                      + name
                      + " is not so. Train without --bf16.");
            });
  }

  private static Optional<String> unusual(Plan plan) {
    return plan.convolutions().stream()
        .filter(c -> !ordinary(plan, c))
        .map(Stage::name)
        .findFirst();
  }

  /**
   * Checks all shapes of a network before it is trained, so that what is wrong is out from the
   * first step on, in a run that goes on as well.
   *
   * @param bfloat16 whether all layers but the last are convolved so too
   * @throws SysmolException if oneDNN is wrong in bfloat16
   */
  static void check(Plan plan, int batch, boolean bfloat16) {
    if (!Device.inUse().equals(Device.CPU)) {
      return;
    }
    List<Stage.Convolution> layers = plan.convolutions();
    for (int i = 0; i < layers.size() && oneDnn(); i++) {
      Stage.Convolution layer = layers.get(i);
      Value input = plan.value(plan.groups().get(layer.group()));
      for (boolean rounded : bfloat16 && i < layers.size() - 1 ? EITHER : BINARY32) {
        check(
            new Shape(
                input.channels(),
                layer.outputChannels(),
                layer.groups(),
                input.height(),
                input.width(),
                layer.window(),
                rounded),
            batch);
      }
    }
  }

  /** Compares a shape that is met for the first time with what is sure. */
  private static void check(Shape shape, long batch) {
    check(shape, () -> right(shape, batch));
  }

  /**
   * The same.
   *
   * @param right compares
   */
  static void check(Shape shape, BooleanSupplier right) {
    synchronized (CHECKED) {
      if (CHECKED.contains(shape) || right.getAsBoolean()) {
        CHECKED.add(shape);
        return;
      }
    }
    if (shape.bfloat16()) {
      throw SysmolException.failed(
          "libtorch's convolutions in bfloat16 are wrong on this processor for "
              + shape
              + "; train without --bf16.");
    }
    LOG.warn("oneDNN is wrong for {} and not used from now on; training is slower.", shape);
    distrust(true);
  }

  private static boolean ordinary(Plan plan, Stage.Convolution layer) {
    Window window = layer.window();
    Value input = plan.value(plan.groups().get(layer.group()));
    return layer.groups() == 1
        && window.dilationY() == 1
        && window.dilationX() == 1
        && window.padTop() == window.padLeft()
        && symmetric(window, input.height(), input.width());
  }

  /**
   * Convolution with zero padding, asymmetric where the window asks for it.
   *
   * @param map {@code [N, C, H, W]}
   * @param weights {@code [out, in/groups, kernelHeight, kernelWidth]}
   * @param bias {@code [out]} or absent
   */
  static Tensor convolve(
      Tensor map, Tensor weights, TensorOptional bias, Window window, int groups) {
    return convolve(map, weights, bias, window, groups, false);
  }

  /**
   * The same.
   *
   * @param bfloat16 whether map and weights, both in binary32, are rounded to bfloat16; the result
   *     is in binary32
   */
  static Tensor convolve(
      Tensor map,
      Tensor weights,
      TensorOptional bias,
      Window window,
      int groups,
      boolean bfloat16) {
    // By value: libtorch's wrapper makes a new object for each answer.
    if (map.scalar_type().value != ScalarType.Float.value || !map.device().is_cpu() || !oneDnn()) {
      return plain(map, weights, bias, window, groups);
    }
    check(
        new Shape(map.size(1), weights.size(0), groups, map.size(2), map.size(3), window, bfloat16),
        map.size(0));
    return bfloat16 && oneDnn()
        ? rounded(map, weights, bias, window, groups)
        : whole(map, weights, bias, window, groups);
  }

  /** By bfloat16 numbers, the bias added in binary32. */
  private static Tensor rounded(
      Tensor map, Tensor weights, TensorOptional bias, Window window, int groups) {
    Tensor sum =
        whole(
                map.to(ScalarType.BFloat16),
                weights.to(ScalarType.BFloat16),
                Tensors.none(),
                window,
                groups)
            .to(ScalarType.Float);
    return bias.has_value() ? sum.add(bias.get().view(1, weights.size(0), 1, 1)) : sum;
  }

  /** In whole blocks where that is needed for right results. */
  private static Tensor whole(
      Tensor map, Tensor weights, TensorOptional bias, Window window, int groups) {
    long outputs = weights.size(0);
    long moreIn = map.size(1) <= FEW ? 0 : Math.floorMod(-map.size(1), BLOCK);
    long moreOut = Math.floorMod(-outputs, BLOCK);
    if (groups > 1 || !oneDnn() || window.taps() == 1 || (moreIn == 0 && moreOut == 0)) {
      return plain(map, weights, bias, window, groups);
    }
    Tensor result =
        plain(
            torch.constant_pad_nd(map, new long[] {0, 0, 0, 0, 0, moreIn}),
            torch.constant_pad_nd(weights, new long[] {0, 0, 0, 0, 0, moreIn, 0, moreOut}),
            Tensors.none(),
            window,
            1);
    Tensor cut = result.narrow(1, 0, outputs);
    return bias.has_value() ? cut.add(bias.get().view(1, outputs, 1, 1)) : cut.contiguous();
  }

  private static boolean oneDnn() {
    return torch.globalContext().userEnabledMkldnn();
  }

  private static Tensor plain(
      Tensor map, Tensor weights, TensorOptional bias, Window window, int groups) {
    int height = Math.toIntExact(map.size(2));
    int width = Math.toIntExact(map.size(3));
    long[] padding = {0, 0};
    Tensor padded = map;
    if (symmetric(window, height, width)) {
      padding = new long[] {window.padTop(), window.padLeft()};
    } else {
      padded = Tensors.pad(map, window, 0.0);
    }
    Tensor result =
        torch.conv2d(
            padded,
            weights,
            bias,
            new long[] {window.strideY(), window.strideX()},
            padding,
            new long[] {window.dilationY(), window.dilationX()},
            groups);
    if (result.size(2) == window.outputHeight() && result.size(3) == window.outputWidth()) {
      return result;
    }
    // A symmetric padding may leave room for windows that the network doesn't have.
    return result
        .narrow(2, 0, window.outputHeight())
        .narrow(3, 0, window.outputWidth())
        .contiguous();
  }

  /** True if padding by the begin's sizes on both sides covers all windows. */
  private static boolean symmetric(Window window, int height, int width) {
    return window.padBottom(height) <= window.padTop()
        && window.padRight(width) <= window.padLeft();
  }

  private static boolean right(Shape s, long batch) {
    Window w = s.window();
    long perOutput = s.channels() / s.groups() * w.taps();
    long macs = s.outputs() * w.outputs() * perOutput;
    long images = Math.min(batch, Math.max(2, CHECK_MACS / Math.max(1, macs)));
    SplittableRandom random = new SplittableRandom(images);
    try (PointerScope _ = new PointerScope();
        AutoGradMode _ = new AutoGradMode(true)) {
      float[] map = random(random, images * s.channels() * s.height() * s.width());
      float[] weights = random(random, s.outputs() * perOutput);
      float[] gradient = random(random, images * s.outputs() * w.outputs());
      Tensor[] fast = outputAndGradients(s, map, weights, gradient, ScalarType.Float);
      Tensor[] sure = outputAndGradients(s, map, weights, gradient, ScalarType.Double);
      double tolerance = s.bfloat16() ? TOLERANCE_BFLOAT16 : TOLERANCE;
      boolean right = true;
      for (int i = 0; i < 3; i++) {
        double error = sure[i].sub(fast[i]).abs().max().item_double();
        // Written so that NaN is wrong.
        right &= error <= tolerance * sure[i].abs().max().item_double();
      }
      return right;
    }
  }

  /** Output, gradient of the map and gradient of the weights. */
  private static Tensor[] outputAndGradients(
      Shape s, float[] map, float[] weights, float[] gradient, ScalarType type) {
    Window w = s.window();
    Tensor x = tensor(map, type, s.channels(), s.height(), s.width()).set_requires_grad(true);
    Tensor k =
        tensor(weights, type, s.channels() / s.groups(), w.kernelHeight(), w.kernelWidth())
            .set_requires_grad(true);
    Tensor y;
    if (type == ScalarType.Double) {
      y = plain(x, k, Tensors.none(), w, s.groups());
    } else if (s.bfloat16()) {
      y = rounded(x, k, Tensors.none(), w, s.groups());
    } else {
      y = whole(x, k, Tensors.none(), w, s.groups());
    }
    Tensor g = tensor(gradient, type, s.outputs(), w.outputHeight(), w.outputWidth());
    y.backward(g, new BoolOptional(), false, new TensorArrayRefOptional());
    return new Tensor[] {y.detach(), x.grad(), k.grad()};
  }

  /** Four axes: the first is what is left over. */
  private static Tensor tensor(float[] values, ScalarType type, long a, long b, long c) {
    return Tensors.of(values, values.length / (a * b * c), a, b, c).to(type);
  }

  private static float[] random(SplittableRandom random, long size) {
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
