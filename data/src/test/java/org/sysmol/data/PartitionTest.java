package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.core.SysmolException;

class PartitionTest {
  private static final int CLASSES = 10;

  /** Images whose one pixel is their number. */
  private static ImageSet images(int count, boolean sorted) {
    byte[] pixels = new byte[count];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      pixels[i] = (byte) i;
      labels[i] = sorted ? i * CLASSES / count : i % CLASSES;
    }
    List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    return new MemoryImageSet("numbers", 1, 1, 1, pixels, labels, names);
  }

  private static Set<Byte> numbers(ImageSet set) {
    Set<Byte> numbers = new HashSet<>();
    byte[] pixel = new byte[1];
    for (int i = 0; i < set.count(); i++) {
      set.pixels(i, pixel);
      numbers.add(pixel[0]);
    }
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({"200,0.1", "200,0.5", "250,0.3", "37,0.2", "25,0.5", "60,0.05"})
  void partsAreDisjointAndWholeAndEveryClassIsTrained(int count, double share) {
    for (boolean sorted : new boolean[] {false, true}) {
      ImageSet all = images(count, sorted);
      Partition parts = Partition.of(all, share);
      Set<Byte> union = numbers(parts.training());
      assertThat(union)
          .hasSize(parts.training().count())
          .doesNotContainAnyElementsOf(numbers(parts.heldOut()));
      union.addAll(numbers(parts.heldOut()));
      assertThat(union).hasSize(count);
      // The first image of each class is trained with, so small sets hold out less.
      assertThat((double) parts.heldOut().count())
          .isBetween(share * (count - CLASSES) - 3, share * count + 3);
      Set<Integer> classes = new HashSet<>();
      for (int i = 0; i < parts.training().count(); i++) {
        classes.add(parts.training().label(i));
      }
      assertThat(classes).hasSize(CLASSES);
      assertThat(numbers(Partition.of(all, share).heldOut())).isEqualTo(numbers(parts.heldOut()));
    }
  }

  @Test
  void classesThatTakeTurnsAreAllHeldOut() {
    ImageSet held = Partition.of(images(200, false), 0.1).heldOut();
    Set<Integer> classes = new HashSet<>();
    for (int i = 0; i < held.count(); i++) {
      classes.add(held.label(i));
    }
    assertThat(classes).hasSize(CLASSES);
  }

  @Test
  void otherSharesAreRefused() {
    ImageSet all = images(20, true);
    for (double share : new double[] {0, -1, 0.51, Double.NaN}) {
      assertThatThrownBy(() -> Partition.of(all, share))
          .isInstanceOf(SysmolException.class)
          .hasMessage(
              "A share of " + share + " can't be held out; give a number above 0 and up to 0.5.");
    }
    assertThatThrownBy(() -> Partition.of(all, 0.001))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "A share of 0.001 of the 20 images of numbers holds none out; give a larger share"
                + " or more images.");
  }
}
