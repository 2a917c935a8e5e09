package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.List;

/**
 * The budget rule's choices where registers are charged: a class for each layer, with an option for
 * each number of registers that helps.
 *
 * <p>With given registers and 4-bit lanes, more 2-bit lanes lose less, as long as all channels have
 * slots; so, as in {@link PatternSolver}, one question for each number of 4-bit lanes finds the
 * least loss that so many registers allow. Where registers span taps, or packings differ otherwise
 * from the plain one, {@link CountSearch} finds the options.
 */
final class RegisterChoices implements BudgetSolver.Choices {
  /** Channels at 4 bits, and at 4 or 2 bits, for each option of a layer. */
  private record Layer(int channels, int[] fours, int[] twosAndFours) {}

  private final List<MultipleChoiceKnapsack.Options> classes = new ArrayList<>();
  private final List<Layer> layers = new ArrayList<>();

  RegisterChoices(BudgetProblem problem, VectorRegisters registers, List<double[]> ranked) {
    for (int l = 0; l < ranked.size(); l++) {
      BudgetLayer layer = problem.layers().get(l);
      if (registers.isPlain(layer.vectors())) {
        addLayer(registers.patterns(), ranked.get(l), layer.weightsPerChannel());
      } else {
        addLayer(new CountSearch(registers, layer.vectors()), ranked.get(l));
      }
    }
  }

  private void addLayer(CountSearch search, double[] ranked) {
    List<CountSearch.Option> front = search.front(BudgetLayer.tail(ranked));
    classes.add(
        new MultipleChoiceKnapsack.Options(
            front.stream().mapToLong(CountSearch.Option::cost).toArray(),
            front.stream().mapToDouble(CountSearch.Option::loss).toArray()));
    layers.add(
        new Layer(
            ranked.length,
            front.stream().mapToInt(o -> o.counts().n4()).toArray(),
            front.stream().mapToInt(o -> o.counts().n4() + o.counts().n2()).toArray()));
  }

  private record Best(double loss, int fours, int twosAndFours) {}

  private void addLayer(PatternSolver patterns, double[] ranked, long weights) {
    int n = ranked.length;
    double[] tail = BudgetLayer.tail(ranked);
    List<Long> costs = new ArrayList<>();
    List<Best> options = new ArrayList<>();
    // With so many registers every channel has the highest precision: more cannot help.
    int last =
        switch (patterns.set().highestPrecision()) {
          case 1 -> patterns.countFor(n, 0, 0);
          case 2 -> patterns.countFor(0, n, 0);
          default -> patterns.countFor(0, 0, n);
        };
    double least = Double.POSITIVE_INFINITY;
    for (int registers = 1; registers <= last; registers++) {
      Best best = best(patterns, registers, tail, weights);
      if (best.loss < least) {
        least = best.loss;
        costs.add(Math.multiplyExact((long) Pattern.BITS * registers, weights));
        options.add(best);
      }
    }
    classes.add(
        new MultipleChoiceKnapsack.Options(
            costs.stream().mapToLong(Long::longValue).toArray(),
            options.stream().mapToDouble(Best::loss).toArray()));
    layers.add(
        new Layer(
            n,
            options.stream().mapToInt(Best::fours).toArray(),
            options.stream().mapToInt(Best::twosAndFours).toArray()));
  }

  private static Best best(PatternSolver patterns, int registers, double[] tail, long weights) {
    int n = tail.length - 1;
    Best best = new Best(Double.POSITIVE_INFINITY, 0, 0);
    int last = PatternSolver.lastLanes4(n, registers);
    for (int lanes4 = 0; lanes4 <= last; lanes4++) {
      int lanes2 = patterns.mostLanes2(registers, lanes4, n);
      if (lanes2 < 0) {
        continue;
      }
      int fours = Math.min(4 * lanes4, n);
      int twosAndFours = Math.min(4 * lanes4 + 8 * lanes2, n);
      double loss =
          BudgetSolver.loss(weights, tail[0] - tail[fours], 4)
              + BudgetSolver.loss(weights, tail[fours] - tail[twosAndFours], 2)
              + BudgetSolver.loss(weights, tail[twosAndFours], 1);
      if (loss < best.loss) {
        best = new Best(loss, fours, twosAndFours);
      }
    }
    return best;
  }

  @Override
  public List<MultipleChoiceKnapsack.Options> classes() {
    return classes;
  }

  @Override
  public long freeBits() {
    return 0;
  }

  @Override
  public List<Demand> counts(int[] choice) {
    List<Demand> counts = new ArrayList<>();
    for (int l = 0; l < choice.length; l++) {
      Layer layer = layers.get(l);
      int fours = layer.fours[choice[l]];
      int both = layer.twosAndFours[choice[l]];
      counts.add(new Demand(layer.channels - both, both - fours, fours));
    }
    return counts;
  }
}
