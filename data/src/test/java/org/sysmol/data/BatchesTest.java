package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/** Batches: their order, their augmentation, and the thread that prepares them. */
@Timeout(60)
class BatchesTest {
  private static final int[] COUNTS = {1, 2, 31, 33, 64, 65};
  private static final Augmentation AUGMENTATION = new Augmentation(3, true);

  @Test
  void inOrderGivesEveryImageOnceNormalised() {
    for (int count : COUNTS) {
      for (int channels : new int[] {1, 3}) {
        ImageSet set = randomSet(count, channels, 5, 7);
        Preprocessing preprocessing = preprocessing(set);
        byte[] hwc = new byte[set.pixelCount()];
        int index = 0;
        for (Batch batch : all(set, Epoch.inOrder(32))) {
          for (int i = 0; i < batch.size(); i++, index++) {
            set.pixels(index, hwc);
            assertThat(slice(batch, i, set.pixelCount())).isEqualTo(preprocessing.normalise(hwc));
            assertThat(batch.labels()[i]).isEqualTo(set.label(index));
          }
        }
        assertThat(index).isEqualTo(count);
      }
    }
  }

  @Test
  void prefetchingChangesNothing() {
    for (int count : COUNTS) {
      ImageSet set = randomSet(count, 3, 6, 5);
      for (boolean dropLast : new boolean[] {false, true}) {
        Epoch epoch = new Epoch(16, true, 42, 3, AUGMENTATION, dropLast, 0);
        List<Batch> expected = all(set, epoch);
        assertThat(expected).hasSize(epoch.batches(count));
        for (int prefetch : new int[] {1, 2, 7, 64}) {
          assertSame(all(set, epoch.withPrefetch(prefetch)), expected);
        }
      }
    }
  }

  @Test
  void anImagesAugmentationDependsOnNothingButSeedEpochAndIndex() {
    ImageSet set = randomSet(33, 1, 9, 8);
    float[][] small = byIndex(set, new Epoch(4, true, 5, 2, AUGMENTATION, false, 3));
    float[][] large = byIndex(set, new Epoch(33, false, 5, 2, AUGMENTATION, false, 0));
    assertThat(small).isDeepEqualTo(large);
    float[][] otherEpoch = byIndex(set, new Epoch(33, false, 5, 3, AUGMENTATION, false, 0));
    float[][] otherSeed = byIndex(set, new Epoch(33, false, 6, 2, AUGMENTATION, false, 0));
    assertThat(differing(large, otherEpoch)).isGreaterThan(25);
    assertThat(differing(large, otherSeed)).isGreaterThan(25);
  }

  @Test
  void theOrderIsAPermutationThatSeedAndEpochDecide() {
    for (int count : new int[] {0, 1, 2, 3, 1000}) {
      int[] order = Shuffle.order(count, 7, 1);
      assertThat(Shuffle.order(count, 7, 1)).isEqualTo(order);
      int[] sorted = order.clone();
      Arrays.sort(sorted);
      assertThat(sorted).isEqualTo(Shuffle.inOrder(count));
    }
    assertThat(Shuffle.order(1000, 7, 1))
        .isNotEqualTo(Shuffle.order(1000, 7, 2))
        .isNotEqualTo(Shuffle.order(1000, 8, 1))
        .isNotEqualTo(Shuffle.order(1000, 1, 7));
    // From another implementation of the same definition; it must never change, or a run could not
    // be repeated.
    assertThat(Shuffle.order(10, 1, 0)).containsExactly(9, 2, 8, 6, 0, 3, 1, 5, 4, 7);
  }

  @Test
  void shufflingIsUniform() {
    // 24 orders of four, 2,400 epochs: 100 each expected, standard deviation below 10.
    int[] seen = new int[256];
    for (int epoch = 0; epoch < 2400; epoch++) {
      int[] order = Shuffle.order(4, 99, epoch);
      seen[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    assertThat(Arrays.stream(seen).filter(it -> it > 0)).hasSize(24).allMatch(it -> it > 50);
    assertThat(Arrays.stream(seen)).allMatch(it -> it < 150);
  }

  @Test
  void augmentationShiftsAndMirrorsAndFillsWithBlack() {
    int height = 5;
    int width = 4;
    byte[] from = new byte[height * width * 3];
    for (int i = 0; i < from.length; i++) {
      from[i] = (byte) (i + 1);
    }
    byte[] to = new byte[from.length];
    int[] seen = new int[7 * 7 * 2];
    for (int index = 0; index < 5000; index++) {
      AUGMENTATION.apply(from, to, 3, height, width, 1, 0, index);
      int matches = 0;
      for (int down = -3; down <= 3; down++) {
        for (int right = -3; right <= 3; right++) {
          for (int flip = 0; flip < 2; flip++) {
            if (Arrays.equals(to, moved(from, height, width, down, right, flip == 1))) {
              seen[(down + 3) * 14 + (right + 3) * 2 + flip]++;
              matches++;
            }
          }
        }
      }
      assertThat(matches).isOne();
    }
    assertThat(seen).doesNotContain(0);
    Augmentation.NONE.apply(from, to, 3, height, width, 1, 0, 0);
    assertThat(to).isEqualTo(from);
  }

  @Test
  void theLastBatchIsDroppedOnlyWhereOthersRemain() {
    assertThat(Epoch.training(32, 0, 0, Augmentation.NONE).batches(65)).isEqualTo(2);
    assertThat(Epoch.training(32, 0, 0, Augmentation.NONE).batches(31)).isOne();
    assertThat(Epoch.inOrder(32).batches(65)).isEqualTo(3);
    assertThat(Epoch.inOrder(32).batches(64)).isEqualTo(2);
  }

  @Test
  void anExceptionComesOutAtItsBatchAndAgain() {
    for (int prefetch : new int[] {0, 1, 4}) {
      ImageSet broken = new Hooked(randomSet(40, 1, 2, 2), 25, new CountDownLatch(0));
      try (Batches batches =
          new Batches(broken, preprocessing(broken), Epoch.inOrder(10).withPrefetch(prefetch))) {
        assertThat(batches.next().size()).isEqualTo(10);
        assertThat(batches.next().size()).isEqualTo(10);
        for (int attempt = 0; attempt < 3; attempt++) {
          assertThatThrownBy(batches::next)
              .isInstanceOf(SysmolException.class)
              .hasMessage("Image 25 is broken.");
        }
      }
    }
  }

  @Test
  void closingEarlyEndsTheThread() throws InterruptedException {
    ImageSet set = randomSet(1000, 1, 4, 4);
    Batches batches = new Batches(set, preprocessing(set), Epoch.inOrder(1).withPrefetch(2));
    batches.next();
    batches.close();
    batches.close();
    assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(it -> it.getName().equals("sysmol-batches"));
  }

  @Test
  void preparationRunsWhileTheConsumerWorksButNotFurtherThanAllowed() throws Exception {
    CountDownLatch fifteen = new CountDownLatch(15);
    Hooked set = new Hooked(randomSet(1000, 1, 2, 2), -1, fifteen);
    try (Batches batches = new Batches(set, preprocessing(set), Epoch.inOrder(5).withPrefetch(2))) {
      // Two batches wait in the queue and a third in the thread's hand; nobody has asked for any.
      assertThat(fifteen.await(30, TimeUnit.SECONDS)).isTrue();
      Thread.sleep(50);
      assertThat(set.read).isEqualTo(15);
      assertThat(batches.next().size()).isEqualTo(5);
    }
  }

  @Test
  void aWrongShapeIsRefusedAtTheStart() {
    ImageSet set = randomSet(3, 1, 4, 6);
    assertThatThrownBy(
            () -> new Batches(set, preprocessing(randomSet(1, 1, 6, 4)), Epoch.inOrder(1)))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("random has the shape 4 x 6 x 1");
    assertThatThrownBy(() -> Epoch.inOrder(0))
        .isInstanceOf(SysmolException.class)
        .hasMessage("A batch needs at least 1 image, but 0 were asked for.");
    assertThatThrownBy(() -> new Augmentation(-1, false))
        .isInstanceOf(SysmolException.class)
        .hasMessage("Images can be shifted by 0 to 256 pixels, but -1 was asked for.");
  }

  @Test
  void statisticsAreThoseOfThePixels() {
    ImageSet set =
        new MemoryImageSet(
            "two",
            3,
            1,
            1,
            new byte[] {0, 51, 7, (byte) 255, 51, 9},
            new int[] {0, 0},
            List.of("a"));
    Statistics statistics = Statistics.of(set);
    assertThat(statistics.mean()).containsExactly(0.5f, 0.2f, 8 / 255f);
    assertThat(statistics.std()).containsExactly(0.5f, 1f, 1 / 255f);
  }

  private static List<Batch> all(ImageSet set, Epoch epoch) {
    List<Batch> found = new ArrayList<>();
    try (Batches batches = new Batches(set, preprocessing(set), epoch)) {
      assertThat(batches.count()).isEqualTo(epoch.batches(set.count()));
      batches.forEachRemaining(found::add);
    }
    return found;
  }

  /** Every image's values, by its index, which the set carries as its label. */
  private static float[][] byIndex(ImageSet set, Epoch epoch) {
    float[][] images = new float[set.count()][];
    for (Batch batch : all(set, epoch)) {
      for (int i = 0; i < batch.size(); i++) {
        images[batch.labels()[i]] = slice(batch, i, set.pixelCount());
      }
    }
    return images;
  }

  private static int differing(float[][] one, float[][] other) {
    int count = 0;
    for (int i = 0; i < one.length; i++) {
      if (!Arrays.equals(one[i], other[i])) {
        count++;
      }
    }
    return count;
  }

  private static float[] slice(Batch batch, int i, int size) {
    return Arrays.copyOfRange(batch.images(), i * size, (i + 1) * size);
  }

  private static void assertSame(List<Batch> got, List<Batch> expected) {
    assertThat(got).hasSameSizeAs(expected);
    for (int i = 0; i < got.size(); i++) {
      assertThat(got.get(i).size()).isEqualTo(expected.get(i).size());
      assertThat(got.get(i).labels()).isEqualTo(expected.get(i).labels());
      assertThat(got.get(i).images()).isEqualTo(expected.get(i).images());
    }
  }

  /** The image mirrored or not after it was moved: written the other way round than the product. */
  private static byte[] moved(
      byte[] from, int height, int width, int down, int right, boolean mirrored) {
    byte[] to = new byte[from.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int toY = y + down;
        int toX = x + right;
        if (toY >= 0 && toY < height && toX >= 0 && toX < width) {
          int finalX = mirrored ? width - 1 - toX : toX;
          System.arraycopy(from, 3 * (y * width + x), to, 3 * (toY * width + finalX), 3);
        }
      }
    }
    return to;
  }

  private static ImageSet randomSet(int count, int channels, int height, int width) {
    byte[] pixels = new byte[count * channels * height * width];
    new SplittableRandom(count).nextBytes(pixels);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("class " + i);
    }
    return new MemoryImageSet(
        "random", channels, height, width, pixels, Shuffle.inOrder(count), names);
  }

  private static Preprocessing preprocessing(ImageSet set) {
    float[] values = new float[set.channels()];
    Arrays.fill(values, 0.37f);
    return new Preprocessing(
        set.channels(), set.height(), set.width(), new Resize.None(), values, values);
  }

  /** Counts what is read, and fails at one image. */
  private static final class Hooked implements ImageSet {
    private final ImageSet inner;
    private final int broken;
    private final CountDownLatch latch;
    private volatile int read;

    Hooked(ImageSet inner, int broken, CountDownLatch latch) {
      this.inner = inner;
      this.broken = broken;
      this.latch = latch;
    }

    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public int count() {
      return inner.count();
    }

    @Override
    public int channels() {
      return inner.channels();
    }

    @Override
    public int height() {
      return inner.height();
    }

    @Override
    public int width() {
      return inner.width();
    }

    @Override
    public List<String> classNames() {
      return inner.classNames();
    }

    @Override
    public int label(int index) {
      return inner.label(index);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void pixels(int index, byte[] hwc) {
      if (index == broken) {
        throw SysmolException.failed("Image " + index + " is broken.");
      }
      inner.pixels(index, hwc);
      read++;
      latch.countDown();
    }
  }
}
