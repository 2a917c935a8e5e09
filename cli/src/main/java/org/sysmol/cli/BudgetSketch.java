package org.sysmol.cli;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.network.Network;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Value;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * A network that stands for the trained one before there is any: as large, with the same steps, its
 * quantisers made up.
 *
 * @param classNames of the data
 */
record BudgetSketch(
    Network network, Plan plan, Preprocessing preprocessing, List<String> classNames) {
  /** The sketch of what a run starts from. */
  static BudgetSketch of(TrainingSubject.Opened subject) {
    return new BudgetSketch(
        subject.network(), subject.plan(), subject.preprocessing(), subject.train().classNames());
  }

  /** The sketch of what a trained network becomes. */
  static BudgetSketch of(TrainedNetwork trained) {
    return new BudgetSketch(
        trained.network(), trained.plan(), trained.preprocessing(), trained.classNames());
  }

  /**
   * The network at given precisions.
   *
   * @param precision by group id, then channel
   */
  TrainedNetwork at(int[][] precision, String patterns, String rule, Provenance provenance) {
    float[] valueStep = new float[plan.values().size()];
    for (Value value : plan.values()) {
      valueStep[value.id()] = value.eightBit() ? 1f : 0f;
    }
    float[] alpha = new float[plan.groups().size()];
    float[][] none = new float[alpha.length][0];
    for (InputGroup group : plan.groups()) {
      alpha[group.id()] = group.searched() || !group.direct() ? 1f : 0f;
    }
    float[][] delta = new float[plan.convolutions().size()][];
    for (int i = 0; i < delta.length; i++) {
      var layer = plan.convolutions().get(i);
      boolean searched = plan.groups().get(layer.group()).searched();
      delta[i] = new float[searched ? layer.outputChannels() : 0];
      Arrays.fill(delta[i], 1f);
    }
    return new TrainedNetwork(
        network,
        plan,
        new Quantisers(valueStep, alpha, precision, none, delta),
        patterns,
        rule,
        preprocessing,
        classNames,
        provenance);
  }

  /**
   * Precisions that differ between the channels of a layer wherever a packing allows it.
   *
   * @return by group id, then channel; 8 in edge groups
   */
  int[][] mixed(Packing packing) {
    int[] allowed = packing.set().precisions().stream().mapToInt(Integer::intValue).toArray();
    SplittableRandom random = new SplittableRandom(1);
    int[][] precision = new int[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      precision[group.id()] = new int[plan.value(group).channels()];
      Arrays.setAll(
          precision[group.id()],
          _ -> group.searched() ? allowed[random.nextInt(allowed.length)] : 8);
    }
    return precision;
  }
}
