package org.sysmol.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;

/**
 * One forward pass over the stages of a plan, in floats and differentiable, with the phase's
 * disturbance at every edge and at every stored value.
 *
 * <p>Batch normalisations are not folded here: that pass is for training. What a trained network
 * really computes is in {@link QuantisedEvaluation}.
 */
final class Walk {
  private static final double MOMENTUM = 0.1;
  private static final WalkObserver NOBODY = new WalkObserver() {};

  private final Plan plan;
  private final Parameters parameters;
  private final Map<Stage, Tensor> cellFactors = new LinkedHashMap<>();
  private final boolean[] onlyPooled;
  private final boolean bfloat16;

  /** A pass in binary32. */
  Walk(Plan plan, Parameters parameters) {
    this(plan, parameters, false);
  }

  /**
   * A pass.
   *
   * @param bfloat16 whether all convolutions but the last, whose sums are the scores, take bfloat16
   *     numbers
   */
  Walk(Plan plan, Parameters parameters, boolean bfloat16) {
    this.bfloat16 = bfloat16;
    this.plan = plan;
    this.parameters = parameters;
    onlyPooled = onlyPooled(plan);
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.AveragePool pool) {
        Value input = plan.values().get(pool.input());
        float[] factors = Cells.factors(pool, input.height(), input.width(), 1.0);
        cellFactors.put(
            pool,
            Tensors.of(factors, 1, 1, pool.window().outputHeight(), pool.window().outputWidth()));
      }
    }
  }

  /** Streams by value id that nothing but a maximum pool reads. */
  private static boolean[] onlyPooled(Plan plan) {
    boolean[] only = new boolean[plan.values().size()];
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool) {
        only[pool.input()] = true;
      }
    }
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool) {
        only[pool.output()] = false;
      } else {
        stage.streams().forEach(read -> only[read] = false);
      }
    }
    plan.groups().forEach(group -> only[group.value()] = false);
    return only;
  }

  /**
   * The results of a batch.
   *
   * @param images {@code [N, C, H, W]}
   * @param training batch normalisations use and remember the batch's own statistics
   * @return {@code [N, channels * height * width]} of the plan's result
   */
  Tensor run(Tensor images, boolean training, Disturbance disturbance) {
    return run(images, training, disturbance, NOBODY);
  }

  /** The same with somebody looking on. */
  Tensor run(Tensor images, boolean training, Disturbance disturbance, WalkObserver observer) {
    return new Pass(training, disturbance, observer).run(images);
  }

  private final class Pass {
    private final boolean training;
    private final Disturbance disturbance;
    private final WalkObserver observer;
    private final @Nullable Tensor[] values = new @Nullable Tensor[plan.values().size()];
    private final @Nullable Tensor[] inputs = new @Nullable Tensor[plan.groups().size()];

    Pass(boolean training, Disturbance disturbance, WalkObserver observer) {
      this.training = training;
      this.disturbance = disturbance;
      this.observer = observer;
    }

    Tensor run(Tensor images) {
      store(0, images);
      int layer = 0;
      for (Stage stage : plan.stages()) {
        switch (stage) {
          case Stage.Convolution c -> store(c.output(), convolution(c, layer++));
          case Stage.MaxPool p -> values[p.output()] = maximum(p);
          case Stage.AveragePool p -> store(p.output(), average(p));
          case Stage.Join j ->
              store(j.output(), Curves.clamp(value(j.left()).add(value(j.right())), j.clamp()));
          case Stage.Scale x ->
              store(x.output(), Curves.clamp(value(x.map()).mul(value(x.gate())), x.clamp()));
          case Stage.Table t -> store(t.output(), Curves.apply(t.curve(), value(t.input())));
          case Stage.Gather g ->
              store(g.output(), Gathering.gather(g, g.inputs().stream().map(this::value).toList()));
          case Stage.Rescale r ->
              store(r.output(), Curves.clamp(normalised(value(r.input()), r.norm()), r.clamp()));
        }
        observer.stage(stage, value(stage.output()));
      }
      return value(plan.result().id()).flatten(1, -1);
    }

    private Tensor value(int id) {
      return java.util.Objects.requireNonNull(values[id]);
    }

    private void store(int id, Tensor tensor) {
      Value value = plan.values().get(id);
      observer.value(value, tensor);
      boolean now = value.eightBit() && !onlyPooled[id];
      values[id] = now ? disturbance.stored(value, tensor) : tensor;
    }

    /** The largest, stored after pooling where nothing else reads the map: the same, for less. */
    private Tensor maximum(Stage.MaxPool pool) {
      Tensor largest = Tensors.maxPool(value(pool.input()), pool.window());
      return onlyPooled[pool.input()]
          ? disturbance.stored(plan.values().get(pool.input()), largest)
          : largest;
    }

    private Tensor input(int id) {
      Tensor known = inputs[id];
      if (known != null) {
        return known;
      }
      InputGroup group = plan.groups().get(id);
      Tensor tensor = Curves.clamp(normalised(value(group.value()), group.norm()), group.clamp());
      observer.input(group, tensor);
      Tensor input = disturbance.activations(group, tensor);
      inputs[id] = input;
      return input;
    }

    private Tensor convolution(Stage.Convolution c, int layer) {
      Tensor kernel = parameters.kernel(c);
      TensorOptional bias =
          c.bias() == null ? Tensors.none() : Tensors.some(parameters.get(c.bias()));
      boolean last = layer == plan.convolutions().size() - 1;
      Tensor sum =
          Convolutions.convolve(
              input(c.group()),
              disturbance.weights(layer, kernel),
              bias,
              c.window(),
              c.groups(),
              bfloat16 && !last);
      Tensor tensor = normalised(sum, c.norm());
      if (c.residual() >= 0) {
        tensor = tensor.add(value(c.residual()));
      }
      return Curves.clamp(tensor, c.clamp());
    }

    private Tensor average(Stage.AveragePool pool) {
      Tensor factors = java.util.Objects.requireNonNull(cellFactors.get(pool));
      return Tensors.sumPool(value(pool.input()), pool.window()).mul(factors);
    }

    private Tensor normalised(Tensor tensor, @Nullable NormNames norm) {
      if (norm == null) {
        return tensor;
      }
      // A single number has no variance: such a batch is normalised by what earlier ones left.
      boolean batch =
          training && !norm.fixed() && tensor.size(0) * tensor.size(2) * tensor.size(3) > 1;
      return torch.batch_norm(
          tensor,
          Tensors.some(parameters.get(norm.scale())),
          Tensors.some(parameters.get(norm.bias())),
          Tensors.some(parameters.get(norm.mean())),
          Tensors.some(parameters.get(norm.variance())),
          batch,
          MOMENTUM,
          norm.epsilon(),
          false);
    }
  }
}
