package org.sysmol.train;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/** Quantisers drawn at random, so that a network is as if trained. */
final class RandomTraining {
  private RandomTraining() {}

  static TrainedNetwork of(Network network, int channels, int height, int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Plan plan = PlanBuilder.build(network, channels, height, width, Set.of());
    float[] steps = new float[plan.values().size()];
    for (Value value : plan.values()) {
      if (value.eightBit()) {
        steps[value.id()] = (float) random.nextDouble(0.01, 0.03);
      }
    }
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool) {
        steps[pool.output()] = steps[pool.input()];
      }
      if (stage instanceof Stage.Gather gather && gather.inputs().size() == 1) {
        steps[gather.output()] = steps[gather.inputs().getFirst()];
      }
    }
    int groups = plan.groups().size();
    float[] alpha = new float[groups];
    int[][] precision = new int[groups][];
    float[][] continuous = new float[groups][0];
    for (InputGroup group : plan.groups()) {
      int count = plan.value(group).channels();
      precision[group.id()] = new int[count];
      for (int c = 0; c < count; c++) {
        precision[group.id()][c] = group.searched() ? 1 << random.nextInt(3) : 8;
      }
      boolean own = group.searched() || !group.direct();
      alpha[group.id()] = own ? (float) random.nextDouble(0.02, 1) : 0f;
    }
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = new float[layers.size()][];
    for (int i = 0; i < layers.size(); i++) {
      boolean searched = plan.groups().get(layers.get(i).group()).searched();
      delta[i] = new float[searched ? layers.get(i).outputChannels() : 0];
      for (int o = 0; o < delta[i].length; o++) {
        delta[i][o] = (float) random.nextDouble(0.2, 0.8);
      }
    }
    float[] zeros = new float[channels];
    float[] ones = new float[channels];
    java.util.Arrays.fill(ones, 1f);
    return new TrainedNetwork(
        network,
        plan,
        new Quantisers(steps, alpha, precision, continuous, delta),
        "FREE",
        "budget",
        new Preprocessing(
            channels == 2 ? 1 : channels, height, width, new Resize.None(), zeros, ones),
        List.of(),
        new Provenance(Map.of()));
  }
}
