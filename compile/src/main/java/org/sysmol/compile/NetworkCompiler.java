package org.sysmol.compile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Placement;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.plan.Window;
import org.sysmol.core.trained.FoldedLayer;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/** Compiles a trained network: folds, rearranges channels, packs, bounds. */
public final class NetworkCompiler {
  private final TrainedNetwork trained;
  private final Plan plan;
  private final Quantisers quantisers;
  private final ChannelOrders orders;
  private final List<PackedTensor> tensors = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Placement> placements = new ArrayList<>();
  private final RegisterFilling registers;
  private final int[] valueTensor;
  private final int[] groupTensor;

  private NetworkCompiler(TrainedNetwork trained) {
    this.trained = trained;
    plan = trained.plan();
    quantisers = trained.quantisers();
    orders = ChannelOrders.of(plan, quantisers.precision());
    registers = new RegisterFilling(Packing.parse(trained.patterns()));
    valueTensor = new int[plan.values().size()];
    groupTensor = new int[plan.groups().size()];
    Arrays.fill(valueTensor, -1);
    Arrays.fill(groupTensor, -1);
  }

  /** The packed network of a trained one, without self-check digests. */
  public static PackedNetwork compile(TrainedNetwork trained) {
    return new NetworkCompiler(trained).compile();
  }

  private PackedNetwork compile() {
    Value image = plan.image();
    steps.add(new Step.QuantiseImage(image.name(), -1, define(image)));
    int convolution = 0;
    for (Stage stage : plan.stages()) {
      switch (stage) {
        case Stage.Convolution c -> convolution(c, convolution++);
        case Stage.MaxPool p ->
            steps.add(
                new Step.MaxPool(p.name(), tensor(p.input()), p.window(), define(p.output())));
        case Stage.AveragePool p ->
            steps.add(
                new Step.AveragePool(
                    p.name(),
                    tensor(p.input()),
                    p.window(),
                    p.countPadding(),
                    p.padBottom(),
                    p.padRight(),
                    factors(p.window(), p.input()),
                    define(p.output())));
        case Stage.Rescale r ->
            steps.add(
                new Step.Requantise(
                    r.name(),
                    tensor(r.input()),
                    affine(r.norm(), orders.ofValue(plan.values().get(r.output()))),
                    r.clamp(),
                    null,
                    define(r.output())));
        case Stage.Join j ->
            steps.add(
                new Step.Join(
                    j.name(), tensor(j.left()), tensor(j.right()), j.clamp(), define(j.output())));
        case Stage.Scale s ->
            steps.add(
                new Step.Scale(
                    s.name(), tensor(s.map()), tensor(s.gate()), s.clamp(), define(s.output())));
        case Stage.Table t -> table(t);
        case Stage.Gather g -> gather(g);
      }
    }
    return new PackedNetwork(
        plan.name(),
        trained.patterns(),
        trained.assign(),
        tensors,
        steps,
        placements,
        trained.preprocessing(),
        trained.classNames(),
        trained.provenance(),
        List.of());
  }

  private void table(Stage.Table stage) {
    Value from = plan.values().get(stage.input());
    float step = quantisers.valueStep()[from.id()];
    int input = tensor(from.id());
    int output = define(stage.output());
    byte[][] codes =
        switch (tensors.get(output).encoding()) {
          case Encoding.Mixed mixed -> {
            byte[] segments = BoundsCalculator.segments(mixed.precision());
            byte[][] tables = new byte[segments.length][];
            for (int s = 0; s < tables.length; s++) {
              tables[s] =
                  CurveTable.mixed(
                      stage.curve(),
                      step,
                      from.signed(),
                      mixed.alpha(),
                      segments[s],
                      mixed.signed());
            }
            yield tables;
          }
          case Encoding.Eight eight ->
              new byte[][] {
                CurveTable.eight(stage.curve(), step, from.signed(), eight.step(), eight.signed())
              };
          case Encoding.Real _ ->
              throw new IllegalStateException("The plan ends in table " + stage.name());
        };
    steps.add(new Step.Table(stage.name(), input, codes, output));
  }

  /** The index map between channels of the float network, as one between positions. */
  private void gather(Stage.Gather stage) {
    int channels = 0;
    List<Integer> inputs = new ArrayList<>();
    List<int[]> positions = new ArrayList<>();
    for (int input : stage.inputs()) {
      int[] order = orders.ofValue(plan.values().get(input));
      int[] position = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        position[order[i]] = channels + i;
      }
      positions.add(position);
      channels += order.length;
      inputs.add(tensor(input));
    }
    int[] places = positions.stream().flatMapToInt(Arrays::stream).toArray();
    int[] outOrder = orders.ofValue(plan.values().get(stage.output()));
    int[] from = new int[outOrder.length];
    for (int i = 0; i < from.length; i++) {
      int channel = stage.channels()[outOrder[i]];
      from[i] = channel < 0 ? -1 : places[channel];
    }
    steps.add(
        new Step.Gather(
            stage.name(), inputs, from, stage.rows(), stage.columns(), define(stage.output())));
  }

  private float[] factors(Window window, int input) {
    float[] factor = new float[window.taps()];
    for (int cells = 1; cells <= factor.length; cells++) {
      factor[cells - 1] = (float) ((double) quantisers.valueStep()[input] / cells);
    }
    return factor;
  }

  private @Nullable Affine affine(@Nullable NormNames norm, int[] order) {
    return norm == null ? null : permuted(Affine.of(norm.of(trained.network())), order);
  }

  private static Affine permuted(Affine affine, int[] order) {
    float[] scale = new float[order.length];
    float[] offset = new float[order.length];
    for (int i = 0; i < order.length; i++) {
      scale[i] = affine.scale()[order[i]];
      offset[i] = affine.offset()[order[i]];
    }
    return new Affine(scale, offset);
  }

  private void convolution(Stage.Convolution layer, int index) {
    InputGroup group = plan.groups().get(layer.group());
    int input = codesOf(group);
    FoldedLayer folded = FoldedLayer.of(trained, index);
    int[] inOrder = orders.ofGroup(group);
    int[] outOrder = orders.ofValue(plan.values().get(layer.output()));
    byte[] precision = precisions(group, inOrder);
    int[] codes = rearranged(layer, folded.codes(), inOrder, outOrder);
    PackedWeights weights =
        PackedWeights.pack(
            layer.outputChannels(), layer.window().taps(), precision, layer.groups(), codes);
    int residual = layer.residual() < 0 ? -1 : tensor(layer.residual());
    int output = define(layer.output());
    steps.add(
        new Step.Convolution(
            layer.name(),
            input,
            layer.window(),
            layer.groups(),
            weights,
            permuted(folded.affine(), outOrder),
            residual,
            layer.clamp(),
            BoundsCalculator.of(layer.name(), weights, group.signed()),
            output));
  }

  /** Weights {@code [out][in][tap]} to {@code [out position][tap][in position]}. */
  private static int[] rearranged(
      Stage.Convolution layer, int[] codes, int[] inOrder, int[] outOrder) {
    int taps = layer.window().taps();
    int channels = layer.channelsPerOutput();
    int outputsPerGroup = layer.outputChannels() / layer.groups();
    int[] moved = new int[codes.length];
    int i = 0;
    for (int o : outOrder) {
      int first = o / outputsPerGroup * channels;
      for (int t = 0; t < taps; t++) {
        for (int c = 0; c < channels; c++, i++) {
          // A depthwise layer's only channel is its own; others find theirs within their group.
          int channel = layer.depthwise() ? 0 : inOrder[first + c] - first;
          moved[i] = codes[(o * channels + channel) * taps + t];
        }
      }
    }
    return moved;
  }

  private byte[] precisions(InputGroup group, int[] order) {
    byte[] precision = new byte[order.length];
    for (int i = 0; i < order.length; i++) {
      precision[i] = (byte) quantisers.precision()[group.id()][order[i]];
    }
    return precision;
  }

  /** The tensor with a group's codes; made by a step of its own where a stream feeds it. */
  private int codesOf(InputGroup group) {
    if (ChannelOrders.isValueItself(plan, group)) {
      return tensor(group.value());
    }
    if (groupTensor[group.id()] < 0) {
      Value value = plan.value(group);
      int[] order = orders.ofGroup(group);
      int tensor =
          add(
              new PackedTensor(
                  group.name() + "/codes",
                  value.channels(),
                  value.height(),
                  value.width(),
                  order,
                  encoding(group, order)),
              group);
      groupTensor[group.id()] = tensor;
      steps.add(
          new Step.Requantise(
              group.name() + "/codes",
              tensor(value.id()),
              affine(group.norm(), order),
              group.clamp(),
              gather(orders.ofValue(value), order),
              tensor));
    }
    return groupTensor[group.id()];
  }

  private static int @Nullable [] gather(int[] from, int[] to) {
    if (Arrays.equals(from, to)) {
      return null;
    }
    int[] position = new int[from.length];
    for (int i = 0; i < from.length; i++) {
      position[from[i]] = i;
    }
    int[] gather = new int[to.length];
    for (int i = 0; i < to.length; i++) {
      gather[i] = position[to[i]];
    }
    return gather;
  }

  private Encoding encoding(InputGroup group, int[] order) {
    float alpha = quantisers.alpha()[group.id()];
    return group.searched()
        ? new Encoding.Mixed(precisions(group, order), alpha, group.signed())
        : new Encoding.Eight(alpha, group.signed());
  }

  private int tensor(int value) {
    return valueTensor[value];
  }

  private int define(int value) {
    return define(plan.values().get(value));
  }

  private int define(Value value) {
    int[] order = orders.ofValue(value);
    InputGroup reader = null;
    for (InputGroup group : plan.groups()) {
      if (value.kind() == Value.Kind.CODES && group.value() == value.id()) {
        reader = group;
      }
    }
    Encoding encoding =
        reader != null
            ? encoding(reader, order)
            : value.kind() == Value.Kind.REAL
                ? new Encoding.Real()
                : new Encoding.Eight(quantisers.valueStep()[value.id()], value.signed());
    int tensor =
        add(
            new PackedTensor(
                value.name(), value.channels(), value.height(), value.width(), order, encoding),
            reader);
    valueTensor[value.id()] = tensor;
    return tensor;
  }

  private int add(PackedTensor tensor, @Nullable InputGroup reader) {
    int index = tensors.size();
    tensors.add(tensor);
    if (reader != null && reader.searched() && !reader.depthwise()) {
      byte[] precision = ((Encoding.Mixed) tensor.encoding()).precision();
      placements.add(new Placement(index, registers.fill(precision, reader.channelGroups())));
    }
    return index;
  }
}
