package org.sysmol.core.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

/** Exactness of the normalisation and the sentences of its refusals. */
class PreprocessingTest {
  private static final float[] RGB_MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] RGB_STD = {0.229f, 0.224f, 0.225f};

  @Test
  void everyByteIsNormalisedWithOneRoundingPerStep() {
    Preprocessing preprocessing =
        new Preprocessing(3, 16, 16, new Resize.None(), RGB_MEAN, RGB_STD);
    byte[] hwc = new byte[3 * 256];
    for (int pixel = 0; pixel < 256; pixel++) {
      hwc[3 * pixel] = (byte) pixel;
      hwc[3 * pixel + 1] = (byte) (255 - pixel);
      hwc[3 * pixel + 2] = (byte) (pixel ^ 0x55);
    }
    float[] chw = preprocessing.normalise(hwc);
    for (int pixel = 0; pixel < 256; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        int v = hwc[3 * pixel + channel] & 0xFF;
        // Each step exactly (to 60 digits), then rounded once to fp32.
        float scaled = rounded(new BigDecimal(v).divide(new BigDecimal(255), digits()));
        float centred = rounded(new BigDecimal(scaled).subtract(new BigDecimal(RGB_MEAN[channel])));
        float expected =
            rounded(new BigDecimal(centred).divide(new BigDecimal(RGB_STD[channel]), digits()));
        assertThat(chw[channel * 256 + pixel]).isEqualTo(expected);
      }
    }
  }

  @Test
  void theOrderOfStepsIsObservable() {
    // A test that could not tell the documented order from a fused one would prove nothing.
    int differences = 0;
    for (int v = 0; v < 256; v++) {
      float documented = ((v / 255f) - RGB_MEAN[0]) / RGB_STD[0];
      float folded = Math.fma(v, 1f / 255f / RGB_STD[0], -RGB_MEAN[0] / RGB_STD[0]);
      if (documented != folded) {
        differences++;
      }
    }
    assertThat(differences).isGreaterThan(50);
  }

  @Test
  void oddShapesLandInPlanesAtTheOffset() {
    SplittableRandom random = new SplittableRandom(7);
    for (int[] shape : new int[][] {{1, 1, 1}, {3, 1, 5}, {3, 7, 1}, {1, 31, 33}, {3, 5, 3}}) {
      float[] mean = new float[shape[0]];
      float[] std = new float[shape[0]];
      for (int channel = 0; channel < shape[0]; channel++) {
        mean[channel] = (float) random.nextDouble();
        std[channel] = (float) random.nextDouble(0.01, 2);
      }
      Preprocessing preprocessing =
          new Preprocessing(shape[0], shape[1], shape[2], new Resize.None(), mean, std);
      byte[] hwc = new byte[preprocessing.pixelCount()];
      random.nextBytes(hwc);
      float[] batch = new float[hwc.length + 9];
      Arrays.fill(batch, Float.NaN);
      preprocessing.normalise(hwc, batch, 4);
      for (int c = 0; c < shape[0]; c++) {
        for (int y = 0; y < shape[1]; y++) {
          for (int x = 0; x < shape[2]; x++) {
            int v = hwc[(y * shape[2] + x) * shape[0] + c] & 0xFF;
            assertThat(batch[4 + (c * shape[1] + y) * shape[2] + x])
                .isEqualTo(((v / 255f) - mean[c]) / std[c]);
          }
        }
      }
      for (int i = 0; i < 4; i++) {
        assertThat(batch[i]).isNaN();
      }
      for (int i = 4 + hwc.length; i < batch.length; i++) {
        assertThat(batch[i]).isNaN();
      }
    }
  }

  @Test
  void wrongShapesAreRefusedWithBothShapes() {
    Preprocessing preprocessing = grey(20, 28);
    preprocessing.requireShape("The picture a.png", 1, 20, 28);
    assertRefused(
        () -> preprocessing.requireShape("The picture a.png", 1, 28, 20),
        "The picture a.png has the shape 28 x 20 x 1 (height x width x channels), but the network"
            + " takes 20 x 28 x 1 (height x width x channels): height and width are swapped, so"
            + " turn the pictures by a quarter.");
    assertRefused(
        () -> preprocessing.requireShape("The set b", 3, 20, 28),
        "The set b has the shape 20 x 28 x 3 (height x width x channels), but the network takes"
            + " 20 x 28 x 1 (height x width x channels): the network takes grey pictures, so"
            + " convert these, or use a network trained on such pictures.");
    assertRefused(
        () -> preprocessing.requireShape("The set b", 1, 32, 32),
        "The set b has the shape 32 x 32 x 1 (height x width x channels), but the network takes"
            + " 20 x 28 x 1 (height x width x channels): bring the pictures to that size first, or"
            + " use a network trained on such pictures.");
    assertRefused(
        () -> preprocessing.normalise(new byte[559]),
        "A picture of 559 bytes was given, but the network takes 20 x 28 x 1 (height x width x"
            + " channels), which are 560 bytes.");
  }

  @Test
  void whatAFileMayHoldIsChecked() {
    float[] one = {1f};
    Resize none = new Resize.None();
    assertRefused(
        () -> new Preprocessing(2, 4, 4, none, one, one),
        "The preprocessing has 2 channels, but pictures have 1 (grey) or 3 (red, green, blue).");
    assertRefused(
        () -> new Preprocessing(1, 0, 4, none, one, one),
        "The preprocessing's height is 0 pixels, but must be 1 to 8192.");
    assertRefused(
        () -> new Preprocessing(1, 4, 8193, none, one, one),
        "The preprocessing's width is 8193 pixels, but must be 1 to 8192.");
    assertRefused(
        () -> new Preprocessing(3, 4, 4, none, one, RGB_STD),
        "The preprocessing's mean has 1 values, but needs one for each of its 3 channels.");
    assertRefused(
        () -> new Preprocessing(1, 4, 4, none, new float[] {Float.NaN}, one),
        "The preprocessing's mean holds NaN, but must be finite.");
    assertRefused(
        () -> new Preprocessing(1, 4, 4, none, one, new float[] {0f}),
        "The preprocessing's std holds 0.0, but it divides and must be above 0.");
    assertRefused(
        () -> new Preprocessing(1, 4, 4, none, one, new float[] {Float.POSITIVE_INFINITY}),
        "The preprocessing's std holds Infinity, but must be finite.");
    assertRefused(
        () -> new Preprocessing(1, 4, 4, new Resize.ShorterSide(3), one, one),
        "The preprocessing resizes pictures to 3 x 3 pixels, which is too small to crop 4 x 4"
            + " from: resize to at least the crop.");
    assertRefused(
        () -> Resize.of("longer-side", 4, 4),
        "The preprocessing's resize is \"longer-side\", which is unknown: expected none,"
            + " shorter-side or exact.");
    assertRefused(
        () -> Resize.of("none", 4, 0),
        "The preprocessing's resize is \"none\" with the numbers 4 and 0, which do not fit it: none"
            + " stores 0 and 0, shorter-side the same number twice.");
    assertRefused(
        () -> Resize.of("exact", 0, 4), "The resize's height is 0 pixels, but must be 1 to 8192.");
  }

  @Test
  void plainValuesLeadBackToAnEqualRecord() {
    for (Resize resize :
        new Resize[] {new Resize.None(), new Resize.ShorterSide(256), new Resize.Exact(240, 300)}) {
      Preprocessing before = new Preprocessing(3, 224, 200, resize, RGB_MEAN, RGB_STD);
      Preprocessing after =
          new Preprocessing(
              before.channels(),
              before.height(),
              before.width(),
              Resize.of(before.resize().kind(), before.resize().height(), before.resize().width()),
              before.mean(),
              before.std());
      assertThat(after).isEqualTo(before).hasSameHashCodeAs(before).hasToString(before.toString());
    }
    assertThat(grey(4, 5)).isNotEqualTo(grey(5, 4));
    assertThat(new Preprocessing(3, 224, 200, new Resize.ShorterSide(256), RGB_MEAN, RGB_STD))
        .hasToString(
            "shorter side to 256, crop to 224 x 200 x 3 (height x width x channels), mean [0.485,"
                + " 0.456, 0.406], std [0.229, 0.224, 0.225]");
  }

  @Test
  void arraysAreNotShared() {
    float[] mean = {0.5f};
    Preprocessing preprocessing =
        new Preprocessing(1, 2, 2, new Resize.None(), mean, new float[] {1f});
    mean[0] = 9f;
    preprocessing.mean()[0] = 9f;
    preprocessing.std()[0] = 9f;
    assertThat(preprocessing.mean()).containsExactly(0.5f);
    assertThat(preprocessing.std()).containsExactly(1f);
  }

  private static Preprocessing grey(int height, int width) {
    return new Preprocessing(
        1, height, width, new Resize.None(), new float[] {0.5f}, new float[] {0.25f});
  }

  private static MathContext digits() {
    return new MathContext(60);
  }

  private static float rounded(BigDecimal exact) {
    return exact.floatValue();
  }

  private static void assertRefused(ThrowingCallable action, String sentence) {
    assertThatThrownBy(action).isInstanceOf(SysmolException.class).hasMessage(sentence);
  }
}
