package org.sysmol.core.pattern;

import java.util.List;

/**
 * What {@link TimeSolver} found.
 *
 * @param precisions 1, 2 or 4 for each channel of each layer, in the order of the problem
 * @param picoseconds what the whole network is predicted to take: at most the budget
 * @param loss the sum over channels of {@code weightsPerChannel * sensitivity * 4^-p}
 * @param lowerBound no assignment within the budget has a smaller loss than this
 * @param optimal whether the assignment was proved to be the best, up to the rounding of sums
 */
public record TimeResult(
    List<int[]> precisions, long picoseconds, double loss, double lowerBound, boolean optimal) {
  /** Copies all. */
  public TimeResult {
    precisions = precisions.stream().map(int[]::clone).toList();
  }

  /** A copy. */
  @Override
  public List<int[]> precisions() {
    return precisions.stream().map(int[]::clone).toList();
  }
}
