package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/** IDX files, good and bad. */
class IdxFileTest {
  @TempDir Path folder;

  @Test
  void plainAndCompressedFilesOfOddSizesGiveTheirBytesBack() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    for (int[] shape : new int[][] {{1, 1, 1}, {7, 3, 5}, {10, 1, 33}, {31, 28, 28}}) {
      for (boolean gzip : new boolean[] {false, true}) {
        byte[] pixels = new byte[shape[0] * shape[1] * shape[2]];
        random.nextBytes(pixels);
        byte[] labels = new byte[shape[0]];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = (byte) (i % 10);
        }
        Path here = Files.createTempDirectory(folder, "idx");
        write(here, "train", images(shape, pixels), labels(labels), gzip);
        ImageSet set = DataSource.open(here, Split.TRAIN);
        assertThat(set.count()).isEqualTo(shape[0]);
        assertThat(set.channels()).isOne();
        assertThat(set.height()).isEqualTo(shape[1]);
        assertThat(set.width()).isEqualTo(shape[2]);
        assertThat(set.classNames()).isEqualTo(ClassNames.DIGITS);
        int size = shape[1] * shape[2];
        byte[] hwc = new byte[size];
        for (int index = 0; index < set.count(); index++) {
          set.pixels(index, hwc);
          assertThat(hwc).isEqualTo(Arrays.copyOfRange(pixels, index * size, (index + 1) * size));
          assertThat(set.label(index)).isEqualTo(index % 10);
        }
      }
    }
  }

  @Test
  void everyTruncationIsRefusedPlainAndCompressed() throws IOException {
    byte[] whole = images(new int[] {2, 3, 3}, new byte[18]);
    byte[] packed = gzip(whole);
    Path file = folder.resolve("t10k-images-idx3-ubyte");
    for (byte[] content : new byte[][] {whole, packed}) {
      for (int length = 0; length < content.length; length++) {
        Files.write(file, Arrays.copyOf(content, length));
        assertThatThrownBy(() -> IdxFile.images(file))
            .as("%d of %d bytes", length, content.length)
            .isInstanceOf(SysmolException.class)
            .hasMessageStartingWith("The file " + file)
            .hasMessageEndingWith(".");
      }
      Files.write(file, content);
      assertThat(IdxFile.images(file).bytes()).hasSize(18);
    }
  }

  @Test
  void headersThatLieAreRefusedInOneSentence() throws IOException {
    Path file = folder.resolve("x");
    byte[] good = images(new int[] {2, 3, 3}, new byte[18]);
    refused(
        file,
        Arrays.copyOf(good, 33),
        "The file "
            + file
            + " ends too early: its header announces 18 bytes and at most 17 can be"
            + " there, so fetch it again.");
    refused(
        file,
        Arrays.copyOf(good, 35),
        "The file "
            + file
            + " goes on after the 18 bytes that its header announces: the file is"
            + " damaged, fetch it again.");
    refused(
        file,
        gzip(Arrays.copyOf(good, 35)),
        "The file "
            + file
            + " goes on after the 18 bytes that its header announces: the file is"
            + " damaged, fetch it again.");
    refused(
        file,
        labels(new byte[3]),
        "The file "
            + file
            + " starts with the number 0x00000801, but IDX images start with"
            + " 0x00000803: give the right file.");
    refused(
        file,
        images(new int[] {2, 0, 3}, new byte[18]),
        "The file "
            + file
            + " says that its height is 0, but it must be 1 to 8192: the file is"
            + " damaged.");
    refused(
        file,
        images(new int[] {-1, 3, 3}, new byte[18]),
        "The file "
            + file
            + " says that its count is 4294967295, but it must be 1 to 2147483631:"
            + " the file is damaged.");
    refused(
        file,
        images(new int[] {1 << 20, 8192, 8192}, new byte[18]),
        "The file "
            + file
            + " says that it holds 70368744177664 bytes, more than the 2147483631"
            + " that can be read at once: split it.");
  }

  @Test
  void aPromiseThatGzipCannotKeepIsRefusedBeforeAllocation() throws IOException {
    // 2,000,000,000 bytes announced by some 50: the test's heap could not hold them.
    Path file = folder.resolve("x");
    byte[] packed = gzip(images(new int[] {2_000_000, 10, 100}, new byte[10]));
    refused(
        file,
        packed,
        "The file "
            + file
            + " ends too early: its header announces 2000000000 bytes and at most "
            + (packed.length * 1032L - 16)
            + " can be there, so fetch it again.");
  }

  @Test
  void damagedGzipIsRefused() throws IOException {
    Path file = folder.resolve("x");
    byte[] pixels = new byte[18];
    new SplittableRandom(3).nextBytes(pixels);
    byte[] packed = gzip(images(new int[] {2, 3, 3}, pixels));
    packed[packed.length - 6] ^= 1; // within the check sum
    refused(
        file,
        packed,
        "The file " + file + " is damaged (its gzip data do not unpack): fetch it again.");
  }

  @Test
  void labelsMustFitImagesAndClasses() throws IOException {
    write(folder, "train", images(new int[] {2, 1, 1}, new byte[2]), labels(new byte[3]), false);
    Path imagesFile = folder.resolve("train-images-idx3-ubyte");
    assertRefused(
        () -> DataSource.open(folder, Split.TRAIN),
        imagesFile
            + " holds 2 images, but the file of labels beside it 3 labels: the two files do"
            + " not belong together.");
    write(
        folder,
        "train",
        images(new int[] {2, 1, 1}, new byte[2]),
        labels(new byte[] {9, 10}),
        false);
    assertRefused(
        () -> DataSource.open(folder, Split.TRAIN),
        imagesFile
            + " gives image 1 the label 10, but with its 10 classes labels are 0 to 9: the"
            + " file is damaged, or belongs to a data set with other classes, whose names a file"
            + " classes.txt beside it can give, one in a line.");
    Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
    assertThat(DataSource.open(folder, Split.TRAIN).classNames()).hasSize(11).endsWith("j", "k");
    Files.writeString(folder.resolve("classes.txt"), "a\na\n");
    assertRefused(
        () -> DataSource.open(folder, Split.TRAIN),
        "The file "
            + folder.resolve("classes.txt")
            + " must hold class names, one in a line and"
            + " each once: correct it.");
  }

  @Test
  void partsThatAreAbsentAreNamed() throws IOException {
    write(folder, "train", images(new int[] {3, 2, 4}, new byte[24]), labels(new byte[3]), true);
    assertRefused(
        () -> DataSource.open(folder, Split.TEST),
        "The folder "
            + folder
            + " has no file t10k-images-idx3-ubyte or"
            + " t10k-images-idx3-ubyte.gz, which its other IDX files need: add it.");
    assertThat(DataSource.open(folder, Split.ALL).count()).isEqualTo(3);
    write(folder, "t10k", images(new int[] {2, 2, 4}, new byte[16]), labels(new byte[2]), false);
    assertThat(DataSource.open(folder, Split.TEST).count()).isEqualTo(2);
    assertThat(DataSource.open(folder, Split.ALL).count()).isEqualTo(5);
    Path file = folder.resolve("train-images-idx3-ubyte.gz");
    assertThat(DataSource.open(file, Split.TEST).count()).isEqualTo(3);
    Files.delete(folder.resolve("train-labels-idx1-ubyte.gz"));
    assertRefused(
        () -> DataSource.open(file, Split.TRAIN),
        "The folder "
            + folder
            + " has no file train-labels-idx1-ubyte or"
            + " train-labels-idx1-ubyte.gz, which its other IDX files need: add it.");
  }

  @Test
  void aFolderNamedForFashionHasItsClasses() throws IOException {
    Path fashion = Files.createDirectory(folder.resolve("my-Fashion-MNIST"));
    write(fashion, "train", images(new int[] {3, 2, 4}, new byte[24]), labels(new byte[3]), false);
    assertThat(DataSource.open(fashion, Split.TRAIN).classNames())
        .isEqualTo(FashionMnist.CLASS_NAMES);
    assertThat(DataSource.open(fashion, Split.TRAIN, Optional.empty(), List.of("x")).classNames())
        .containsExactly("x");
  }

  @Test
  void aSwappedShapeIsRefused() throws IOException {
    write(folder, "train", images(new int[] {3, 2, 4}, new byte[24]), labels(new byte[3]), false);
    Preprocessing swapped =
        new Preprocessing(1, 4, 2, new Resize.None(), new float[] {0}, new float[] {1});
    assertThatThrownBy(() -> DataSource.open(folder, Split.TRAIN, swapped))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("height and width are swapped");
  }

  @Test
  void randomDamageEndsInASentenceOrInAConsistentFile() {
    SplittableRandom random = new SplittableRandom(11);
    byte[] good = images(new int[] {4, 3, 5}, new byte[60]);
    int refusals = 0;
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = Arrays.copyOf(good, good.length + random.nextInt(-20, 3));
      for (int flips = random.nextInt(3); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        IdxFile file = IdxFile.parse("x", new ByteArrayInputStream(damaged), damaged.length, 3);
        assertThat(file.bytes().length)
            .isEqualTo(file.lengths()[0] * file.lengths()[1] * file.lengths()[2])
            .isEqualTo(damaged.length - 16);
        accepted++;
      } catch (SysmolException e) {
        assertThat(e).hasMessageStartingWith("x ").hasMessageEndingWith(".");
        refusals++;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(refusals).isGreaterThan(1000);
    assertThat(accepted).isGreaterThan(100);
  }

  static byte[] images(int[] shape, byte[] pixels) {
    return ByteBuffer.allocate(16 + pixels.length)
        .putInt(0x0803)
        .putInt(shape[0])
        .putInt(shape[1])
        .putInt(shape[2])
        .put(pixels)
        .array();
  }

  static byte[] labels(byte[] labels) {
    return ByteBuffer.allocate(8 + labels.length)
        .putInt(0x0801)
        .putInt(labels.length)
        .put(labels)
        .array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static void write(Path to, String prefix, byte[] images, byte[] labels, boolean gzip)
      throws IOException {
    for (String name : List.of(prefix + "-images-idx3-ubyte", prefix + "-labels-idx1-ubyte")) {
      byte[] bytes = name.contains("images") ? images : labels;
      Files.write(to.resolve(gzip ? name + ".gz" : name), gzip ? gzip(bytes) : bytes);
    }
  }

  private static void refused(Path file, byte[] content, String sentence) throws IOException {
    Files.write(file, content);
    assertRefused(() -> IdxFile.images(file), sentence);
  }

  private static void assertRefused(ThrowingCallable action, String sentence) {
    assertThatThrownBy(action).isInstanceOf(SysmolException.class).hasMessage(sentence);
  }
}
