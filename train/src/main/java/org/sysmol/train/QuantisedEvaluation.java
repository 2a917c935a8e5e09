package org.sysmol.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.FoldedLayer;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;

/**
 * What a trained network computes, exactly, in libtorch (docs/arithmetic.md §2 to §7): the same
 * integers and the same binary32 results as every engine.
 *
 * <p>Convolutions run on integer-valued floats, which is exact while no sum can reach {@code 2^24};
 * layers whose bound is larger run in double. Every other operation is a single binary32 operation
 * of its own, in the order of the epilogue.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class QuantisedEvaluation {
  private final Plan plan;
  private final Quantisers quantisers;
  private final List<IntegerLayer> layers = new ArrayList<>();
  private final List<Encoder> encoders = new ArrayList<>();
  private final List<RealChannels> groupInputs = new ArrayList<>();
  private final @Nullable Encoder[] valueEncoders;
  private final @Nullable Tensor[] cellFactors;
  private final @Nullable RealChannels[] rescales;
  private final @Nullable TableLayer[] tables;

  /** Folds the network; it is not read again. */
  public QuantisedEvaluation(TrainedNetwork trained) {
    Libtorch.prepare();
    try (Libtorch.Exact _ = Libtorch.exact()) {
      plan = trained.plan();
      quantisers = trained.quantisers();
      valueEncoders = new @Nullable Encoder[plan.values().size()];
      for (InputGroup group : plan.groups()) {
        Encoder encoder = Encoder.of(trained, group);
        encoders.add(encoder);
        groupInputs.add(RealChannels.of(trained.network(), group.norm(), group.clamp()));
        if (plan.value(group).kind() == Value.Kind.CODES) {
          valueEncoders[group.value()] = encoder;
        }
      }
      for (Value value : plan.values()) {
        if (value.eightBit()) {
          valueEncoders[value.id()] =
              Encoder.eightBit(quantisers.valueStep()[value.id()], value.signed());
        }
      }
      List<Stage.Convolution> convolutions = plan.convolutions();
      for (int i = 0; i < convolutions.size(); i++) {
        Stage.Convolution layer = convolutions.get(i);
        InputGroup group = plan.groups().get(layer.group());
        int[] largest = Encoder.largest(quantisers, group, layer.inputChannels());
        layers.add(new IntegerLayer(layer, FoldedLayer.of(trained, i), largest));
      }
      cellFactors = new @Nullable Tensor[plan.values().size()];
      rescales = new @Nullable RealChannels[plan.values().size()];
      tables = new @Nullable TableLayer[plan.values().size()];
      for (Stage stage : plan.stages()) {
        if (stage instanceof Stage.AveragePool pool) {
          Value input = plan.values().get(pool.input());
          float step = quantisers.valueStep()[pool.input()];
          cellFactors[pool.output()] =
              Tensors.of(
                  Cells.factors(pool, input.height(), input.width(), step),
                  1,
                  1,
                  pool.window().outputHeight(),
                  pool.window().outputWidth());
        } else if (stage instanceof Stage.Rescale r) {
          rescales[r.output()] = RealChannels.of(trained.network(), r.norm(), r.clamp());
        } else if (stage instanceof Stage.Table t) {
          tables[t.output()] = TableLayer.of(plan, quantisers, t, codesOf(t.output()));
        }
      }
    }
  }

  /** The group whose codes a value is stored as, or null. */
  private @Nullable InputGroup codesOf(int value) {
    if (plan.values().get(value).kind() != Value.Kind.CODES) {
      return null;
    }
    return plan.groups().stream().filter(g -> g.value() == value).findFirst().orElseThrow();
  }

  /**
   * All numbers of a batch, in the float network's channel order.
   *
   * @param count images in the batch
   * @param codes by value id: integer codes {@code [N, C, H, W]}, row-major; eight-bit codes of
   *     images and streams; for values stored as their consumer's codes these: 0 to {@code 2^p - 1}
   *     where unsigned, odd codes where signed; empty for binary32 results
   * @param results {@code [N, channels * height * width]} of the plan's result
   */
  public record Batch(int count, List<int[]> codes, float[] results) {}

  /**
   * Evaluates a batch.
   *
   * @param images {@code [N, C, H, W]}, normalised
   * @param count images in the batch, at least one
   */
  public Batch run(float[] images, int count) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard();
        Libtorch.Exact _ = Libtorch.exact()) {
      @Nullable Tensor[] values = walk(images, count);
      List<int[]> codes = new ArrayList<>();
      for (Value value : plan.values()) {
        codes.add(
            value.kind() == Value.Kind.REAL
                ? new int[0]
                : Tensors.ints(Objects.requireNonNull(values[value.id()])));
      }
      return new Batch(count, codes, results(values));
    }
  }

  /**
   * Evaluates a batch, results only.
   *
   * @param images {@code [N, C, H, W]}, normalised
   * @param count images in the batch, at least one
   * @return {@code [N, channels * height * width]} of the plan's result
   */
  public float[] results(float[] images, int count) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard();
        Libtorch.Exact _ = Libtorch.exact()) {
      return results(walk(images, count));
    }
  }

  /**
   * How often the largest result is that of the picture's class.
   *
   * @param images labelled pictures
   * @param preprocessing how they become the network's input
   * @return between 0 and 1
   */
  public double accuracy(ImageSet images, Preprocessing preprocessing) {
    return Accuracy.of(images, preprocessing, batch -> results(batch.images(), batch.size()));
  }

  private float[] results(@Nullable Tensor[] values) {
    return Tensors.floats(Objects.requireNonNull(values[plan.result().id()]));
  }

  private @Nullable Tensor[] walk(float[] images, int count) {
    Value image = plan.image();
    if (count < 1 || images.length != count * image.size()) {
      throw new IllegalArgumentException(
          images.length + " numbers are not " + count + " images of " + image.size());
    }
    @Nullable Tensor[] values = new @Nullable Tensor[plan.values().size()];
    @Nullable Tensor[] inputs = new @Nullable Tensor[plan.groups().size()];
    values[0] =
        encoded(0, Tensors.of(images, count, image.channels(), image.height(), image.width()));
    int layer = 0;
    for (Stage stage : plan.stages()) {
      Tensor output =
          switch (stage) {
            case Stage.Convolution c -> {
              Tensor residual = c.residual() < 0 ? null : real(values, c.residual());
              yield encoded(
                  c.output(), layers.get(layer++).run(input(values, inputs, c.group()), residual));
            }
            case Stage.MaxPool p -> {
              Tensor codes = Tensors.maxPool(value(values, p.input()), p.window());
              boolean stored = plan.values().get(p.output()).kind() != Value.Kind.REAL;
              yield stored ? codes : codes.mul(step(p.input()));
            }
            case Stage.AveragePool p -> encoded(p.output(), average(values, p));
            case Stage.Join j ->
                encoded(
                    j.output(),
                    ExactFloats.clamp(
                        real(values, j.left()).add(real(values, j.right())), j.clamp()));
            case Stage.Scale x ->
                encoded(
                    x.output(),
                    ExactFloats.clamp(
                        real(values, x.map()).mul(real(values, x.gate())), x.clamp()));
            case Stage.Table t ->
                Objects.requireNonNull(tables[t.output()]).lookUp(value(values, t.input()));
            case Stage.Gather g ->
                encoded(
                    g.output(),
                    Gathering.gather(
                        g, g.inputs().stream().map(input -> real(values, input)).toList()));
            case Stage.Rescale r ->
                encoded(
                    r.output(),
                    Objects.requireNonNull(rescales[r.output()]).apply(real(values, r.input())));
          };
      values[stage.output()] = output;
    }
    return values;
  }

  /** The codes that a group's convolutions multiply. */
  private Tensor input(@Nullable Tensor[] values, @Nullable Tensor[] inputs, int id) {
    Tensor known = inputs[id];
    if (known != null) {
      return known;
    }
    InputGroup group = plan.groups().get(id);
    Value value = plan.value(group);
    boolean asStored = value.kind() == Value.Kind.CODES || (group.direct() && !group.searched());
    Tensor codes =
        asStored
            ? value(values, value.id())
            : encoders.get(id).encode(groupInputs.get(id).apply(real(values, value.id())));
    inputs[id] = codes;
    return codes;
  }

  /** Sum of the integers, exactly, then one factor. */
  private Tensor average(@Nullable Tensor[] values, Stage.AveragePool pool) {
    Tensor codes = value(values, pool.input());
    boolean exact = 255L * pool.window().taps() < IntegerLayer.EXACT_FLOATS;
    Tensor sum =
        Tensors.sumPool(exact ? codes : codes.to(ScalarType.Double), pool.window())
            .to(ScalarType.Float);
    return sum.mul(Objects.requireNonNull(cellFactors[pool.output()]));
  }

  private Tensor encoded(int id, Tensor real) {
    Encoder encoder = valueEncoders[id];
    return encoder == null ? real : encoder.encode(real);
  }

  /** {@code (float) k * step} of an eight-bit value. */
  private Tensor real(@Nullable Tensor[] values, int id) {
    return value(values, id).mul(step(id));
  }

  private Scalar step(int id) {
    return Tensors.scalar(quantisers.valueStep()[id]);
  }

  private static Tensor value(@Nullable Tensor[] values, int id) {
    return Objects.requireNonNull(values[id]);
  }
}
