package org.sysmol.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.sysmol.core.SysmolException;

/**
 * Makes the repository's {@code datasets/fashion-mnist} from Debian's package.
 *
 * <p>The rule: all 10,000 test images, their files copied as they are; of the training images the
 * first 1,000 of each class in file order, kept in file order. Compressed at level 9, with no time
 * and no name in the gzip header.
 */
public final class FashionMnistSubset {
  /** How many training images of each class are kept. */
  public static final int OF_EACH_CLASS = 1000;

  private FashionMnistSubset() {}

  /**
   * Writes the four files.
   *
   * @param arguments the folder to write to, which must exist
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw SysmolException.badInput(
          "FashionMnistSubset takes one argument, the folder to write to.");
    }
    Path to = Path.of(arguments[0]);
    for (String name : new String[] {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}) {
      Files.copy(
          FashionMnist.PACKAGE_FOLDER.resolve(name),
          to.resolve(name),
          StandardCopyOption.REPLACE_EXISTING);
    }
    ImageSet subset = select(FashionMnist.full(Split.TRAIN));
    Files.write(to.resolve("train-images-idx3-ubyte.gz"), images(subset));
    Files.write(to.resolve("train-labels-idx1-ubyte.gz"), labels(subset));
  }

  /** The training images that the repository carries, of all training images. */
  static ImageSet select(ImageSet all) {
    int[] taken = new int[all.classNames().size()];
    int[] indices = new int[all.count()];
    int count = 0;
    for (int index = 0; index < all.count(); index++) {
      if (taken[all.label(index)]++ < OF_EACH_CLASS) {
        indices[count++] = index;
      }
    }
    return new Selection(
        "the first " + OF_EACH_CLASS + " of each class of " + all.name(),
        all,
        Arrays.copyOf(indices, count));
  }

  /** A set's pixels as a compressed IDX file. */
  static byte[] images(ImageSet set) throws IOException {
    return gzip(
        out -> {
          out.writeInt(0x0803);
          out.writeInt(set.count());
          out.writeInt(set.height());
          out.writeInt(set.width());
          byte[] hwc = new byte[set.pixelCount()];
          for (int index = 0; index < set.count(); index++) {
            set.pixels(index, hwc);
            out.write(hwc);
          }
        });
  }

  /** A set's labels as a compressed IDX file. */
  static byte[] labels(ImageSet set) throws IOException {
    return gzip(
        out -> {
          out.writeInt(0x0801);
          out.writeInt(set.count());
          for (int index = 0; index < set.count(); index++) {
            out.writeByte(set.label(index));
          }
        });
  }

  /** Writes the content of a file. */
  private interface Content {
    void writeTo(DataOutputStream out) throws IOException;
  }

  private static byte[] gzip(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new Smallest(bytes))) {
      content.writeTo(out);
    }
    return bytes.toByteArray();
  }

  /** Gzip at level 9. */
  private static final class Smallest extends GZIPOutputStream {
    Smallest(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(9);
    }
  }
}
