package org.sysmol.train;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
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
import org.sysmol.core.plan.Window;

/**
 * Convolutions by libtorch, each shape checked once before it is trusted.
 *
 * <h2>Why</h2>
 *
 * <p>libtorch gives convolutions in binary32 to oneDNN, which chooses among many kernels by shape
 * and processor. On some (seen: libtorch 2.10 on a virtual AMD Zen 5) it computes wrong outputs and
 * wrong gradients of the input where the number of channels is no multiple of 16: not inexact ones,
 * but sums that miss most of their terms. Training then fails to learn, or ends in NaN.
 *
 * <h2>What is done</h2>
 *
 * <p>The first time a shape is met, output and both gradients are computed on random numbers and
 * compared with libtorch's own plain convolution in double. If they differ, channels are filled up
 * with zeros to multiples of 16; if that is wrong too, oneDNN is switched off for this process,
 * which is a few times slower.
 */
final class Convolutions {
  private static final Logger LOG = LoggerFactory.getLogger(Convolutions.class);

  /** Multiply-accumulates that a check may take, unless two images need more. */
  private static final long CHECK_MACS = 2_000_000_000L;

  /** Relative to the largest magnitude: rounding stays far below, missing terms far above. */
  private static final double TOLERANCE = 1e-3;

  private static final int BLOCK = 16;

  private static final Map<Shape, Boolean> FILLED = new HashMap<>();

  private Convolutions() {}

  private record Shape(
      long channels, long outputs, int groups, long height, long width, Window window) {}

  /**
   * Convolution with zero padding, asymmetric where the window asks for it.
   *
   * @param map {@code [N, C, H, W]}
   * @param weights {@code [out, in/groups, kernelHeight, kernelWidth]}
   * @param bias {@code [out]} or absent
   */
  static Tensor convolve(
      Tensor map, Tensor weights, TensorOptional bias, Window window, int groups) {
    if (map.scalar_type() != ScalarType.Float || !oneDnn()) {
      return plain(map, weights, bias, window, groups);
    }
    Shape shape = new Shape(map.size(1), weights.size(0), groups, map.size(2), map.size(3), window);
    boolean fill;
    synchronized (FILLED) {
      fill = FILLED.computeIfAbsent(shape, s -> mustFill(s, map.size(0)));
    }
    return fill ? filled(map, weights, bias, window) : plain(map, weights, bias, window, groups);
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

  /** The same with channels filled up by zeros. */
  private static Tensor filled(Tensor map, Tensor weights, TensorOptional bias, Window window) {
    long outputs = weights.size(0);
    long moreIn = map.size(1) <= BLOCK ? 0 : Math.floorMod(-map.size(1), BLOCK);
    long moreOut = Math.floorMod(-outputs, BLOCK);
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

  /** Decides how a shape is computed, or switches oneDNN off where both ways are wrong. */
  private static boolean mustFill(Shape shape, long batch) {
    if (right(shape, batch, false)) {
      return false;
    }
    if (shape.groups() == 1 && right(shape, batch, true)) {
      LOG.info("oneDNN is wrong for {}; channels are filled up to multiples of 16.", shape);
      return true;
    }
    LOG.warn("oneDNN is wrong for {} and not used from now on; training is slower.", shape);
    torch.globalContext().setUserEnabledMkldnn(false);
    return false;
  }

  private static boolean right(Shape s, long batch, boolean fill) {
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
      Tensor[] fast = {null, null, null};
      Tensor[] sure = {null, null, null};
      for (Tensor[] side : new Tensor[][] {fast, sure}) {
        ScalarType type = side == fast ? ScalarType.Float : ScalarType.Double;
        Tensor x =
            Tensors.of(map, images, s.channels(), s.height(), s.width())
                .to(type)
                .set_requires_grad(true);
        Tensor k =
            Tensors.of(
                    weights,
                    s.outputs(),
                    s.channels() / s.groups(),
                    w.kernelHeight(),
                    w.kernelWidth())
                .to(type)
                .set_requires_grad(true);
        Tensor y =
            fill && side == fast
                ? filled(x, k, Tensors.none(), w)
                : plain(x, k, Tensors.none(), w, s.groups());
        Tensor g =
            Tensors.of(gradient, images, s.outputs(), w.outputHeight(), w.outputWidth()).to(type);
        y.backward(g, new BoolOptional(), false, new TensorArrayRefOptional());
        side[0] = y.detach();
        side[1] = x.grad();
        side[2] = k.grad();
      }
      boolean right = true;
      for (int i = 0; i < 3; i++) {
        double error = sure[i].sub(fast[i]).abs().max().item_double();
        // Written so that NaN is wrong.
        right &= error <= TOLERANCE * sure[i].abs().max().item_double();
      }
      return right;
    }
  }

  private static float[] random(SplittableRandom random, long size) {
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
