package org.sysmol.runtime.codegen;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.Step;

/**
 * After which steps the threads of a run meet, so that a later step finds what it reads.
 *
 * <p>A meeting costs microseconds, so neighbouring steps do without where a thread may be in one
 * while another still is in an earlier one: where the later step reads nothing that the earlier
 * ones write, or only rows that the same thread has written. Tensors of such steps must not share
 * memory ({@link NetworkLayout#shared}).
 *
 * @param after by step; the threads meet after the last step that they are asked to run in any case
 */
record Meetings(boolean[] after) {
  /**
   * The meetings of a network.
   *
   * @param steps in their order
   * @param layers the steps' generators
   * @param threads of a run, 1 or more
   */
  static Meetings of(List<Step> steps, List<LayerCode> layers, int threads) {
    boolean[] after = new boolean[steps.size()];
    List<Integer> sinceMeeting = new ArrayList<>();
    for (int s = 0; s < after.length; s++) {
      int step = s;
      if (sinceMeeting.stream().anyMatch(e -> waits(steps, layers, step, e, threads))) {
        after[s - 1] = true;
        sinceMeeting.clear();
      }
      sinceMeeting.add(s);
    }
    return new Meetings(after);
  }

  /** Whether a step reads what another thread may still be writing in an earlier one. */
  private static boolean waits(
      List<Step> steps, List<LayerCode> layers, int step, int earlier, int threads) {
    int written = steps.get(earlier).output();
    return steps.get(step).reads().contains(written)
        && !(layers.get(step).readsOwnRows(written)
            && layers.get(step).byRows(threads)
            && layers.get(earlier).byRows(threads));
  }

  /** For each step how many meetings are before it: equal numbers may run at the same time. */
  int[] before() {
    int[] before = new int[after.length];
    for (int s = 1; s < before.length; s++) {
      before[s] = before[s - 1] + (after[s - 1] ? 1 : 0);
    }
    return before;
  }
}
