package org.sysmol.train;

import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.Batch;
import org.sysmol.data.ImageSet;

/**
 * Brings a trained network to other patterns or another budget without a new search: its own {@code
 * p^} are matched anew, and channels whose precision changes are quantised anew from the kept float
 * weights. Steps are kept, or fitted anew to the new precisions, whichever loses less.
 */
public final class Retargeting {
  private Retargeting() {}

  /**
   * What came of it. Losses are means of the cross-entropy over the same training images, of the
   * exact quantised network.
   *
   * @param trained the network at its new precisions
   * @param changed channels whose precision changed
   * @param channels all searched channels
   * @param refitted whether steps were fitted anew
   * @param before loss of the network as it came
   * @param after loss after the change, without training
   * @param tuned loss after the fine-tuning; {@code after} where there was none
   * @param log epochs of the fine-tuning
   */
  public record Result(
      TrainedNetwork trained,
      int changed,
      int channels,
      boolean refitted,
      double before,
      double after,
      double tuned,
      List<EpochRecord> log) {}

  /**
   * The budget that a retargeting has unless it is told: the bits that the network has, or the
   * fewest that the patterns allow.
   *
   * @return bits per weight over all layers
   */
  public static double budget(TrainedNetwork from, String patterns, String rule) {
    Plan plan = from.plan();
    PrecisionAssigner assigner = new PrecisionAssigner(plan, Packing.parse(patterns), rule, 8.0);
    double now = assigner.bits(from.quantisers().precision());
    double most = rule.equals("registers") ? 64 : 8;
    return Math.min(most, Math.max(now, assigner.least(from.quantisers().continuous())));
  }

  /**
   * Retargets.
   *
   * @param from a trained network
   * @param images labelled training pictures
   * @param recipe its patterns, rule and budget; {@code quantisedEpochs} is the length of the
   *     fine-tuning, 0 for none
   * @param checkpoint file for the state after each epoch, or null for none
   * @throws org.sysmol.core.SysmolException if the budget can't be met
   */
  public static Result run(
      TrainedNetwork from,
      ImageSet images,
      TrainingRecipe recipe,
      @Nullable Path checkpoint,
      TrainingListener listener) {
    TrainingStages stages =
        new TrainingStages(from.network(), images, from.preprocessing(), recipe, listener);
    Plan plan = from.plan();
    Quantisers old = from.quantisers();
    int[][] precision = stages.assigner().assign(old.continuous());
    List<Batch> some = stages.some();
    double before = loss(from, some);
    TrainedNetwork kept =
        with(
            from,
            recipe,
            new Quantisers(old.valueStep(), old.alpha(), precision, old.continuous(), old.delta()));
    int changed = 0;
    int channels = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        int[] was = old.precision()[group.id()];
        channels += was.length;
        for (int c = 0; c < was.length; c++) {
          changed += was[c] == precision[group.id()][c] ? 0 : 1;
        }
      }
    }
    double after = changed == 0 ? before : loss(kept, some);
    TrainedNetwork best = kept;
    boolean refitted = false;
    if (changed > 0) {
      TrainedNetwork fitted = with(from, recipe, stages.fitted(from, precision));
      double loss = loss(fitted, some);
      if (loss < after) {
        best = fitted;
        after = loss;
        refitted = true;
      }
    }
    if (recipe.quantisedEpochs() == 0) {
      return new Result(best, changed, channels, refitted, before, after, after, List.of());
    }
    TrainingState state =
        new TrainingState(
            recipe.text()
                + " retargeted from "
                + Fingerprint.of(from.network())
                + " quantised "
                + Fingerprint.of(old)
                + " on "
                + images.digest()
                + " prepared "
                + Fingerprint.of(from.preprocessing()),
            checkpoint);
    state.resume();
    TrainedNetwork tuned = stages.tune(best, recipe.quantisedEpochs(), state);
    return new Result(
        tuned, changed, channels, refitted, before, after, loss(tuned, some), state.log());
  }

  private static TrainedNetwork with(
      TrainedNetwork t, TrainingRecipe recipe, Quantisers quantisers) {
    return new TrainedNetwork(
        t.network(),
        t.plan(),
        quantisers,
        recipe.patterns(),
        recipe.assign(),
        t.preprocessing(),
        t.classNames(),
        t.provenance().with("retargeted", "from " + t.patterns() + " to " + recipe.patterns()));
  }

  /** Mean cross-entropy of the exact quantised network. */
  private static double loss(TrainedNetwork trained, List<Batch> batches) {
    QuantisedEvaluation evaluation = new QuantisedEvaluation(trained);
    double sum = 0;
    long count = 0;
    for (Batch batch : batches) {
      float[] scores;
      try (PointerScope _ = new PointerScope()) {
        scores = evaluation.results(batch.images(), batch.size());
      }
      int classes = scores.length / batch.size();
      for (int n = 0; n < batch.size(); n++) {
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
          most = Math.max(most, scores[n * classes + c]);
        }
        double exponentials = 0;
        for (int c = 0; c < classes; c++) {
          exponentials += Math.exp(scores[n * classes + c] - most);
        }
        sum += Math.log(exponentials) + most - scores[n * classes + batch.labels()[n]];
      }
      count += batch.size();
    }
    return sum / count;
  }
}
