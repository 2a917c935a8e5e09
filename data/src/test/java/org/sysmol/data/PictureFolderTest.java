package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/** Folders of pictures and single pictures, good and bad. */
class PictureFolderTest {
  private static final Preprocessing RGB =
      new Preprocessing(
          3, 8, 10, new Resize.ShorterSide(12), new float[] {0, 0, 0}, new float[] {1, 1, 1});
  private static final Preprocessing GREY =
      new Preprocessing(1, 6, 4, new Resize.None(), new float[] {0}, new float[] {1});

  @TempDir Path folder;

  @Test
  void classesAreSortedAndEveryFifthPictureIsATestPicture() throws IOException {
    for (String name : List.of("b dog", "a cat", "C")) {
      for (int i = 0; i < 7; i++) {
        save(folder.resolve(name).resolve("p" + i + ".png"), 20 + i, 33, i);
      }
    }
    Files.writeString(folder.resolve("a cat/notes.txt"), "not a picture");
    Files.createDirectory(folder.resolve(".hidden"));
    ImageSet all = DataSource.open(folder, Split.ALL, RGB);
    assertThat(all.classNames()).containsExactly("C", "a cat", "b dog");
    assertThat(all.count()).isEqualTo(21);
    assertThat(all.label(0)).isZero();
    assertThat(all.label(20)).isEqualTo(2);
    ImageSet train = DataSource.open(folder, Split.TRAIN, RGB);
    ImageSet test = DataSource.open(folder, Split.TEST, RGB);
    assertThat(train.count()).isEqualTo(18);
    assertThat(test.count()).isEqualTo(3);
    byte[] fifth = new byte[RGB.pixelCount()];
    byte[] expected = new byte[RGB.pixelCount()];
    test.pixels(1, fifth);
    all.pixels(7 + 4, expected);
    assertThat(fifth).isEqualTo(expected);
    assertThat(test.label(1)).isEqualTo(1);
    // Kept pictures and freshly decoded ones are the same.
    all.pixels(7 + 4, fifth);
    assertThat(fifth).isEqualTo(expected);
    assertThat(DataSource.open(folder, Split.ALL, RGB).digest()).isEqualTo(all.digest());
  }

  @Test
  void trainAndTestFoldersShareTheClassesOfTrain() throws IOException {
    for (String name : List.of("train/a", "train/b", "train/c", "val/c", "val/a")) {
      save(folder.resolve(name).resolve("p.jpg"), 30, 20, 1);
    }
    ImageSet test = DataSource.open(folder, Split.TEST, RGB);
    assertThat(test.classNames()).containsExactly("a", "b", "c");
    assertThat(new int[] {test.label(0), test.label(1)}).containsExactly(0, 2);
    assertThat(DataSource.open(folder, Split.ALL, RGB).count()).isEqualTo(5);
    save(folder.resolve("val/x/p.png"), 30, 20, 1);
    assertRefused(
        () -> DataSource.open(folder, Split.TEST, RGB),
        "The folder "
            + folder.resolve("val/x")
            + " is named for none of the classes, which are a,"
            + " b, c: rename or remove it.");
  }

  @Test
  void aNetworksClassesDecideTheLabels() throws IOException {
    save(folder.resolve("b/p.bmp"), 30, 20, 1);
    save(folder.resolve("c/p.bmp"), 30, 20, 1);
    ImageSet set = DataSource.open(folder, Split.ALL, Optional.of(RGB), List.of("c", "a", "b"));
    assertThat(new int[] {set.label(0), set.label(1)}).containsExactly(2, 0);
  }

  @Test
  void picturesWithoutClassesHaveNoLabels() throws IOException {
    save(folder.resolve("2.png"), 30, 20, 1);
    save(folder.resolve("1.PNG"), 30, 20, 2);
    ImageSet set = DataSource.open(folder, Split.TEST, RGB);
    assertThat(set.count()).isEqualTo(2);
    assertThat(set.label(0)).isEqualTo(ImageSet.UNLABELLED);
    assertRefused(
        () -> DataSource.open(folder, Split.TRAIN, RGB),
        "The folder "
            + folder
            + " holds pictures without classes (1.PNG is one): to learn from"
            + " pictures, put those of each class into a folder of its own, named for the class.");
    ImageSet one = DataSource.open(folder.resolve("2.png"), Split.TEST, RGB);
    assertThat(one.count()).isOne();
    assertThat(one.label(0)).isEqualTo(ImageSet.UNLABELLED);
    assertRefused(
        () -> DataSource.open(folder.resolve("2.png"), Split.TEST),
        "The pictures in "
            + folder.resolve("2.png")
            + " may have any size, so the size that the"
            + " network takes must be said (--size).");
  }

  @Test
  void losslessPicturesKeepTheirBytes() throws IOException {
    for (int type :
        new int[] {
          BufferedImage.TYPE_BYTE_GRAY,
          BufferedImage.TYPE_USHORT_GRAY,
          BufferedImage.TYPE_INT_RGB,
          BufferedImage.TYPE_INT_ARGB,
          BufferedImage.TYPE_3BYTE_BGR
        }) {
      boolean grey = type == BufferedImage.TYPE_BYTE_GRAY || type == BufferedImage.TYPE_USHORT_GRAY;
      BufferedImage image = new BufferedImage(4, 6, type);
      byte[] values = new byte[6 * 4 * 3];
      new SplittableRandom(type).nextBytes(values);
      byte[] luma = new byte[24];
      for (int i = 0; i < 24; i++) {
        int red = values[3 * i] & 0xFF;
        int green = values[3 * i + 1] & 0xFF;
        int blue = values[3 * i + 2] & 0xFF;
        if (grey) {
          int sample = type == BufferedImage.TYPE_BYTE_GRAY ? red : red << 8 | green;
          image.getRaster().setSample(i % 4, i / 4, 0, sample);
          values[3 * i + 1] = (byte) red;
          values[3 * i + 2] = (byte) red;
          luma[i] = (byte) red;
        } else {
          // Half transparent, where there is alpha: the colours count as stored.
          image.setRGB(i % 4, i / 4, 0x80 << 24 | red << 16 | green << 8 | blue);
          luma[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 32768) / 65536);
        }
      }
      Path file = folder.resolve(type + ".png");
      ImageIO.write(image, "png", file.toFile());
      assertThat(Picture.read(file, 3).hwc()).as("type %d", type).isEqualTo(values);
      assertThat(Picture.read(file, 1).hwc()).as("type %d", type).isEqualTo(luma);
    }
  }

  @Test
  void aWrongShapeIsRefusedWhereNothingIsResized() throws IOException {
    save(folder.resolve("p.png"), 4, 6, 1);
    ImageSet set = DataSource.open(folder.resolve("p.png"), Split.TEST, GREY);
    assertThatThrownBy(() -> set.pixels(0, new byte[24]))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("The picture " + folder.resolve("p.png") + " has the shape 4 x 6")
        .hasMessageContaining("height and width are swapped");
  }

  @Test
  void aBombIsRefusedBeforeItIsDecoded() throws IOException {
    Path file = folder.resolve("bomb.png");
    save(file, 4, 4, 1);
    byte[] png = Files.readAllBytes(file);
    ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    Files.write(file, png);
    assertRefused(
        () -> Picture.read(file, 3),
        "The picture "
            + file
            + " says that it is 60000 x 60000 pixels (height x width), but at"
            + " most 67108864 pixels are read: make it smaller or remove it.");
  }

  @Test
  void truncatedAndFlippedPicturesEndInASentenceOrInAPicture() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    int refusals = 0;
    for (String kind : List.of("png", "jpg", "bmp")) {
      Path file = folder.resolve("p." + kind);
      save(file, 16, 16, 1);
      byte[] good = Files.readAllBytes(file);
      for (int round = 0; round < 300; round++) {
        byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
        if (round % 2 == 0) {
          bad = good.clone();
          bad[random.nextInt(Math.min(100, bad.length))] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, bad);
        try {
          Picture picture = Picture.read(file, 3);
          assertThat(picture.hwc()).hasSize(3 * picture.height() * picture.width());
        } catch (SysmolException e) {
          assertThat(e).hasMessageContaining(file.toString()).hasMessageEndingWith(".");
          refusals++;
        }
      }
    }
    assertThat(refusals).isGreaterThan(100);
  }

  @Test
  void whatIsNotRecognisedIsToldWhatWasExpected() throws IOException {
    assertRefused(
        () -> DataSource.open(folder.resolve("none"), Split.ALL, RGB),
        "There is no file or folder "
            + folder.resolve("none")
            + ": check the path that was"
            + " given.");
    String expected =
        "The folder "
            + folder
            + " holds no images that are recognised: expected"
            + " train-images-idx3-ubyte[.gz] and its labels (MNIST family), data_batch_1.bin"
            + " (CIFAR-10), or a folder of JPEG, PNG or BMP pictures for each class.";
    assertRefused(() -> DataSource.open(folder, Split.ALL, RGB), expected);
    Files.createDirectory(folder.resolve("cats"));
    Files.writeString(folder.resolve("cats/a.txt"), "x");
    assertRefused(() -> DataSource.open(folder, Split.ALL, RGB), expected);
    assertRefused(
        () -> DataSource.open(folder.resolve("cats/a.txt"), Split.ALL, RGB),
        "The file "
            + folder.resolve("cats/a.txt")
            + " is not recognised: expected a name that"
            + " ends in .jpg, .jpeg, .png or .bmp, in -images-idx3-ubyte[.gz] (MNIST family), or"
            + " data_batch_1.bin (CIFAR-10).");
    save(folder.resolve("dogs/a.png"), 5, 5, 1);
    assertRefused(
        () -> DataSource.open(folder, Split.ALL, RGB),
        "The folder "
            + folder.resolve("cats")
            + " holds no JPEG, PNG or BMP pictures: add some or"
            + " remove it.");
    Files.writeString(folder.resolve("dogs/a.png"), "not a picture");
    ImageSet lazy = DataSource.open(folder.resolve("dogs"), Split.ALL, RGB);
    assertRefused(
        () -> lazy.pixels(0, new byte[240]),
        "The file "
            + folder.resolve("dogs/a.png")
            + " is not a JPEG, PNG or BMP picture: convert"
            + " or remove it.");
  }

  @Test
  void tooFewPicturesForATestAreRefused() throws IOException {
    save(folder.resolve("a/p.png"), 5, 5, 1);
    assertRefused(
        () -> DataSource.open(folder, Split.TEST, RGB),
        "The folder "
            + folder
            + " has fewer than 5 pictures in every class, so none is left for"
            + " the test: add pictures, or a folder test beside a folder train; where the command has --split, --split all takes all of them.");
    save(folder.resolve("train/a/p.png"), 5, 5, 1);
    assertRefused(
        () -> DataSource.open(folder, Split.TEST, RGB),
        "The folder "
            + folder
            + " has a folder train, but none called test, val or validation:"
            + " add one, or give the folder train itself, of which every fifth picture is then a"
            + " test picture.");
  }

  private static void save(Path file, int height, int width, long seed) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < height * width; i++) {
      image.setRGB(i % width, i / width, random.nextInt());
    }
    String name = DataSource.fileName(file).toLowerCase(java.util.Locale.ROOT);
    String kind = name.substring(name.lastIndexOf('.') + 1);
    assertThat(ImageIO.write(image, kind, file.toFile())).isTrue();
  }

  private static void assertRefused(ThrowingCallable action, String sentence) {
    assertThatThrownBy(action).isInstanceOf(SysmolException.class).hasMessage(sentence);
  }
}
