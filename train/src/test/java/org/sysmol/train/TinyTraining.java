package org.sysmol.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Network;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.data.ImageSet;
import org.sysmol.data.MemoryImageSet;

/**
 * Training that takes a second or two, on pictures made of a prototype for each class and noise.
 */
record TinyTraining(Network network, ImageSet images, Preprocessing preprocessing) {
  static TinyTraining residual(int count) {
    return of(NetworkSketch.residual(1), 3, 11, 9, 4, count);
  }

  /** Layers of one group and even padding alone. */
  static TinyTraining even(int count) {
    return of(NetworkSketch.even(1), 3, 9, 8, 4, count);
  }

  static TinyTraining depthwise(int count) {
    return of(NetworkSketch.depthwise(1), 1, 10, 13, 3, count);
  }

  static TinyTraining excited(int count) {
    return of(NetworkSketch.excited(1), 3, 9, 8, 4, count);
  }

  private static TinyTraining of(
      Network network, int channels, int height, int width, int classes, int count) {
    SplittableRandom random = new SplittableRandom(11);
    int size = channels * height * width;
    // One brightness per class and channel: the same picture however it is shifted or flipped.
    byte[][] prototypes = new byte[classes][channels];
    for (int k = 0; k < classes; k++) {
      for (int c = 0; c < channels; c++) {
        prototypes[k][c] = (byte) (k * (c + 1) * 85);
      }
    }
    byte[] pixels = new byte[count * size];
    int[] labels = new int[count];
    for (int n = 0; n < count; n++) {
      labels[n] = n % classes;
      for (int i = 0; i < size; i++) {
        int mean = prototypes[labels[n]][i / (height * width)] & 0xFF;
        pixels[n * size + i] = (byte) ((mean + random.nextInt(256)) / 2);
      }
    }
    List<String> names = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      names.add("class " + c);
    }
    float[] mean = new float[channels];
    float[] std = new float[channels];
    java.util.Arrays.fill(mean, 0.5f);
    java.util.Arrays.fill(std, 0.25f);
    return new TinyTraining(
        network,
        new MemoryImageSet("prototypes", channels, height, width, pixels, labels, names),
        new Preprocessing(channels, height, width, new Resize.None(), mean, std));
  }

  /** One thread, batches of 20, a few epochs of everything. */
  static TrainingRecipe recipe() {
    return new TrainingRecipe(
        3,
        1,
        20,
        2,
        3,
        2,
        true,
        2.6,
        "FREE",
        "budget",
        1,
        true,
        0.05,
        0.02,
        0.02,
        1e-4,
        5.0,
        0.1,
        0.6,
        false,
        0.5,
        false,
        null,
        Device.CPU,
        false,
        false,
        false,
        false);
  }

  TrainingResult run(TrainingRecipe recipe, @Nullable Path checkpoint, TrainingListener listener) {
    return Trainer.train(network, images, preprocessing, recipe, checkpoint, listener);
  }

  /** All numbers that a run ends with, as bits. */
  static List<Integer> bits(TrainingResult result) {
    List<Integer> bits = new ArrayList<>();
    for (Network n : List.of(result.full(), result.control(), result.trained().network())) {
      n.constants().values().forEach(t -> add(bits, t.data()));
    }
    var q = result.trained().quantisers();
    add(bits, q.valueStep());
    add(bits, q.alpha());
    for (float[] delta : q.delta()) {
      add(bits, delta);
    }
    for (float[] p : q.continuous()) {
      add(bits, p);
    }
    for (int[] p : q.precision()) {
      for (int value : p) {
        bits.add(value);
      }
    }
    for (EpochRecord r : result.log()) {
      bits.add(r.phase().number());
      bits.add(r.epoch());
      bits.add(Double.hashCode(r.loss()));
      bits.add(Double.hashCode(r.heldOut()));
      bits.add(Double.hashCode(r.bits()));
    }
    return bits;
  }

  private static void add(List<Integer> bits, float[] values) {
    for (float v : values) {
      bits.add(Float.floatToRawIntBits(v));
    }
  }
}
