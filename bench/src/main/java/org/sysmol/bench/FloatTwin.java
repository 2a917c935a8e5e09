package org.sysmol.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The float network of a packed one: the same layers with the values of its weight codes, but
 * activations that are not rounded. Peers run it where there is no other float file.
 */
final class FloatTwin {
  private final PackedNetwork packed;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final String[] values;

  private FloatTwin(PackedNetwork packed) {
    this.packed = packed;
    values = new String[packed.tensors().size()];
  }

  /**
   * The twin: input {@code image}, output {@code scores}, channels in the float network's order.
   */
  static Network of(PackedNetwork packed) {
    return new FloatTwin(packed).build();
  }

  private Network build() {
    PackedTensor image = packed.image();
    for (Step step : packed.steps()) {
      switch (step) {
        case Step.QuantiseImage q -> values[q.output()] = "image";
        case Step.Convolution c -> convolution(c);
        case Step.Requantise r -> requantise(r);
        case Step.MaxPool p -> {
          Window w = p.window();
          Operator pool =
              new Operator.MaxPool(
                  kernel(w), strides(w), dilations(w), padding(w, p.input()), false);
          values[p.output()] = node(p.name(), pool, value(p.input()));
        }
        case Step.AveragePool p -> {
          Window w = p.window();
          Operator pool =
              w.outputs() == 1 && w.taps() == pixels(p.input())
                  ? new Operator.GlobalAveragePool()
                  : new Operator.AveragePool(
                      kernel(w),
                      strides(w),
                      dilations(w),
                      padding(w, p.input()),
                      false,
                      p.countPadding());
          values[p.output()] = node(p.name(), pool, value(p.input()));
        }
        case Step.Join j -> {
          String sum = node(j.name(), new Operator.Add(), value(j.input()), value(j.right()));
          values[j.output()] = clamp(j.name(), j.clamp(), sum);
        }
        case Step.Scale x -> {
          String product = node(x.name(), new Operator.Mul(), value(x.input()), value(x.gate()));
          values[x.output()] = clamp(x.name(), x.clamp(), product);
        }
        case Step.Gather g ->
            throw SysmolException.badInput(
                "Network "
                    + packed.name()
                    + " rearranges channels, rows or columns in step "
                    + g.name()
                    + ", of which no float network is made for the peers; give its float network"
                    + " with --onnx, or time it alone with --no-peers.");
        case Step.Table t ->
            throw SysmolException.badInput(
                "Network "
                    + packed.name()
                    + " stores the function "
                    + t.name()
                    + " as a table of codes, of which no float network can be made for the peers;"
                    + " give its float network with --onnx, or time it alone with --no-peers.");
      }
    }
    String result = values[packed.steps().getLast().output()];
    String scores = "scores";
    nodes.add(new Node(scores, new Operator.Flatten(1), List.of(result), List.of(scores)));
    return new Network(
        packed.name(),
        List.of(
            new Network.Input(
                "image", new int[] {-1, image.channels(), image.height(), image.width()})),
        nodes,
        List.of(scores),
        constants);
  }

  private void convolution(Step.Convolution c) {
    PackedTensor in = packed.tensors().get(c.input());
    PackedTensor out = packed.tensors().get(c.output());
    int taps = c.window().taps();
    int outputs = c.weights().outputs();
    int per = c.weights().channelsPerOutput();
    int[] aligned = c.weights().aligned();
    Tensor weights =
        Tensor.zeros(outputs, per, c.window().kernelHeight(), c.window().kernelWidth());
    Tensor bias = Tensor.zeros(outputs);
    int i = 0;
    for (int o = 0; o < outputs; o++) {
      int original = out.order()[o];
      int firstPosition = c.weights().groupOf(o) * per;
      bias.data()[original] = c.affine().offset()[o];
      for (int t = 0; t < taps; t++) {
        for (int k = 0; k < per; k++, i++) {
          // Channels stay within their group, so the order of a group is an order of its own.
          int channel = per == 1 ? 0 : in.order()[firstPosition + k] % per;
          weights.data()[(original * per + channel) * taps + t] =
              (float) (aligned[i] * (double) c.affine().scale()[o] / unit(in, firstPosition + k));
        }
      }
    }
    String weight = c.name() + ".weight";
    String offset = c.name() + ".bias";
    constants.put(offset, bias);
    Window w = c.window();
    String value = value(c.input());
    if (pixels(c.input()) == 1 && taps == 1 && c.weights().groups() == 1) {
      constants.put(weight, weights.reshaped(outputs, per));
      String flat = node(c.name() + "/flatten", new Operator.Flatten(1), value);
      value = node(c.name(), new Operator.Gemm(1f, 1f, false, true), flat, weight, offset);
    } else {
      constants.put(weight, weights);
      Operator conv =
          new Operator.Conv(strides(w), dilations(w), padding(w, c.input()), c.weights().groups());
      value = node(c.name(), conv, value, weight, offset);
    }
    if (c.residual() >= 0) {
      value = node(c.name() + "/add", new Operator.Add(), value, value(c.residual()));
    }
    values[c.output()] = clamp(c.name(), c.clamp(), value);
  }

  /** Value of one unit of the codes at a position of a tensor (docs/arithmetic.md §4). */
  private static double unit(PackedTensor in, int position) {
    return switch (in.encoding()) {
      case Encoding.Mixed m ->
          m.alpha() * Math.scalb(1.0, (m.signed() ? 1 : 2) - m.precision()[position]);
      case Encoding.Eight e -> e.step();
      case Encoding.Real _ -> throw new IllegalStateException("A layer reads the result");
    };
  }

  private void requantise(Step.Requantise r) {
    String value = value(r.input());
    Affine affine = r.affine();
    if (affine != null) {
      int channels = affine.scale().length;
      int[] order = packed.tensors().get(r.output()).order();
      Tensor[] parameters = new Tensor[4];
      for (int i = 0; i < 4; i++) {
        parameters[i] = Tensor.zeros(channels);
        constants.put(r.name() + ".norm" + i, parameters[i]);
      }
      for (int c = 0; c < channels; c++) {
        parameters[0].data()[order[c]] = affine.scale()[c];
        parameters[1].data()[order[c]] = affine.offset()[c];
        parameters[3].data()[order[c]] = 1f;
      }
      value =
          node(
              r.name() + "/norm",
              new Operator.BatchNormalization(0f, false),
              value,
              r.name() + ".norm0",
              r.name() + ".norm1",
              r.name() + ".norm2",
              r.name() + ".norm3");
    }
    values[r.output()] = clamp(r.name(), r.clamp(), value);
  }

  private String clamp(String name, Clamp clamp, String value) {
    if (clamp.isNone()) {
      return value;
    }
    Operator operator =
        clamp.equals(Clamp.RELU)
            ? new Operator.Relu()
            : new Operator.Clip(clamp.low(), clamp.high());
    return node(name + "/clamp", operator, value);
  }

  private String node(String name, Operator operator, String... inputs) {
    String output = name + "/out";
    nodes.add(new Node(name, operator, List.of(inputs), List.of(output)));
    return output;
  }

  private String value(int tensor) {
    return values[tensor];
  }

  private int pixels(int tensor) {
    PackedTensor t = packed.tensors().get(tensor);
    return t.height() * t.width();
  }

  private static int[] kernel(Window w) {
    return new int[] {w.kernelHeight(), w.kernelWidth()};
  }

  private static int[] strides(Window w) {
    return new int[] {w.strideY(), w.strideX()};
  }

  private static int[] dilations(Window w) {
    return new int[] {w.dilationY(), w.dilationX()};
  }

  private Padding padding(Window w, int input) {
    PackedTensor in = packed.tensors().get(input);
    int[] pads = {w.padTop(), w.padLeft(), w.padBottom(in.height()), w.padRight(in.width())};
    return new Padding(Padding.Mode.EXPLICIT, pads);
  }
}
