package org.sysmol.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import org.sysmol.core.SysmolException;

/**
 * One decoded picture of any size.
 *
 * <p>Alpha is ignored (colours are taken as stored), 16-bit samples keep their upper byte, and an
 * orientation note of a camera is not obeyed. Grey from colours is {@code (19595 R + 38470 G + 7471
 * B + 32768) / 65536}, the luma of ITU-R BT.601; colours from grey repeat it.
 *
 * @param channels 1 or 3
 * @param hwc unsigned bytes, height x width x channels
 */
record Picture(int channels, int height, int width, byte[] hwc) {
  /** The most pixels of a picture that will be decoded: 64 Mi, about 200 MB once in memory. */
  static final long MOST_PIXELS = 1L << 26;

  /** Decodes a JPEG, PNG or BMP file; its size is checked before its pixels are allocated. */
  static Picture read(Path file, int channels) {
    BufferedImage image;
    try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw SysmolException.badInput(
            "The file " + file + " is not a JPEG, PNG or BMP picture: convert or remove it.");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width < 1 || height < 1 || width * height > MOST_PIXELS) {
          throw SysmolException.badInput(
              "The picture "
                  + file
                  + " says that it is "
                  + height
                  + " x "
                  + width
                  + " pixels (height x width), but at most "
                  + MOST_PIXELS
                  + " pixels are read: make it smaller or remove it.");
        }
        image = reader.read(0);
      } finally {
        reader.dispose();
      }
    } catch (FileNotFoundException e) {
      throw Failure.missing(file);
    } catch (SysmolException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The decoders of the JDK answer damaged files with whatever exception they stumble over.
      throw SysmolException.badInput(
          "The picture " + file + " is damaged or of a kind that can't be read: replace it.", e);
    }
    return of(image, channels);
  }

  /** The samples of a decoded image, as grey or RGB. */
  static Picture of(BufferedImage image, int channels) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] hwc = new byte[height * width * channels];
    int[] rgb = new int[3 * width];
    for (int y = 0, to = 0; y < height; y++) {
      rowAsRgb(image, y, rgb);
      for (int x = 0; x < width; x++) {
        int red = rgb[3 * x];
        int green = rgb[3 * x + 1];
        int blue = rgb[3 * x + 2];
        if (channels == 1) {
          hwc[to++] = (byte) ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
        } else {
          hwc[to++] = (byte) red;
          hwc[to++] = (byte) green;
          hwc[to++] = (byte) blue;
        }
      }
    }
    return new Picture(channels, height, width, hwc);
  }

  private static void rowAsRgb(BufferedImage image, int y, int[] rgb) {
    int width = image.getWidth();
    Raster raster = image.getRaster();
    if (!storesSamples(image.getColorModel(), raster)) {
      int[] packed = image.getRGB(0, y, width, 1, null, 0, width);
      for (int x = 0; x < width; x++) {
        rgb[3 * x] = packed[x] >> 16 & 0xFF;
        rgb[3 * x + 1] = packed[x] >> 8 & 0xFF;
        rgb[3 * x + 2] = packed[x] & 0xFF;
      }
      return;
    }
    int bands = raster.getNumBands();
    int shift = raster.getTransferType() == DataBuffer.TYPE_USHORT ? 8 : 0;
    int[] samples = raster.getPixels(0, y, width, 1, (int[]) null);
    for (int x = 0; x < width; x++) {
      for (int colour = 0; colour < 3; colour++) {
        rgb[3 * x + colour] = samples[x * bands + (bands < 3 ? 0 : colour)] >> shift;
      }
    }
  }

  /**
   * Whether the raster holds grey or RGB samples of 8 or 16 bits, with or without alpha. They are
   * taken as they are: {@code getRGB} would pass grey through a linear space, and change it.
   */
  private static boolean storesSamples(ColorModel model, Raster raster) {
    int type = raster.getTransferType();
    return model instanceof ComponentColorModel
        && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT)
        && (raster.getNumBands() <= 2 || model.getColorSpace().getType() == ColorSpace.TYPE_RGB);
  }
}
