package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;

/**
 * Cuts a float network into integer stages (docs/arithmetic.md §7): fuses batch normalisation,
 * joins and activations into convolutions, finds streams, and forms the groups of convolutions that
 * share codes.
 *
 * <p>What it can't take is refused before anything starts, all nodes in one message.
 */
public final class PlanBuilder {
  private final Network network;
  private final Set<String> keepOut;
  private final Fusion fusion;
  private final PlanValues values;
  private final Elementwise elementwise;
  private final Rearrangements rearrangements;
  private final Pools pools;
  private final List<Stage> stages = new ArrayList<>();
  private final Map<String, InputGroup> groups = new LinkedHashMap<>();

  private PlanBuilder(Network network, Set<String> keepOut) {
    this.network = network;
    this.keepOut = keepOut;
    this.fusion = Fusion.of(network);
    this.values = new PlanValues(network, stages);
    this.elementwise = new Elementwise(network, fusion, values, stages);
    this.rearrangements = new Rearrangements(network, values);
    this.pools = new Pools(values, stages);
  }

  /**
   * The plan of a network for one picture size.
   *
   * @param network one image input, one result
   * @param channels of the picture
   * @param height rows of the picture
   * @param width columns of the picture
   * @param keepOut names of layers kept out of the search besides the first convolutions and the
   *     last layer; each must be a convolution or linear layer of the network
   */
  public static Plan build(
      Network network, int channels, int height, int width, Set<String> keepOut) {
    return new PlanBuilder(network, keepOut).build(channels, height, width);
  }

  private Plan build(int channels, int height, int width) {
    checkInterface(channels, height, width);
    List<String> refused = Refusals.of(network);
    if (!refused.isEmpty()) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + String.join("; ", refused)
              + ".");
    }
    String inputName = network.inputs().getFirst().name();
    values.image(inputName, channels, height, width);
    for (int i = 0; i < network.nodes().size(); i++) {
      Fusion.Unit unit = fusion.endingAt(i);
      if (unit != null) {
        convolution(unit);
      } else if (!fusion.absorbed(i)) {
        other(network.nodes().get(i));
      }
    }
    PlanValues.Handle result = values.handle(network.outputs().getFirst(), "the network's output");
    if (!result.plain() || stages.isEmpty() || stages.getLast().output() != result.value()) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: its result must come from its last layer.");
    }
    for (String name : keepOut) {
      if (stages.stream().noneMatch(s -> s instanceof Stage.Convolution && s.name().equals(name))) {
        throw SysmolException.badInput(
            "Network "
                + network.name()
                + " has no convolution or linear layer called "
                + name
                + " to keep out of the search.");
      }
    }
    return new Plan(
        network.name(),
        ValueKinds.decide(network.name(), values.all(), groups.values(), stages),
        List.copyOf(groups.values()),
        stages);
  }

  private void checkInterface(int channels, int height, int width) {
    if (network.inputs().size() != 1 || network.outputs().size() != 1) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " has "
              + network.inputs().size()
              + " inputs and "
              + network.outputs().size()
              + " outputs; one image input and one result can be quantised.");
    }
    int[] declared = network.inputs().getFirst().shape();
    int[] given = {-1, channels, height, width};
    boolean fits = declared.length == 4;
    for (int i = 1; fits && i < 4; i++) {
      fits = declared[i] == -1 || declared[i] == given[i];
    }
    if (!fits) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " takes input "
              + java.util.Arrays.toString(declared)
              + " but the pictures are "
              + channels
              + "x"
              + height
              + "x"
              + width
              + " (channels, rows, columns).");
    }
  }

  private void convolution(Fusion.Unit unit) {
    Node node = unit.node();
    Rearrangements.Border border =
        node.operator() instanceof Operator.Conv
            ? rearrangements.border(node.inputs().get(0))
            : null;
    PlanValues.Handle input =
        border == null
            ? values.handle(node.inputs().get(0), node.name())
            : new PlanValues.Handle(border.value(), null, Clamp.NONE, false);
    if (input.curve() != null) {
      input = new PlanValues.Handle(values.materialise(input).id(), null, Clamp.NONE, input.flat());
    }
    Value from = values.get(input.value());
    String weight = node.inputs().get(1);
    int[] shape = network.requireConstant(weight).shape();
    Window window;
    int channelGroups = 1;
    if (node.operator() instanceof Operator.Conv conv) {
      channelGroups = conv.groups();
      if (shape.length != 4 || shape[1] * channelGroups != from.channels()) {
        throw mismatch(node, shape, from);
      }
      window =
          Windows.resolve(
              node.name(),
              from.height() + (border == null ? 0 : border.top() + border.bottom()),
              from.width() + (border == null ? 0 : border.left() + border.right()),
              new int[] {shape[2], shape[3]},
              conv.strides(),
              conv.dilations(),
              conv.padding(),
              false);
      if (border != null) {
        window = window.padded(border.top(), border.left());
      }
    } else {
      boolean whole = input.flat() || (from.height() == 1 && from.width() == 1);
      if (!whole || shape.length != 2 || shape[1] != from.size()) {
        throw mismatch(node, shape, from);
      }
      window = new Window(from.height(), from.width(), 1, 1, 1, 1, 0, 0, 1, 1);
    }
    boolean last = unit.output().equals(network.outputs().getFirst());
    boolean searched = !values.ofImage(input.value()) && !last && !keepOut.contains(node.name());
    int residual =
        unit.residual() == null
            ? -1
            : values.materialise(values.handle(unit.residual(), node.name())).id();
    InputGroup group = group(node, input, searched, channelGroups, shape[0]);
    Value output =
        values.define(
            unit.output(),
            shape[0],
            window.outputHeight(),
            window.outputWidth(),
            !unit.clamp().nonNegative());
    if (residual >= 0 && !PlanValues.sameShape(values.get(residual), output)) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: the sum behind "
              + node.name()
              + " broadcasts one side.");
    }
    stages.add(
        new Stage.Convolution(
            node.name(),
            group.id(),
            from.channels(),
            shape[0],
            channelGroups,
            window,
            weight,
            unit.bias(),
            unit.norm(),
            residual,
            unit.clamp(),
            output.id()));
  }

  private SysmolException mismatch(Node node, int[] weights, Value from) {
    return SysmolException.badInput(
        "Node "
            + node.name()
            + " has weights "
            + java.util.Arrays.toString(weights)
            + " that do not fit its input of "
            + from.channels()
            + "x"
            + from.height()
            + "x"
            + from.width()
            + " (channels, rows, columns).");
  }

  private InputGroup group(
      Node node, PlanValues.Handle input, boolean searched, int channelGroups, int outputs) {
    Value from = values.get(input.value());
    // With several outputs a channel it is a grouped layer of one channel a group.
    boolean depthwise =
        channelGroups > 1 && channelGroups == from.channels() && outputs == from.channels();
    String key =
        input.value()
            + "|"
            + input.norm()
            + "|"
            + input.clamp()
            + "|"
            + searched
            + "|"
            + channelGroups
            + "|"
            + depthwise
            + "|"
            + input.flat();
    InputGroup known = groups.get(key);
    if (known != null) {
      return known;
    }
    boolean signed = input.plain() ? from.signed() : !input.clamp().nonNegative();
    InputGroup group =
        new InputGroup(
            groups.size(),
            node.name(),
            input.value(),
            input.norm(),
            input.clamp(),
            searched,
            signed,
            channelGroups,
            depthwise);
    groups.put(key, group);
    return group;
  }

  private void other(Node node) {
    String first = node.inputs().getFirst();
    switch (node.operator()) {
      case Operator.Identity _ -> {
        View view = values.pending(first);
        if (view != null) {
          values.put(node.output(), view);
        } else {
          values.put(node.output(), values.handle(first, node.name()));
        }
      }
      case Operator.Slice slice -> rearrangements.slice(node, slice);
      case Operator.Pad pad -> rearrangements.pad(node, pad);
      case Operator.Concat concat -> rearrangements.concat(node, concat);
      case Operator.Transpose transpose -> rearrangements.transpose(node, transpose);
      case Operator.Flatten _ ->
          values.put(node.output(), values.handle(first, node.name()).flat(true));
      case Operator.Reshape _ when Refusals.flattens(network, node) ->
          values.put(node.output(), values.handle(first, node.name()).flat(true));
      case Operator.Reshape _ -> {
        if (Refusals.toOneCell(network, node) || !rearrangements.reshape(node)) {
          cell(node, Refusals.toOneCell(network, node), false);
        }
      }
      case Operator.Squeeze squeeze -> {
        if (!rearrangements.squeeze(node, squeeze)) {
          cell(node, Refusals.spatial(squeeze.axes()), true);
        }
      }
      case Operator.Unsqueeze _ -> cell(node, true, false);
      case Operator.BatchNormalization bn -> {
        PlanValues.Handle h = values.handle(first, node.name());
        Value from = values.materialise(h);
        values.put(
            node.output(),
            new PlanValues.Handle(from.id(), Fusion.names(node, bn), Clamp.NONE, h.flat()));
      }
      case Operator.Relu _ -> elementwise.clamp(node, Clamp.RELU);
      case Operator.Clip clip -> elementwise.clamp(node, new Clamp(clip.min(), clip.max()));
      case Operator.MaxPool pool -> pools.maximum(node, pool);
      case Operator.GlobalMaxPool _ -> pools.globalMaximum(node);
      case Operator.AveragePool pool -> pools.average(node, pool);
      case Operator.GlobalAveragePool _ -> pools.globalAverage(node, true);
      case Operator.ReduceMean mean -> pools.globalAverage(node, mean.keepDimensions());
      case Operator.Sigmoid _,
          Operator.HardSigmoid _,
          Operator.HardSwish _,
          Operator.Tanh _,
          Operator.Erf _,
          Operator.Gelu _,
          Operator.Softplus _,
          Operator.LeakyRelu _,
          Operator.Elu _ ->
          elementwise.unary(node);
      case Operator.Add _, Operator.Sub _, Operator.Mul _, Operator.Div _ ->
          elementwise.binary(node);
      default -> throw new IllegalStateException("Refused before: " + node);
    }
  }

  /**
   * A change of dimensions that only a map of one cell goes through unchanged.
   *
   * @param known whether it only adds or drops rows and columns
   * @param flat whether it drops them
   */
  private void cell(Node node, boolean known, boolean flat) {
    PlanValues.Handle h = values.handle(node.inputs().getFirst(), node.name());
    Value value = values.get(h.value());
    if (!known || value.height() != 1 || value.width() != 1) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + node.name()
              + " ("
              + node.operator().kind()
              + ") changes the dimensions of a map in another way than flattening it or cutting its"
              + " channels into axes.");
    }
    values.put(node.output(), h.flat(flat));
  }
}
