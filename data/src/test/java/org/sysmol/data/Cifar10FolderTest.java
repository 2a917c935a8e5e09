package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;

/** CIFAR-10's binary batches, good and bad. */
class Cifar10FolderTest {
  private static final int RECORD = 3073;

  @TempDir Path folder;

  @Test
  void batchesAreReadInTheOrderOfTheirNumbersAndInterleaved() throws IOException {
    byte[] first = records(3, 1);
    byte[] second = records(2, 2);
    byte[] test = records(4, 3);
    Files.write(folder.resolve("data_batch_2.bin"), second);
    Files.write(folder.resolve("data_batch_1.bin"), first);
    Files.write(folder.resolve("test_batch.bin"), test);
    ImageSet train = DataSource.open(folder, Split.TRAIN);
    assertThat(train.count()).isEqualTo(5);
    assertThat(train.classNames()).isEqualTo(ClassNames.CIFAR_10);
    byte[] all = Arrays.copyOf(first, 5 * RECORD);
    System.arraycopy(second, 0, all, 3 * RECORD, 2 * RECORD);
    assertImages(train, all);
    assertImages(DataSource.open(folder, Split.TEST), test);
    assertThat(DataSource.open(folder, Split.ALL).count()).isEqualTo(9);
    assertImages(DataSource.open(folder.resolve("data_batch_2.bin"), Split.TEST), second);
    Files.writeString(folder.resolve("batches.meta.txt"), "q\nw\ne\nr\nt\ny\nu\ni\no\np\n\n");
    assertThat(DataSource.open(folder, Split.TEST).classNames()).startsWith("q").endsWith("p");
  }

  @Test
  void wrongLengthsAndLabelsAreRefused() throws IOException {
    Path file = folder.resolve("test_batch.bin");
    for (int length : new int[] {0, 1, RECORD - 1, RECORD + 1, 2 * RECORD - 1}) {
      Files.write(file, new byte[length]);
      assertThatThrownBy(() -> DataSource.open(folder, Split.TEST))
          .isInstanceOf(SysmolException.class)
          .hasMessage(
              "The file "
                  + file
                  + " has "
                  + length
                  + " bytes, but CIFAR-10 needs a multiple of 3073 (a label and 32 x 32 x 3 bytes"
                  + " for each image): fetch it again.");
    }
    byte[] wrong = records(2, 1);
    wrong[RECORD] = (byte) 200;
    Files.write(file, wrong);
    assertThatThrownBy(() -> DataSource.open(folder, Split.TEST))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith(
            folder + " gives image 1 the label 200, but with its 10 classes labels are 0 to 9");
    assertThatThrownBy(() -> DataSource.open(folder, Split.TRAIN))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "The folder "
                + folder
                + " has no file data_batch_1.bin, which its other CIFAR-10 files need: add it.");
  }

  private static byte[] records(int count, long seed) {
    byte[] bytes = new byte[count * RECORD];
    new SplittableRandom(seed).nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      bytes[i * RECORD] = (byte) ((seed + i) % 10);
    }
    return bytes;
  }

  private static void assertImages(ImageSet set, byte[] records) {
    byte[] hwc = new byte[set.pixelCount()];
    for (int index = 0; index < set.count(); index++) {
      assertThat(set.label(index)).isEqualTo(records[index * RECORD]);
      set.pixels(index, hwc);
      for (int i = 0; i < hwc.length; i++) {
        int channel = i % 3;
        int pixel = i / 3;
        assertThat(hwc[i]).isEqualTo(records[index * RECORD + 1 + channel * 1024 + pixel]);
      }
    }
  }
}
