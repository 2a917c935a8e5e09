package org.sysmol.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Explanation;

/**
 * Convolutions and linear layers of one shape, and how fast each contestant runs them.
 *
 * @param shape as people write it, {@code 3x3 64->128 28x28 /2}: window, channels, outputs' map,
 *     stride
 * @param count layers of this shape
 * @param macs multiply-accumulates of them together
 * @param gmacs by contestant, 10^9 multiply-accumulates a second; those are missing whose layers
 *     have other names
 */
public record LayerShape(String shape, int count, long macs, Map<String, Double> gmacs) {
  /**
   * Groups the layers of a network.
   *
   * @param times of layers by contestant
   */
  static List<LayerShape> of(PackedNetwork network, Map<String, List<Bench.Layer>> times) {
    Map<String, List<Step.Convolution>> byShape = new LinkedHashMap<>();
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c) {
        byShape.computeIfAbsent(text(network, c), _ -> new ArrayList<>()).add(c);
      }
    }
    List<LayerShape> shapes = new ArrayList<>();
    byShape.forEach(
        (shape, steps) -> {
          long macs = steps.stream().mapToLong(Explanation::macs).sum();
          List<String> names = steps.stream().map(Step::name).toList();
          Map<String, Double> gmacs = new LinkedHashMap<>();
          times.forEach(
              (who, layers) -> {
                List<Bench.Layer> mine =
                    layers.stream().filter(layer -> names.contains(layer.name())).toList();
                double ms = mine.stream().mapToDouble(Bench.Layer::ms).sum();
                if (mine.size() == names.size() && ms > 0) {
                  gmacs.put(who, macs / ms / 1e6);
                }
              });
          shapes.add(new LayerShape(shape, steps.size(), macs, gmacs));
        });
    return shapes;
  }

  /** The shape of a convolution as people write it. */
  public static String text(PackedNetwork network, Step.Convolution c) {
    var w = c.window();
    String groups = c.groups() == 1 ? "" : " in " + c.groups() + " groups";
    String stride = w.strideY() == 1 && w.strideX() == 1 ? "" : " /" + w.strideX();
    return w.kernelHeight()
        + "x"
        + w.kernelWidth()
        + " "
        + network.tensors().get(c.input()).channels()
        + "->"
        + c.weights().outputs()
        + groups
        + " "
        + w.outputHeight()
        + "x"
        + w.outputWidth()
        + stride;
  }
}
