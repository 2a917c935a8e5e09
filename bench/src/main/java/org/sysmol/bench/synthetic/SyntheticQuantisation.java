package org.sysmol.bench.synthetic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.VectorRegisters;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/** Gives an untrained network quantisers by rules of thumb and precisions by a mix. */
public final class SyntheticQuantisation {
  /** Pixels that batch-norm statistics are taken over, at least. */
  private static final int PIXELS = 224 * 224;

  private final CalibratedNetwork calibrated;
  private final Plan plan;
  private final Preprocessing preprocessing;

  private SyntheticQuantisation(
      CalibratedNetwork calibrated, Plan plan, Preprocessing preprocessing) {
    this.calibrated = calibrated;
    this.plan = plan;
    this.preprocessing = preprocessing;
  }

  /** The preprocessing that networks of 3 channels are usually trained with. */
  public static Preprocessing preprocessing(Network network) {
    int[] shape = network.inputs().getFirst().shape();
    if (shape.length != 4 || shape[1] != 3 || shape[2] < 1 || shape[3] < 1) {
      throw SysmolException.badInput(
          "Network " + network.name() + " does not take one RGB picture of a fixed size.");
    }
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] deviation = {0.229f, 0.224f, 0.225f};
    return new Preprocessing(3, shape[2], shape[3], new Resize.None(), mean, deviation);
  }

  /**
   * Calibrates a network on pseudo-real pictures.
   *
   * @param given takes RGB pictures of a fixed size
   * @param seed of the pictures
   */
  public static SyntheticQuantisation of(Network given, long seed) {
    Network network = Simplification.of(given);
    Preprocessing preprocessing = preprocessing(network);
    int pixels = preprocessing.height() * preprocessing.width();
    return of(network, seed, Math.clamp(Math.ceilDiv(PIXELS, pixels), 1, 16));
  }

  /** Calibrates a network on a number of pictures. */
  static SyntheticQuantisation of(Network network, long seed, int pictures) {
    Preprocessing preprocessing = preprocessing(network);
    Plan plan =
        PlanBuilder.build(network, 3, preprocessing.height(), preprocessing.width(), Set.of());
    return new SyntheticQuantisation(
        CalibratedNetwork.of(network, SmoothPictures.normalised(preprocessing, pictures, seed)),
        plan,
        preprocessing);
  }

  /** The float network with its statistics. */
  public Network network() {
    return calibrated.network();
  }

  /**
   * The quantised network.
   *
   * @param mix of precisions
   * @param seed of the channels that get them
   */
  public TrainedNetwork quantise(ChannelMix mix, long seed) {
    return quantise(mix, mix.spread(plan, seed), "P4", "budget", seed);
  }

  /**
   * The quantised network with each layer's channels matched to registers by the paper's rule
   * (docs/patterns.md): the fewest registers that hold the mix, then the most bits. What a set has
   * no slots for is lowered first.
   */
  public TrainedNetwork quantise(ChannelMix mix, Packing chip, long seed) {
    int[][] precision = mix.spread(plan, seed);
    VectorRegisters registers = VectorRegisters.of(chip);
    for (InputGroup group : plan.groups()) {
      if (group.searched() && !chip.set().free()) {
        precision[group.id()] = matched(group, precision[group.id()], registers);
      }
    }
    return quantise(mix, precision, chip.text(), "paper", seed);
  }

  private int[] matched(InputGroup group, int[] precision, VectorRegisters registers) {
    int[] counts = new int[5];
    float[] rank = new float[precision.length];
    for (int c = 0; c < precision.length; c++) {
      counts[precision[c]]++;
      rank[c] = precision[c];
    }
    Packing chip = registers.packing();
    Demand demand = new Demand(counts[1], counts[2], counts[4]).clampToSet(chip.set());
    return registers.solve(demand, plan.vectors(group, chip)).assign(rank);
  }

  private TrainedNetwork quantise(
      ChannelMix mix, int[][] precision, String patterns, String assign, long seed) {
    float[][] continuous = new float[precision.length][0];
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        float[] same = new float[precision[group.id()].length];
        for (int c = 0; c < same.length; c++) {
          same[c] = precision[group.id()][c];
        }
        continuous[group.id()] = same;
      }
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("training", "none: synthetic quantisers for timing");
    facts.put("mix", mix.toString());
    facts.put("seed", Long.toString(seed));
    return new TrainedNetwork(
        network(),
        plan,
        new Quantisers(valueSteps(), alpha(), precision, continuous, delta(precision)),
        patterns,
        assign,
        preprocessing,
        List.of(),
        new Provenance(facts));
  }

  private CalibratedNetwork.Range range(Value value) {
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.Rescale r && r.output() == value.id()) {
        return range(plan.values().get(r.input()), r.norm(), r.clamp(), r.name());
      }
    }
    return calibrated.range(value.name());
  }

  /** What was seen of a value behind a batch normalisation and an activation. */
  private CalibratedNetwork.Range range(
      Value value, @Nullable NormNames norm, Clamp clamp, String reader) {
    if (norm == null && clamp.isNone()) {
      return range(value);
    }
    String at = value.name();
    for (Node node : network().nodes()) {
      if (norm != null && node.name().equals(norm.node())) {
        at = node.output();
      }
    }
    if (clamp.isNone()) {
      return calibrated.range(at);
    }
    for (Node node : network().nodes()) {
      boolean same =
          switch (node.operator()) {
            case Operator.Relu _ -> clamp.equals(Clamp.RELU);
            case Operator.Clip clip -> clamp.equals(new Clamp(clip.min(), clip.max()));
            default -> false;
          };
      if (same && node.inputs().getFirst().equals(at)) {
        return calibrated.range(node.output());
      }
    }
    throw SysmolException.badInput(
        "Network "
            + plan.name()
            + " applies more than one activation before "
            + reader
            + ", which synthetic quantisation does not handle; train it instead.");
  }

  private float[] valueSteps() {
    float[] steps = new float[plan.values().size()];
    for (Value value : plan.values()) {
      if (value.eightBit()) {
        steps[value.id()] =
            Math.max(range(value).largest(), 1e-6f) / (value.signed() ? 127f : 255f);
      }
    }
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool && plan.values().get(pool.output()).eightBit()) {
        steps[pool.output()] = steps[pool.input()];
      }
      if (stage instanceof Stage.Gather gather
          && gather.inputs().size() == 1
          && plan.values().get(gather.output()).eightBit()) {
        steps[gather.output()] = steps[gather.inputs().getFirst()];
      }
    }
    return steps;
  }

  /** The root mean square of a group's input: near the least squared error at any precision. */
  private float[] alpha() {
    float[] alpha = new float[plan.groups().size()];
    for (InputGroup group : plan.groups()) {
      if (!group.direct() && !group.searched()) {
        throw SysmolException.badInput(
            "Network "
                + plan.name()
                + " applies a batch normalisation or an activation before the unsearched layer "
                + group.name()
                + ", which synthetic quantisation does not handle; train it instead.");
      }
      if (group.searched()) {
        float rms = range(plan.value(group), group.norm(), group.clamp(), group.name()).rms();
        alpha[group.id()] = Math.max(rms, 1e-6f);
      }
    }
    return alpha;
  }

  /** The Gaussian optimum of an output's weights, between those of the precisions it has. */
  private float[][] delta(int[][] precision) {
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = new float[layers.size()][0];
    for (int i = 0; i < delta.length; i++) {
      Stage.Convolution layer = layers.get(i);
      if (!plan.groups().get(layer.group()).searched()) {
        continue;
      }
      float[] weights = network().requireConstant(layer.weight()).data();
      int per = layer.weightsPerOutput();
      delta[i] = new float[layer.outputChannels()];
      for (int o = 0; o < delta[i].length; o++) {
        double squares = 0;
        for (int j = o * per; j < (o + 1) * per; j++) {
          squares += (double) weights[j] * weights[j];
        }
        int first = o / (layer.outputChannels() / layer.groups()) * layer.channelsPerOutput();
        double factor = 0;
        for (int c = 0; c < layer.channelsPerOutput(); c++) {
          int p = precision[layer.group()][first + c];
          factor += p == 1 ? 0.80 : p == 2 ? 1.00 : 1.34;
        }
        delta[i][o] =
            (float) Math.max(Math.sqrt(squares / per) * factor / layer.channelsPerOutput(), 1e-6);
      }
    }
    return delta;
  }
}
