package org.sysmol.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * A file in the IDX format of the MNIST family: a magic number, one length per dimension, bytes.
 *
 * <p>All header fields are four bytes, most significant first. The magic number is 0x0000_08_DD:
 * unsigned bytes in DD dimensions, 3 for images (count, height, width) and 1 for labels (count).
 * The file may be compressed with gzip, which is recognised by its first two bytes.
 *
 * <p>Files are untrusted: nothing is allocated before the header's sizes were found possible for a
 * file of that length, and a file must end exactly where its header says.
 *
 * @param lengths one per dimension
 * @param bytes the product of the lengths, row by row
 */
record IdxFile(int[] lengths, byte[] bytes) {
  /** Deflate can't shrink anything by more than this factor, so a longer promise is a lie. */
  private static final long MOST_GZIP_GAIN = 1032;

  private static final int MOST_BYTES = Integer.MAX_VALUE - 16;

  /** Reads images: lengths are count, height and width. */
  static IdxFile images(Path file) {
    return read(file, 3);
  }

  /** Reads labels: the length is their count. */
  static IdxFile labels(Path file) {
    return read(file, 1);
  }

  private static IdxFile read(Path file, int dimensions) {
    String name = "The file " + file;
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      long size = Files.size(file);
      raw.mark(2);
      boolean gzip = raw.read() == 0x1F && raw.read() == 0x8B;
      raw.reset();
      if (!gzip) {
        return parse(name, raw, size, dimensions);
      }
      try (InputStream unpacked = new BufferedInputStream(new GZIPInputStream(raw), 1 << 16)) {
        return parse(name, unpacked, size * MOST_GZIP_GAIN, dimensions);
      }
    } catch (EOFException e) {
      throw SysmolException.badInput(name + " ends too early: fetch it again.", e);
    } catch (ZipException e) {
      throw SysmolException.badInput(
          name + " is damaged (its gzip data do not unpack): fetch it again.", e);
    } catch (IOException e) {
      throw Failure.reading(file, e);
    }
  }

  /**
   * Parses unpacked bytes.
   *
   * @param name the subject of error sentences
   * @param mostBytes no more bytes than this can come from {@code in}; bounds the allocation
   * @param dimensions 3 for images, 1 for labels
   */
  static IdxFile parse(String name, InputStream in, long mostBytes, int dimensions)
      throws IOException {
    int magic = readInt(name, in);
    if (magic != (0x0800 | dimensions)) {
      throw SysmolException.badInput(
          name
              + " starts with the number "
              + hex(magic)
              + ", but IDX "
              + (dimensions == 3 ? "images" : "labels")
              + " start with "
              + hex(0x0800 | dimensions)
              + ": give the right file.");
    }
    int[] lengths = new int[dimensions];
    long total = 1;
    for (int i = 0; i < dimensions; i++) {
      lengths[i] = readInt(name, in);
      int most = i == 0 ? MOST_BYTES : Preprocessing.MAX_SIDE;
      if (lengths[i] < 1 || lengths[i] > most) {
        throw SysmolException.badInput(
            name
                + " says that its "
                + (i == 0 ? "count" : i == 1 ? "height" : "width")
                + " is "
                + Integer.toUnsignedString(lengths[i])
                + ", but it must be 1 to "
                + most
                + ": the file is damaged.");
      }
      // At most 2^31 * 2^13 * 2^13: no overflow.
      total *= lengths[i];
    }
    if (total > MOST_BYTES) {
      throw SysmolException.badInput(
          name
              + " says that it holds "
              + total
              + " bytes, more than the "
              + MOST_BYTES
              + " that can be read at once: split it.");
    }
    long header = 4L + 4L * dimensions;
    if (total > mostBytes - header) {
      throw tooShort(name, total, "at most " + Math.max(0, mostBytes - header));
    }
    byte[] bytes = new byte[(int) total];
    int read = in.readNBytes(bytes, 0, bytes.length);
    if (read < bytes.length) {
      throw tooShort(name, total, "only " + read);
    }
    if (in.read() != -1) {
      throw SysmolException.badInput(
          name
              + " goes on after the "
              + total
              + " bytes that its header announces: the file is damaged, fetch it again.");
    }
    return new IdxFile(lengths, bytes);
  }

  private static SysmolException tooShort(String name, long total, String there) {
    return SysmolException.badInput(
        name
            + " ends too early: its header announces "
            + total
            + " bytes and "
            + there
            + " can be there, so fetch it again.");
  }

  private static int readInt(String name, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(4);
    if (bytes.length < 4) {
      throw SysmolException.badInput(name + " ends within its header: fetch it again.");
    }
    return bytes[0] << 24 | (bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | (bytes[3] & 0xFF);
  }

  private static String hex(int number) {
    return "0x" + HexFormat.of().toHexDigits(number);
  }
}
