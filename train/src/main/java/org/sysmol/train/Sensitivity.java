package org.sysmol.train;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.data.Batch;

/**
 * What precision channels would like, measured without training: the search's {@code p^} by other
 * means, for a first answer in minutes.
 *
 * <p>Between groups: each in turn is quantised to two bits, all else left in floats, and what the
 * loss of some images rises by is its sensitivity, by the model of {@link
 * org.sysmol.core.pattern.BudgetLayer} (a weight loses {@code 4^(p^ - p)}). Within a group: noise
 * on a channel's weights grows with its mean squared activation, noise on its activations with its
 * weights' energy; a channel's share is the mean of both. The scale is set so that the mean of all
 * precisions, held between 1 and 4 and weighted by what is budgeted, is the budget.
 */
final class Sensitivity {
  private static final int BITS = 2;

  /** Groups whose loss did not rise count as this part of the most sensitive one. */
  private static final double LEAST = 1e-4;

  private final Plan plan;
  private final Network network;
  private final SampleRun run;
  private final boolean layerDelta;
  private final double[][] energy;

  /**
   * A measurement.
   *
   * @param batches normalised images with labels
   * @param layerDelta whether a layer has one {@code delta}
   */
  Sensitivity(Plan plan, Network network, List<Batch> batches, boolean layerDelta) {
    this.layerDelta = layerDelta;
    this.plan = plan;
    this.network = network;
    run = new SampleRun(plan, network, batches);
    energy = new double[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      energy[group.id()] = new double[plan.value(group).channels()];
    }
  }

  /**
   * Measures.
   *
   * @param assigner measures precisions by what is budgeted, and knows the budget
   * @return {@code p^} by group id, then channel; empty for edge groups
   */
  float[][] continuous(PrecisionAssigner assigner) {
    Quantisation two = twoBits();
    double base = run.score(Disturbance.NONE, new Energy()).loss();
    double[] rises = new double[plan.groups().size()];
    double most = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        rises[group.id()] = run.score(new OneGroup(plan, two, group)).loss() - base;
        most = Math.max(most, rises[group.id()]);
      }
    }
    double[][] wish = new double[rises.length][0];
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        double rise = Math.max(rises[group.id()], LEAST * Math.max(most, 1e-6));
        double weights =
            (double) plan.weightsPerChannel(group) * plan.value(group).channels() / plan.weights();
        double mean = BITS + log4(rise / weights);
        double[] shares = shares(group);
        wish[group.id()] = Arrays.stream(shares).map(share -> mean + log4(share)).toArray();
      }
    }
    double low = -100;
    double high = 100;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (assigner.measure(shifted(wish, middle)) > assigner.goal()) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return shifted(wish, low);
  }

  private static double log4(double x) {
    return Math.log(x) / Math.log(4);
  }

  /** All wishes moved by the same number, within what sigmas of a search can be. */
  private static float[][] shifted(double[][] wish, double by) {
    float[][] result = new float[wish.length][];
    for (int g = 0; g < wish.length; g++) {
      result[g] = new float[wish[g].length];
      for (int c = 0; c < result[g].length; c++) {
        result[g][c] = (float) Math.max(1, Math.min(16, wish[g][c] + by));
      }
    }
    return result;
  }

  /** Every searched channel at two bits, steps fitted. */
  private Quantisation twoBits() {
    int[][] precision = new int[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      precision[group.id()] = new int[plan.value(group).channels()];
      Arrays.fill(precision[group.id()], group.searched() ? BITS : 8);
    }
    return run.fitted(precision, layerDelta);
  }

  /** Adds up squared activations. */
  private final class Energy implements WalkObserver {
    @Override
    public void input(InputGroup group, Tensor tensor) {
      if (group.searched()) {
        run.addSquares(group, tensor, energy[group.id()]);
      }
    }
  }

  /** How much noise on each channel counts, the mean being 1; none below a thousandth. */
  private double[] shares(InputGroup group) {
    double[] activations = energy[group.id()];
    double[] weights = new double[activations.length];
    for (Stage.Convolution layer : plan.readers(group)) {
      float[] data = network.requireConstant(layer.weight()).data();
      for (int i = 0; i < data.length; i++) {
        weights[layer.inputChannel(i)] += (double) data[i] * data[i];
      }
    }
    double[] shares = new double[weights.length];
    double meanActivation = Math.max(1e-30, Arrays.stream(activations).average().orElse(0));
    double meanWeight = Math.max(1e-30, Arrays.stream(weights).average().orElse(0));
    for (int c = 0; c < shares.length; c++) {
      double share = (activations[c] / meanActivation + weights[c] / meanWeight) / 2;
      shares[c] = Math.max(1e-3, share);
    }
    return shares;
  }
}
