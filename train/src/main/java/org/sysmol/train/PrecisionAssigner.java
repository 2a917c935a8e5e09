package org.sysmol.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.BudgetLayer;
import org.sysmol.core.pattern.BudgetProblem;
import org.sysmol.core.pattern.BudgetResult;
import org.sysmol.core.pattern.BudgetSolver;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.TimeBudget;
import org.sysmol.core.pattern.VectorRegisters;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;

/**
 * From the continuous precisions that a search found to those that the patterns allow (paper §2).
 */
public final class PrecisionAssigner {
  private static final int EDGE_BITS = 8;

  private final Plan plan;
  private final Packing packing;
  private final String rule;
  private final double bits;
  private final @Nullable TimedPrecisions timed;

  /**
   * An assigner for a budget in bits.
   *
   * @param packing how registers hold weights
   * @param rule {@code budget}, {@code registers} or {@code paper} ({@link TrainingRecipe#assign})
   * @param bits budget in bits per weight over all layers; not used by the paper's rule
   */
  public PrecisionAssigner(Plan plan, Packing packing, String rule, double bits) {
    this(plan, packing, rule, bits, null);
  }

  private PrecisionAssigner(
      Plan plan, Packing packing, String rule, double bits, @Nullable TimeBudget time) {
    this.plan = plan;
    this.packing = packing;
    this.rule = rule;
    this.bits = bits;
    timed = time == null ? null : new TimedPrecisions(plan, packing, time);
  }

  /** The assigner that a recipe asks for. */
  public static PrecisionAssigner of(Plan plan, TrainingRecipe recipe) {
    return new PrecisionAssigner(
        plan, Packing.parse(recipe.patterns()), recipe.assign(), recipe.bits(), recipe.time());
  }

  /**
   * Refuses a budget that can't be met, before an hour is spent on it.
   *
   * @throws SysmolException naming the least
   */
  public void requirePossible() {
    int[][] ignored = assign(anything());
  }

  private float[][] anything() {
    float[][] anything = new float[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      anything[group.id()] = new float[group.searched() ? plan.value(group).channels() : 0];
      Arrays.fill(anything[group.id()], 4f);
    }
    return anything;
  }

  /**
   * Precisions by group id, then channel; 8 for edge groups.
   *
   * @param continuous {@code p^} by group id, then channel
   * @throws SysmolException if the budget is below what the patterns can do, naming the least
   */
  public int[][] assign(float[][] continuous) {
    int[][] precision = new int[plan.groups().size()][];
    List<InputGroup> searched = new ArrayList<>();
    for (InputGroup group : plan.groups()) {
      precision[group.id()] = new int[plan.value(group).channels()];
      Arrays.fill(precision[group.id()], EDGE_BITS);
      if (group.searched()) {
        searched.add(group);
      }
    }
    if (rule.equals("paper")) {
      VectorRegisters registers = VectorRegisters.of(packing);
      for (InputGroup group : searched) {
        paper(registers, group, continuous[group.id()], precision[group.id()]);
      }
      return precision;
    }
    List<int[]> assigned =
        timed != null
            ? timed.solve(layers(continuous)).precisions()
            : BudgetSolver.solve(problem(continuous)).layers().stream()
                .map(BudgetResult.Layer::precisions)
                .toList();
    for (int i = 0; i < searched.size(); i++) {
      precision[searched.get(i).id()] = assigned.get(i);
    }
    return precision;
  }

  private List<BudgetLayer> layers(float[][] continuous) {
    List<BudgetLayer> layers = new ArrayList<>();
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        double[] pHat = new double[continuous[group.id()].length];
        for (int c = 0; c < pHat.length; c++) {
          pHat[c] = continuous[group.id()][c];
        }
        layers.add(BudgetLayer.ofPHat(group.name(), pHat, plan.vectors(group, packing)));
      }
    }
    return layers;
  }

  private BudgetProblem problem(float[][] continuous) {
    return BudgetProblem.ofBitsPerWeight(
        layers(continuous), packing, edgeBits(), plan.weights(), bits, rule.equals("registers"));
  }

  /** The smallest budget in bits per weight that the patterns can meet; 0 for the paper's rule. */
  public double least(float[][] continuous) {
    return rule.equals("paper")
        ? 0
        : (BudgetSolver.leastBits(problem(continuous)) + 0.5) / plan.weights();
  }

  /**
   * The smallest budget of time that can be met, in milliseconds.
   *
   * @throws IllegalStateException if the budget is not one of time
   */
  public double leastMilliseconds() {
    return timed().least(layers(anything()));
  }

  /**
   * The budget of time from which on it does not bind, in milliseconds.
   *
   * @throws IllegalStateException if the budget is not one of time
   */
  public double unboundMilliseconds() {
    return timed().unbound(layers(anything()));
  }

  private TimedPrecisions timed() {
    if (timed == null) {
      throw new IllegalStateException("The budget is one of bits");
    }
    return timed;
  }

  /** The smallest budget in bits per weight whatever a search finds. */
  double least() {
    return least(anything());
  }

  /** Bits per weight with all channels at the most bits that the patterns have. */
  double most() {
    PrecisionAssigner generous = new PrecisionAssigner(plan, packing, "budget", EDGE_BITS);
    return generous.bits(generous.assign(anything())) + 0.5 / plan.weights();
  }

  private void paper(VectorRegisters registers, InputGroup group, float[] pHat, int[] precision) {
    // Depthwise channels are plain integers and fill no registers; grouped ones match within a
    // group.
    int parts = group.depthwise() ? 1 : group.channelGroups();
    int size = pHat.length / parts;
    for (int g = 0; g < parts; g++) {
      float[] part = Arrays.copyOfRange(pHat, g * size, (g + 1) * size);
      Demand demand = Demand.of(part).clampToSet(packing.set());
      int[] assigned = registers.solve(demand, plan.vectors(group, packing)).assign(part);
      System.arraycopy(assigned, 0, precision, g * size, size);
    }
  }

  /** Bits of all edge layers. */
  private long edgeBits() {
    long sum = 0;
    for (Stage.Convolution layer : plan.convolutions()) {
      if (!plan.groups().get(layer.group()).searched()) {
        sum += EDGE_BITS * layer.weights();
      }
    }
    return sum;
  }

  /**
   * The budget in bits per weight that so many registers of weights are, edge layers added.
   *
   * @param registers over all outputs and taps of searched layers
   */
  public double bitsOfRegisters(long registers) {
    return (edgeBits() + (double) packing.registerBits() * registers + 0.5) / plan.weights();
  }

  /**
   * The fewest registers of weights that the patterns can do with, by the rule {@code registers}.
   */
  public long leastRegisters() {
    return Math.ceilDiv(
        BudgetSolver.leastBits(problem(anything())) - edgeBits(), (long) packing.registerBits());
  }

  /** Bits per weight over all layers at assigned precisions. */
  public double bits(int[][] precision) {
    double sum = edgeBits();
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        sum += (double) plan.weightsPerChannel(group) * Arrays.stream(precision[group.id()]).sum();
      }
    }
    return sum / plan.weights();
  }

  /**
   * Bits per weight that the rule adds to the continuous mean. The budget's own rule ends at the
   * budget whatever it is given, so there is nothing to add; the paper's only promotes.
   */
  double promotion(float[][] continuous) {
    return rule.equals("paper") ? bits(assign(continuous)) - continuousBits(continuous) : 0;
  }

  /** What a bit of one of a group's channels costs in the search, in the units of weights. */
  double price(InputGroup group) {
    return timed != null ? timed.price(group) : plan.weightsPerChannel(group);
  }

  /**
   * What the search compares with {@link #goal}: bits per weight over all layers, or, where time is
   * budgeted, bits per channel weighted by what they cost in time.
   */
  double measure(float[][] continuous) {
    return timed != null ? timed.mean(continuous) : continuousBits(continuous);
  }

  /** What {@link #measure} is to come to by the budget. */
  double goal() {
    return timed != null ? timed.goal() : bits;
  }

  /** Bits per weight over all layers at continuous precisions, each held between 1 and 4. */
  public double continuousBits(float[][] continuous) {
    double sum = edgeBits();
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        for (float p : continuous[group.id()]) {
          sum += plan.weightsPerChannel(group) * Math.min(4.0, Math.max(1.0, p));
        }
      }
    }
    return sum / plan.weights();
  }
}
