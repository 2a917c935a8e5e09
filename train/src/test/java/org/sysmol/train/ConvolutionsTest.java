package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Window;

/** Convolutions of training, with libtorch's oneDNN where it is allowed, against plain double. */
class ConvolutionsTest {
  private final SplittableRandom random = new SplittableRandom(5);

  @AfterEach
  void backToWhatOthersExpect() {
    Convolutions.distrust(false);
  }

  @Test
  void whatWasWrongOnceIsNotUsedByLaterNetworks() {
    Libtorch.prepare();
    TinyTraining even = TinyTraining.even(8);
    Plan plan = TrainingStages.plan(even.network(), even.preprocessing());
    Convolutions.choose(plan);
    assertThat(torch.globalContext().userEnabledMkldnn()).isTrue();
    Window window = new Window(3, 3, 1, 1, 1, 1, 1, 1, 5, 5);
    Convolutions.check(new Convolutions.Shape(901, 7, 1, 5, 5, window, false), () -> false);
    assertThat(torch.globalContext().userEnabledMkldnn()).isFalse();
    Convolutions.choose(plan);
    assertThat(torch.globalContext().userEnabledMkldnn()).isFalse();
  }

  @Test
  void bfloat16ThatIsWrongEndsTrainingAndLeavesBinary32() {
    Libtorch.prepare();
    torch.globalContext().setUserEnabledMkldnn(true);
    Window window = new Window(3, 3, 1, 1, 1, 1, 1, 1, 5, 5);
    Convolutions.Shape shape = new Convolutions.Shape(902, 7, 1, 5, 5, window, true);
    assertThatThrownBy(() -> Convolutions.check(shape, () -> false))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("libtorch's convolutions in bfloat16 are wrong on this processor")
        .hasMessageEndingWith("; train without --bf16.");
    assertThat(torch.globalContext().userEnabledMkldnn()).isTrue();
  }

  private static final int[][] SHAPES = {
    // images, channels, outputs, side, kernel, stride
    {32, 24, 24, 4, 3, 1},
    {32, 12, 24, 8, 3, 2},
    {2, 37, 40, 9, 3, 1},
    {3, 1, 12, 16, 3, 2},
    {5, 3, 20, 11, 5, 2},
    {7, 20, 10, 1, 1, 1},
    {4, 64, 128, 7, 3, 1},
    {2, 33, 16, 6, 1, 2},
  };

  @Test
  void outputsAndGradientsAreThoseOfDouble() {
    // Sums of binary32 products of up to 1,728 normal numbers.
    compareAll(false, 1e-4);
  }

  @Test
  void bfloat16RoundsNumbersAndResultsButNotSums() {
    assumeTrue(Bfloat16.here(), "this processor has no bfloat16");
    // Both factors of a product and the result are rounded by up to 2^-9 each.
    compareAll(true, 6.5e-3);
  }

  @Test
  void convolutionsOfCodesInBfloat16AreExactButForTheResultsRounding() {
    assumeTrue(Bfloat16.here(), "this processor has no bfloat16");
    Libtorch.prepare();
    torch.globalContext().setUserEnabledMkldnn(true);
    try (PointerScope _ = new PointerScope()) {
      Window window = new Window(3, 3, 1, 1, 1, 1, 1, 1, 7, 7);
      // Codes of 4 bits: odd weights up to 15, activations up to 15; sums up to 15 * 15 * 1,152.
      Tensor x =
          numbers(4, 128, 7, 7).abs().mul(Tensors.scalar(5)).floor().clamp_max(Tensors.scalar(15));
      Tensor w =
          numbers(128, 128, 3, 3)
              .mul(Tensors.scalar(3))
              .floor()
              .mul(Tensors.scalar(2))
              .add(Tensors.scalar(1))
              .clamp_min(Tensors.scalar(-15))
              .clamp_max(Tensors.scalar(15));
      Tensor exact =
          torch.conv2d(
              x.to(ScalarType.Double),
              w.to(ScalarType.Double),
              Tensors.none(),
              new long[] {1, 1},
              new long[] {1, 1},
              new long[] {1, 1},
              1);
      Tensor half = Convolutions.convolve(x, w, Tensors.none(), window, 1, true);
      Tensor expected = exact.to(ScalarType.Float).to(ScalarType.BFloat16).to(ScalarType.Float);
      assertThat(Tensors.floats(half)).isEqualTo(Tensors.floats(expected));
    }
  }

  private void compareAll(boolean bfloat16, double tolerance) {
    Libtorch.prepare();
    torch.globalContext().setUserEnabledMkldnn(true);
    for (int[] s : SHAPES) {
      try (PointerScope _ = new PointerScope()) {
        compare(s[0], s[1], s[2], s[3], s[4], s[5], bfloat16, tolerance);
      }
    }
    assertThat(torch.globalContext().userEnabledMkldnn())
        .as("what was compared was oneDNN's, not what takes its place")
        .isTrue();
  }

  private void compare(
      int images,
      int channels,
      int outputs,
      int side,
      int kernel,
      int stride,
      boolean bfloat16,
      double tolerance) {
    int pad = kernel / 2;
    int out = (side + 2 * pad - kernel) / stride + 1;
    Window window = new Window(kernel, kernel, stride, stride, 1, 1, pad, pad, out, out);
    Tensor x = numbers(images, channels, side, side);
    Tensor w = numbers(outputs, channels, kernel, kernel);
    Tensor g = numbers(images, outputs, out, out);
    Tensor[] fast = all(x, w, g, window, bfloat16);
    if (bfloat16) {
      for (float value : Tensors.floats(fast[0])) {
        assertThat(Float.floatToRawIntBits(value) & 0xffff).as("a bfloat16").isZero();
      }
    }
    Tensor[] sure =
        all(
            x.to(ScalarType.Double),
            w.to(ScalarType.Double),
            g.to(ScalarType.Double),
            window,
            false);
    for (int i = 0; i < fast.length; i++) {
      double error = sure[i].sub(fast[i]).abs().max().item_double();
      assertThat(error)
          .as("%d of %d images, %d to %d channels, %d", i, images, channels, outputs, side)
          .isLessThan(tolerance * sure[i].abs().max().item_double());
    }
  }

  private static Tensor[] all(
      Tensor map, Tensor weights, Tensor gradient, Window window, boolean bfloat16) {
    Tensor x = map.detach().clone().set_requires_grad(true);
    Tensor w = weights.detach().clone().set_requires_grad(true);
    Tensor y = Convolutions.convolve(x, w, Tensors.none(), window, 1, bfloat16);
    y.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
    return new Tensor[] {y.detach(), x.grad(), w.grad()};
  }

  private Tensor numbers(int a, int b, int c, int d) {
    float[] values = new float[a * b * c * d];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensors.of(values, a, b, c, d);
  }
}
