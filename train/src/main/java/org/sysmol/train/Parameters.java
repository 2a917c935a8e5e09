package org.sysmol.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;

/**
 * The constants of a network that a plan uses, as libtorch tensors under their names.
 *
 * <p>Weights, biases and batch normalisations' gamma and beta are leaves with gradients; running
 * means and variances are buffers. All live until this object is collected.
 */
final class Parameters {
  private final Network network;
  private final Map<String, Tensor> decayed = new LinkedHashMap<>();
  private final Map<String, Tensor> plain = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  Parameters(Network network, Plan plan) {
    this.network = network;
    for (Stage stage : plan.stages()) {
      switch (stage) {
        case Stage.Convolution c -> {
          leaf(decayed, c.weight());
          if (c.bias() != null) {
            leaf(plain, c.bias());
          }
          norm(c.norm());
        }
        case Stage.Rescale r -> norm(r.norm());
        case Stage.MaxPool _,
            Stage.AveragePool _,
            Stage.Join _,
            Stage.Scale _,
            Stage.Table _,
            Stage.Gather _ -> {}
      }
    }
    for (InputGroup group : plan.groups()) {
      norm(group.norm());
    }
  }

  private void norm(@Nullable NormNames norm) {
    if (norm != null) {
      leaf(plain, norm.scale());
      leaf(plain, norm.bias());
      buffers.computeIfAbsent(norm.mean(), this::tensor);
      buffers.computeIfAbsent(norm.variance(), this::tensor);
    }
  }

  private void leaf(Map<String, Tensor> kind, String name) {
    kind.computeIfAbsent(name, n -> tensor(n).set_requires_grad(true));
  }

  private Tensor tensor(String name) {
    var constant = network.requireConstant(name);
    long[] shape = new long[constant.rank()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = constant.extent(i);
    }
    return Tensors.of(constant.data(), shape);
  }

  /** The constant of that name. */
  Tensor get(String name) {
    Tensor tensor = decayed.get(name);
    if (tensor == null) {
      tensor = plain.get(name);
    }
    return Objects.requireNonNull(tensor != null ? tensor : buffers.get(name), name);
  }

  /** The weights of a convolution, {@code [out, in/groups, kernelHeight, kernelWidth]}. */
  Tensor kernel(Stage.Convolution layer) {
    return get(layer.weight())
        .view(
            layer.outputChannels(),
            layer.channelsPerOutput(),
            layer.window().kernelHeight(),
            layer.window().kernelWidth());
  }

  /** Names of everything, leaves and buffers. */
  List<String> names() {
    List<String> names = new ArrayList<>(decayed.keySet());
    names.addAll(plain.keySet());
    names.addAll(buffers.keySet());
    return names;
  }

  /** Current values by name. */
  Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (PointerScope _ = new PointerScope()) {
      names().forEach(name -> values.put(name, Tensors.floats(get(name))));
    }
    return values;
  }

  /** Sets all values; each must be there with its size. */
  void set(Map<String, float[]> values) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      for (String name : names()) {
        Tensor tensor = get(name);
        float[] value = Objects.requireNonNull(values.get(name), name);
        if (value.length != tensor.numel()) {
          throw new IllegalArgumentException(name + " has " + value.length + " values");
        }
        Tensors.put(tensor, value);
      }
    }
  }

  /** The network with the current values. */
  Network network() {
    Map<String, org.sysmol.core.network.Tensor> constants = new LinkedHashMap<>();
    values()
        .forEach(
            (name, value) ->
                constants.put(
                    name,
                    new org.sysmol.core.network.Tensor(
                        network.requireConstant(name).shape(), value)));
    return network.withConstants(constants);
  }
}
