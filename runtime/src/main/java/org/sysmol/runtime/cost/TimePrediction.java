package org.sysmol.runtime.cost;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.LayerTime;
import org.sysmol.runtime.codegen.BitPlane;

/**
 * Predicts what a network takes on one thread before its precisions are known, as {@link
 * CostTable#nanoseconds} does once they are. What it says is never less than that, but for one
 * case: where a tensor's order of channels is another one's wish, its channels of one bit are taken
 * to fill no words.
 *
 * @param fixedPicoseconds all steps but convolutions that read tensors of mixed precision; a step
 *     that brings codes into another order where precisions differ is taken to do so always
 * @param layers by index of the tensor that they read: the convolutions together
 */
public record TimePrediction(long fixedPicoseconds, Map<Integer, LayerTime> layers) {
  /** Copies the map, keeping its order. */
  public TimePrediction {
    layers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  /**
   * Predicts.
   *
   * @param sketch the network with precisions that differ between channels wherever they may
   */
  public static TimePrediction of(PackedNetwork sketch, CostTable table) {
    long fixed = 0;
    Map<Integer, LayerTime> layers = new LinkedHashMap<>();
    for (Step step : sketch.steps()) {
      if (step instanceof Step.Convolution c
          && sketch.tensors().get(c.input()).encoding() instanceof Encoding.Mixed) {
        boolean counts =
            BitPlane.serves(sketch, c.input(), table.cpuClass())
                && isSorted(sketch.tensors().get(c.input()));
        layers.merge(c.input(), table.layerTime(sketch, c, counts), LayerTime::plus);
      } else if (step instanceof Step.Requantise r && r.reorders()) {
        fixed += CostTable.picoseconds(table.requantiseNanoseconds(sketch, r));
      } else {
        fixed += CostTable.picoseconds(table.nanoseconds(sketch, step, 0));
      }
    }
    return new TimePrediction(fixed, layers);
  }

  /** True if channels of one bit lie behind all others. */
  private static boolean isSorted(PackedTensor tensor) {
    byte[] precision = ((Encoding.Mixed) tensor.encoding()).precision();
    for (int c = 1; c < precision.length; c++) {
      if (precision[c] > precision[c - 1]) {
        return false;
      }
    }
    return true;
  }
}
