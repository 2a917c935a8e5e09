package org.sysmol.train;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.data.Batch;

/**
 * An {@code alpha} for each input channel, folded into weights: the activations of a channel are
 * divided by their root mean square (in units of the group's) where they come about, the weights
 * that read it multiplied by it. The float network computes the same; its codes then use their
 * range alike in all channels, while {@link Quantisers#alpha} stays one number a group, as the
 * hardware wants it.
 *
 * <p>Only where it is exact: the channel must come from a batch normalisation, or from a
 * convolution's weights and bias, that nothing else reads, through no activation but a ReLU.
 */
final class Equalisation {
  /** No channel is scaled by more, nor by less than its inverse: dead ones would be all noise. */
  private static final double MOST = 16;

  private final Plan plan;
  private final Network network;
  private final Map<String, float[]> changed = new HashMap<>();
  private final Map<String, Integer> uses = new HashMap<>();

  private Equalisation(Plan plan, Network network) {
    this.plan = plan;
    this.network = network;
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.Convolution c) {
        uses.merge(c.weight(), 1, Integer::sum);
        if (c.bias() != null) {
          uses.merge(c.bias(), 1, Integer::sum);
        }
        use(c.norm());
      } else if (stage instanceof Stage.Rescale r) {
        use(r.norm());
      }
    }
    plan.groups().forEach(group -> use(group.norm()));
  }

  private void use(@Nullable NormNames norm) {
    if (norm != null) {
      uses.merge(norm.scale(), 1, Integer::sum);
      uses.merge(norm.bias(), 1, Integer::sum);
    }
  }

  /**
   * The network with its channels brought to one size.
   *
   * @param network simplified, with the plan's constants
   * @param batches normalised images on which activations are measured
   */
  static Network of(Plan plan, Network network, List<Batch> batches) {
    SampleRun run = new SampleRun(plan, network, batches);
    double[][] energy = new double[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      energy[group.id()] = new double[plan.value(group).channels()];
    }
    run.score(
        Disturbance.NONE,
        new WalkObserver() {
          @Override
          public void input(InputGroup group, Tensor tensor) {
            run.addSquares(group, tensor, energy[group.id()]);
          }
        });
    Equalisation equalisation = new Equalisation(plan, network);
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        equalisation.scale(group, factors(energy[group.id()]));
      }
    }
    return equalisation.result();
  }

  /** Root mean squares of channels in units of the group's; 1 for a channel that is always 0. */
  private static float[] factors(double[] energy) {
    double mean = Arrays.stream(energy).average().orElse(0);
    float[] factors = new float[energy.length];
    for (int c = 0; c < factors.length; c++) {
      double factor = energy[c] > 0 && mean > 0 ? Math.sqrt(energy[c] / mean) : 1;
      factors[c] = (float) Math.max(1 / MOST, Math.min(MOST, factor));
    }
    return factors;
  }

  private void scale(InputGroup group, float[] factors) {
    float[] inverse = new float[factors.length];
    for (int c = 0; c < inverse.length; c++) {
      inverse[c] = 1 / factors[c];
    }
    List<Stage.Convolution> readers = plan.readers(group);
    if (!homogeneous(group.clamp()) || readers.stream().anyMatch(c -> shared(c.weight()))) {
      return;
    }
    if (group.norm() != null) {
      if (shared(group.norm().scale()) || shared(group.norm().bias())) {
        return;
      }
      multiply(group.norm().scale(), 1, inverse);
      multiply(group.norm().bias(), 1, inverse);
    } else if (!atSource(group, inverse)) {
      return;
    }
    for (Stage.Convolution reader : readers) {
      float[] weights = values(reader.weight());
      for (int i = 0; i < weights.length; i++) {
        weights[i] *= factors[reader.inputChannel(i)];
      }
    }
  }

  /** Divides the channels where a convolution makes them, for this group alone; false if not. */
  private boolean atSource(InputGroup group, float[] inverse) {
    boolean readByOthers =
        plan.groups().stream().anyMatch(g -> g.id() != group.id() && g.value() == group.value())
            || plan.stages().stream().anyMatch(s -> s.streams().contains(group.value()));
    Stage source =
        plan.stages().stream().filter(s -> s.output() == group.value()).findFirst().orElseThrow();
    if (readByOthers
        || !(source instanceof Stage.Convolution made)
        || made.outputChannels() != inverse.length
        || made.residual() >= 0
        || !homogeneous(made.clamp())) {
      return false;
    }
    NormNames norm = made.norm();
    if (norm != null) {
      if (shared(norm.scale()) || shared(norm.bias())) {
        return false;
      }
      multiply(norm.scale(), 1, inverse);
      multiply(norm.bias(), 1, inverse);
      return true;
    }
    if (shared(made.weight()) || (made.bias() != null && shared(made.bias()))) {
      return false;
    }
    multiply(made.weight(), made.weightsPerOutput(), inverse);
    if (made.bias() != null) {
      multiply(made.bias(), 1, inverse);
    }
    return true;
  }

  /** True if scaling what goes in scales what comes out. */
  private static boolean homogeneous(Clamp clamp) {
    return clamp.isNone() || clamp.equals(Clamp.RELU);
  }

  private boolean shared(String name) {
    return Objects.requireNonNull(uses.get(name), name) > 1;
  }

  private float[] values(String name) {
    return changed.computeIfAbsent(name, n -> network.requireConstant(n).data().clone());
  }

  /** Multiplies {@code each} neighbouring numbers by the channel's factor. */
  private void multiply(String name, int each, float[] factors) {
    float[] values = values(name);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[i / each];
    }
  }

  private Network result() {
    Map<String, org.sysmol.core.network.Tensor> constants = new LinkedHashMap<>();
    changed.forEach(
        (name, values) ->
            constants.put(
                name,
                new org.sysmol.core.network.Tensor(network.requireConstant(name).shape(), values)));
    return network.withConstants(constants);
  }
}
