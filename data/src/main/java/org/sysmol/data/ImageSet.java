package org.sysmol.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Images of one shape, in a fixed order, mostly with labels.
 *
 * <p>Every method answers the same for the same index, always, and may be called from several
 * threads at once.
 */
public interface ImageSet {

  /** What {@link #label} says of an image whose class is not known. */
  int UNLABELLED = -1;

  /** What this is and where it came from, for messages and provenance. */
  String name();

  /** The number of images, at least 1. */
  int count();

  /** 1 for grey, 3 for RGB. */
  int channels();

  /** Pixels from top to bottom. */
  int height();

  /** Pixels from left to right. */
  int width();

  /** A name per class, in the order of labels; empty if the images have no labels. */
  List<String> classNames();

  /**
   * The class of an image.
   *
   * @param index 0 to {@link #count()} - 1
   * @return 0 to {@code classNames().size() - 1}, or {@link #UNLABELLED}
   */
  int label(int index);

  /**
   * Copies an image's unsigned bytes, height x width x channels.
   *
   * @param index 0 to {@link #count()} - 1
   * @param hwc receives the bytes from index 0; what lies behind them is left alone
   * @throws org.sysmol.core.SysmolException if the image's file can't be read
   */
  void pixels(int index, byte[] hwc);

  /** Bytes of one image. */
  default int pixelCount() {
    return channels() * height() * width();
  }

  /** Where an image comes from, for messages: its file, or its number in the set. */
  default String source(int index) {
    return "image " + index + " of " + name();
  }

  /**
   * The first {@code count} images, or all of them if there are no more.
   *
   * @param count at least 1
   */
  default ImageSet first(int count) {
    if (count >= count()) {
      return this;
    }
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      indices[i] = i;
    }
    return new Selection("first " + count + " of " + name(), this, indices);
  }

  /**
   * SHA-256 in hexadecimal over the count, channels, height and width, then each image's label and
   * bytes (integers as four bytes, most significant first). It reads every image once.
   */
  default String digest() {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
    ByteBuffer numbers = ByteBuffer.allocate(16);
    numbers.putInt(count()).putInt(channels()).putInt(height()).putInt(width());
    sha256.update(numbers.array());
    byte[] hwc = new byte[pixelCount()];
    for (int index = 0; index < count(); index++) {
      sha256.update(ByteBuffer.allocate(4).putInt(label(index)).flip());
      pixels(index, hwc);
      sha256.update(hwc);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }
}
