package org.sysmol.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.data.ImageSet;
import org.sysmol.data.MemoryImageSet;
import org.sysmol.train.zoo.NetworkZoo;

/**
 * What a step of each phase takes: ResNet-20 on random pictures, one thread. A program and no test,
 * for times depend on what else the machine does. Its last line is a hash of all numbers that the
 * run ends with: a change that only makes training faster leaves it as it is.
 */
final class EpochCost {
  private EpochCost() {}

  /**
   * Runs it.
   *
   * @param arguments number of steps of a phase, share of distillation, and {@code bf16} for
   *     convolutions of bfloat16 numbers
   */
  public static void main(String[] arguments) {
    int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20;
    double distil = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0;
    TrainingRecipe recipe =
        TrainingRecipe.demo(1, 1)
            .withEpochs(1, 1, 1)
            .withDistillation(distil)
            .withBfloat16(arguments.length > 2 && arguments[2].equals("bf16"));
    Map<Phase, List<Double>> milliseconds = new EnumMap<>(Phase.class);
    List<Double> current = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void step(double loss, double imagesPerSecond, double bits) {
            current.add(1000 * recipe.batch() / imagesPerSecond);
          }

          @Override
          public void epoch(EpochRecord epoch) {
            milliseconds.computeIfAbsent(epoch.phase(), _ -> new ArrayList<>()).addAll(current);
            current.clear();
          }
        };
    float[] mean = {0.5f, 0.5f, 0.5f};
    float[] deviation = {0.25f, 0.25f, 0.25f};
    TrainingResult result =
        Trainer.train(
            NetworkZoo.create("resnet20", 1),
            images(steps * recipe.batch()),
            new Preprocessing(3, 32, 32, new Resize.None(), mean, deviation),
            recipe,
            null,
            listener);
    double full = median(milliseconds.getOrDefault(Phase.CONTROL, List.of()));
    milliseconds.forEach(
        (phase, times) ->
            System.out.printf(
                Locale.ROOT,
                "%-10s %7.1f ms a step, %.2f of full precision%n",
                phase.title(),
                median(times),
                median(times) / full));
    System.out.printf("bits %08x%n", TinyTraining.bits(result).hashCode());
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static ImageSet images(int count) {
    SplittableRandom random = new SplittableRandom(3);
    byte[] pixels = new byte[count * 3 * 32 * 32];
    int[] labels = new int[count];
    String[] names = new String[10];
    Arrays.setAll(names, i -> "class " + i);
    random.nextBytes(pixels);
    for (int i = 0; i < count; i++) {
      labels[i] = i % 10;
      Arrays.fill(pixels, i * 3072, i * 3072 + 1024, (byte) (25 * labels[i]));
    }
    return new MemoryImageSet("random", 3, 32, 32, pixels, labels, List.of(names));
  }
}
