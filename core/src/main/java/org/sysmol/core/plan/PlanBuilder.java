package org.sysmol.core.plan;

import java.util.ArrayList;
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
import org.sysmol.core.network.Padding;

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
  private final Map<String, Handle> handles = new LinkedHashMap<>();
  private final List<Value> values = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private final Map<String, InputGroup> groups = new LinkedHashMap<>();
  private final Map<Handle, Integer> streams = new LinkedHashMap<>();

  /** A value seen through a batch normalisation and an activation that its readers apply. */
  private record Handle(int value, @Nullable NormNames norm, Clamp clamp, boolean flat) {
    boolean plain() {
      return norm == null && clamp.isNone();
    }
  }

  private PlanBuilder(Network network, Set<String> keepOut) {
    this.network = network;
    this.keepOut = keepOut;
    this.fusion = Fusion.of(network);
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
    values.add(new Value(0, inputName, channels, height, width, Value.Kind.IMAGE, true));
    handles.put(inputName, new Handle(0, null, Clamp.NONE, false));
    for (int i = 0; i < network.nodes().size(); i++) {
      Fusion.Unit unit = fusion.endingAt(i);
      if (unit != null) {
        convolution(unit);
      } else if (!fusion.absorbed(i)) {
        other(network.nodes().get(i));
      }
    }
    Handle result = handle(network.outputs().getFirst(), "the network's output");
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
        ValueKinds.decide(network.name(), values, groups.values(), stages),
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

  private Handle handle(String name, String reader) {
    Handle handle = handles.get(name);
    if (handle == null) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + reader
              + " reads "
              + name
              + ", which is not a map computed from the picture.");
    }
    return handle;
  }

  private void convolution(Fusion.Unit unit) {
    Node node = unit.node();
    Handle input = handle(node.inputs().get(0), node.name());
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
              from.height(),
              from.width(),
              new int[] {shape[2], shape[3]},
              conv.strides(),
              conv.dilations(),
              conv.padding(),
              false);
    } else {
      boolean whole = input.flat() || (from.height() == 1 && from.width() == 1);
      if (!whole || shape.length != 2 || shape[1] != from.size()) {
        throw mismatch(node, shape, from);
      }
      window = new Window(from.height(), from.width(), 1, 1, 1, 1, 0, 0, 1, 1);
    }
    boolean last = unit.output().equals(network.outputs().getFirst());
    boolean searched = input.value() != 0 && !last && !keepOut.contains(node.name());
    int residual =
        unit.residual() == null ? -1 : materialise(handle(unit.residual(), node.name())).id();
    InputGroup group = group(node, input, searched, channelGroups, shape[0]);
    Value output =
        define(
            unit.output(),
            shape[0],
            window.outputHeight(),
            window.outputWidth(),
            !unit.clamp().nonNegative());
    if (residual >= 0 && !sameShape(values.get(residual), output)) {
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
      Node node, Handle input, boolean searched, int channelGroups, int outputs) {
    Value from = values.get(input.value());
    boolean depthwise = channelGroups > 1 && channelGroups == from.channels();
    if (depthwise && outputs != from.channels() && searched) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: depthwise layer "
              + node.name()
              + " has a channel multiplier; keep it out of the search.");
    }
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
      case Operator.Identity _ -> handles.put(node.output(), handle(first, node.name()));
      case Operator.Flatten _, Operator.Reshape _ -> {
        Handle h = handle(first, node.name());
        handles.put(node.output(), new Handle(h.value(), h.norm(), h.clamp(), true));
      }
      case Operator.BatchNormalization bn -> {
        Value from = materialise(handle(first, node.name()));
        handles.put(
            node.output(), new Handle(from.id(), Fusion.names(node, bn), Clamp.NONE, false));
      }
      case Operator.Relu _ -> clamp(node, Clamp.RELU);
      case Operator.Clip clip -> clamp(node, new Clamp(clip.min(), clip.max()));
      case Operator.MaxPool pool -> {
        Value from = materialise(handle(first, node.name()));
        Window window =
            Windows.resolve(
                node.name(),
                from.height(),
                from.width(),
                pool.kernel(),
                pool.strides(),
                pool.dilations(),
                pool.padding(),
                pool.ceil());
        Value output = pooled(node, from, window);
        stages.add(new Stage.MaxPool(node.name(), from.id(), window, output.id()));
      }
      case Operator.AveragePool pool -> average(node, pool);
      case Operator.GlobalAveragePool _ -> {
        Value from = values.get(handle(first, node.name()).value());
        int[] whole = {from.height(), from.width()};
        int[] one = {1, 1};
        average(node, new Operator.AveragePool(whole, one, one, Padding.none(2), false, false));
      }
      case Operator.Add _ -> {
        Value left = materialise(handle(first, node.name()));
        Value right = materialise(handle(node.inputs().get(1), node.name()));
        Clamp clamp = fusion.clampBehind(node);
        if (!sameShape(left, right)) {
          throw SysmolException.badInput(
              "Network "
                  + network.name()
                  + " cannot be quantised: "
                  + node.name()
                  + " broadcasts one side.");
        }
        Value output =
            define(
                fusion.outputBehind(node),
                left.channels(),
                left.height(),
                left.width(),
                !clamp.nonNegative());
        stages.add(new Stage.Join(node.name(), left.id(), right.id(), clamp, output.id()));
      }
      default -> throw new IllegalStateException("Refused before: " + node);
    }
  }

  private void clamp(Node node, Clamp clamp) {
    Handle h = handle(node.inputs().getFirst(), node.name());
    if (!h.clamp().isNone()) {
      h = new Handle(materialise(h).id(), null, Clamp.NONE, h.flat());
    }
    handles.put(node.output(), new Handle(h.value(), h.norm(), clamp, h.flat()));
  }

  private void average(Node node, Operator.AveragePool pool) {
    Value from = materialise(handle(node.inputs().getFirst(), node.name()));
    Window window =
        Windows.resolve(
            node.name(),
            from.height(),
            from.width(),
            pool.kernel(),
            pool.strides(),
            pool.dilations(),
            pool.padding(),
            pool.ceil());
    int[] y = pool.padding().resolve(0, 2, from.height(), pool.kernel()[0], pool.strides()[0], 1);
    int[] x = pool.padding().resolve(1, 2, from.width(), pool.kernel()[1], pool.strides()[1], 1);
    Value output = pooled(node, from, window);
    stages.add(
        new Stage.AveragePool(
            node.name(), from.id(), window, pool.countIncludePad(), y[1], x[1], output.id()));
  }

  private Value pooled(Node node, Value from, Window window) {
    if (window.padTop() >= window.kernelHeight()
        || window.padLeft() >= window.kernelWidth()
        || window.padBottom(from.height()) >= window.kernelHeight()
        || window.padRight(from.width()) >= window.kernelWidth()) {
      throw SysmolException.badInput(
          "Node "
              + node.name()
              + " pads its map by a whole window, so that some windows hold no cell;"
              + " pad by less than the kernel.");
    }
    return define(
        node.output(), from.channels(), window.outputHeight(), window.outputWidth(), from.signed());
  }

  /**
   * The value itself, or a rescaled stream where a batch normalisation or activation is pending.
   */
  private Value materialise(Handle handle) {
    if (handle.plain()) {
      return values.get(handle.value());
    }
    Value from = values.get(handle.value());
    Integer known = streams.get(handle);
    if (known != null) {
      return values.get(known);
    }
    String name =
        from.name() + "/" + (handle.norm() == null ? "clamp" : handle.norm().node()) + "/stream";
    // The same value may be read through several activations.
    int number = 2;
    for (String base = name; handles.containsKey(name); number++) {
      name = base + number;
    }
    Value output =
        define(name, from.channels(), from.height(), from.width(), !handle.clamp().nonNegative());
    streams.put(handle, output.id());
    stages.add(new Stage.Rescale(name, from.id(), handle.norm(), handle.clamp(), output.id()));
    return output;
  }

  private Value define(String name, int channels, int height, int width, boolean signed) {
    Value value =
        new Value(values.size(), name, channels, height, width, Value.Kind.STREAM, signed);
    values.add(value);
    handles.put(name, new Handle(value.id(), null, Clamp.NONE, false));
    return value;
  }

  private static boolean sameShape(Value a, Value b) {
    return a.channels() == b.channels() && a.height() == b.height() && a.width() == b.width();
  }
}
