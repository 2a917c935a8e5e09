package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/** Resizing against results of Pillow 12.3.0 ({@code Image.resize} with BILINEAR, then crop). */
class ResamplerTest {

  @Test
  void exactSizesEqualPillow() {
    assertThat(resize(7, 5, 1, new Resize.Exact(3, 2), 3, 2))
        .isEqualTo(bytes(95, 104, 159, 135, 142, 162));
    assertThat(resize(2, 2, 1, new Resize.Exact(3, 5), 3, 5))
        .isEqualTo(bytes(0, 4, 19, 34, 38, 69, 67, 55, 44, 41, 138, 129, 91, 53, 44));
    assertThat(exact(1, 1, 1, 3, 3)).isEqualTo(0xe60914ae);
    assertThat(exact(7, 5, 3, 4, 4)).isEqualTo(0x926861eb);
    assertThat(exact(5, 7, 1, 28, 28)).isEqualTo(0x2f416ab3);
    assertThat(exact(300, 200, 3, 64, 43)).isEqualTo(0x29abbd25);
    assertThat(exact(200, 301, 1, 33, 31)).isEqualTo(0xb2889668);
    assertThat(exact(3, 640, 3, 8, 9)).isEqualTo(0x96cff842);
    assertThat(exact(97, 89, 3, 96, 90)).isEqualTo(0xaa252448);
  }

  @Test
  void shorterSideAndCentreCropEqualPillow() {
    assertThat(shorter(61, 97, 3, 40, 32, 33)).isEqualTo(0x121be6e6);
    assertThat(shorter(97, 61, 1, 33, 33, 32)).isEqualTo(0x6b58c739);
    assertThat(shorter(50, 50, 3, 21, 21, 20)).isEqualTo(0xa2440545);
    assertThat(shorter(64, 65, 1, 8, 7, 4)).isEqualTo(0x7fadb69c);
    assertThat(shorter(10, 31, 3, 20, 17, 20)).isEqualTo(0x0fb6d5b1);
  }

  @Test
  void withoutResizingOnlyTheExactShapeIsTaken() {
    assertThat(resize(5, 7, 3, new Resize.None(), 5, 7)).isEqualTo(picture(5, 7, 3).hwc());
    assertThatThrownBy(() -> resize(7, 5, 3, new Resize.None(), 5, 7))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("The picture x has the shape 7 x 5 x 3")
        .hasMessageContaining("height and width are swapped");
  }

  @Test
  void extremeProportionsCostLittleOrAreRefused() {
    Picture thin = new Picture(1, 1, 200_000, new byte[200_000]);
    byte[] got = Resampler.prepare("x", thin, preprocessing(1, new Resize.ShorterSide(32), 32, 32));
    assertThat(got).hasSize(1024).containsOnly(0);
    assertThatThrownBy(
            () ->
                Resampler.prepare(
                    "The picture x", thin, preprocessing(1, new Resize.ShorterSide(512), 32, 32)))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "The picture x is 1 x 200000 pixels (height x width), too long and thin to be resized:"
                + " remove it.");
  }

  @Test
  void whiteStaysWhite() {
    byte[] white = new byte[3 * 61 * 47];
    Arrays.fill(white, (byte) 255);
    for (int size : new int[] {1, 2, 13, 47, 61, 200}) {
      assertThat(
              Resampler.prepare(
                  "x",
                  new Picture(3, 61, 47, white),
                  preprocessing(3, new Resize.Exact(size, size), size, size)))
          .containsOnly(255);
    }
  }

  private static int exact(int height, int width, int channels, int toHeight, int toWidth) {
    return crc(
        resize(height, width, channels, new Resize.Exact(toHeight, toWidth), toHeight, toWidth));
  }

  private static int shorter(
      int height, int width, int channels, int pixels, int cropHeight, int cropWidth) {
    return crc(
        resize(height, width, channels, new Resize.ShorterSide(pixels), cropHeight, cropWidth));
  }

  private static byte[] resize(
      int height, int width, int channels, Resize resize, int cropHeight, int cropWidth) {
    return Resampler.prepare(
        "The picture x",
        picture(height, width, channels),
        preprocessing(channels, resize, cropHeight, cropWidth));
  }

  private static Preprocessing preprocessing(int channels, Resize resize, int height, int width) {
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return new Preprocessing(channels, height, width, resize, ones, ones);
  }

  private static Picture picture(int height, int width, int channels) {
    byte[] hwc = new byte[height * width * channels];
    for (int i = 0; i < hwc.length; i++) {
      hwc[i] = (byte) ((long) i * i * 31 + i * 7L + (i >> 3));
    }
    return new Picture(channels, height, width, hwc);
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
