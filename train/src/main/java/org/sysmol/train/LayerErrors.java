package org.sysmol.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;

/**
 * Where a drop in accuracy comes from: what each part of the full-precision network costs when it
 * alone is quantised at the precisions that were assigned, steps fitted, before any fine-tuning.
 * Fine-tuning makes up for most of it; what it must make up for, and where another bit would help
 * most, is what this shows.
 */
public final class LayerErrors {
  private static final int BATCH = 100;

  private LayerErrors() {}

  /**
   * One part of the network: the input of some layers with their weights, or all 8-bit streams.
   *
   * @param name of the layers that read the input; of the streams
   * @param bits mean precision of a weight
   * @param lossRise what the mean cross-entropy of the images rises by
   * @param pointsLost what the accuracy on the images falls by, in points
   * @param activations by input channel: squared error of its activations, in units of the mean
   *     channel's energy of the group; empty for streams
   * @param weights the same for the weights that read the channel
   */
  public record Part(
      String name,
      double bits,
      double lossRise,
      double pointsLost,
      double[] activations,
      double[] weights) {}

  /**
   * Measures all parts on training images.
   *
   * @param full full-precision network with the trained one's constants
   * @param trained its precisions count; its own weights and steps do not
   * @param images labelled; 500 of them are used, in a fixed order
   * @return the costliest first
   */
  public static List<Part> measure(Network full, TrainedNetwork trained, ImageSet images) {
    Libtorch.prepare();
    Plan plan = trained.plan();
    Convolutions.choose(plan);
    Network network = Simplification.of(full);
    SampleRun run =
        new SampleRun(
            plan, network, new ImageSample(images, trained.preprocessing(), BATCH, 0).batches());
    int[][] precision = trained.quantisers().precision();
    Quantisation quantised =
        run.fitted(precision, RecordedRecipe.of(trained.provenance()).layerDelta(false));
    SampleRun.Score whole = run.score(Disturbance.NONE);
    List<Part> parts = new ArrayList<>();
    for (InputGroup group : plan.groups()) {
      Errors errors = new Errors(run, plan, group, quantised);
      SampleRun.Score score = run.score(errors, errors);
      parts.add(
          new Part(
              names(plan, group),
              Arrays.stream(precision[group.id()]).average().orElse(8),
              score.loss() - whole.loss(),
              whole.accuracy() - score.accuracy(),
              relative(errors.activationErrors, errors.activationEnergy),
              relative(errors.weightErrors, errors.weightEnergy)));
    }
    if (plan.values().stream().anyMatch(value -> value.id() > 0 && value.eightBit())) {
      SampleRun.Score score = run.score(new StreamsOnly(quantised));
      parts.add(
          new Part(
              "image and streams",
              8,
              score.loss() - whole.loss(),
              whole.accuracy() - score.accuracy(),
              new double[0],
              new double[0]));
    }
    parts.sort(Comparator.comparingDouble(Part::lossRise).reversed());
    return List.copyOf(parts);
  }

  private static String names(Plan plan, InputGroup group) {
    return String.join(", ", plan.readers(group).stream().map(Stage::name).toList());
  }

  /** Errors by channel in units of the mean channel's energy; 0 where there is no energy. */
  private static double[] relative(double[] errors, double[] energy) {
    double mean = Arrays.stream(energy).average().orElse(0);
    return Arrays.stream(errors).map(error -> mean > 0 ? error / mean : 0).toArray();
  }

  /** Quantises one group and adds up what that moves. */
  private static final class Errors implements Disturbance, WalkObserver {
    private final SampleRun run;
    private final Plan plan;
    private final InputGroup group;
    private final Disturbance only;
    private final double[] activationErrors;
    private final double[] activationEnergy;
    private final double[] weightErrors;
    private final double[] weightEnergy;
    private int weighed;

    Errors(SampleRun run, Plan plan, InputGroup group, Disturbance quantised) {
      this.run = run;
      this.plan = plan;
      this.group = group;
      only = new OneGroup(plan, quantised, group);
      int channels = plan.value(group).channels();
      activationErrors = new double[channels];
      activationEnergy = new double[channels];
      weightErrors = new double[channels];
      weightEnergy = new double[channels];
    }

    @Override
    public Tensor weights(int layer, Tensor weights) {
      Tensor result = only.weights(layer, weights);
      Stage.Convolution stage = plan.convolutions().get(layer);
      // Each reader once, not for each batch.
      if (stage.group() == group.id() && weighed < plan.readers(group).size()) {
        weighed++;
        addByChannel(stage, Tensors.floats(weights), weightEnergy);
        addByChannel(stage, Tensors.floats(result.sub(weights)), weightErrors);
      }
      return result;
    }

    private static void addByChannel(Stage.Convolution layer, float[] values, double[] sums) {
      for (int i = 0; i < values.length; i++) {
        sums[layer.inputChannel(i)] += (double) values[i] * values[i];
      }
    }

    @Override
    public Tensor activations(InputGroup read, Tensor input) {
      Tensor result = only.activations(read, input);
      if (read.id() == group.id()) {
        run.addSquares(group, input, activationEnergy);
        run.addSquares(group, result.sub(input), activationErrors);
      }
      return result;
    }
  }

  private record StreamsOnly(Disturbance all) implements Disturbance {
    @Override
    public Tensor stored(Value value, Tensor tensor) {
      return all.stored(value, tensor);
    }
  }
}
