package org.sysmol.runtime.codegen;

import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;

/**
 * Where things lie in the memory of a context.
 *
 * @param places of the tensors
 * @param resultAt bytes from the first tensor to each result, in the order of the float network
 */
record ContextPlan(NetworkLayout.Places places, int[] resultAt) {
  static ContextPlan of(PackedNetwork network, NetworkLayout layout, NetworkLayout.Places places) {
    int index = network.steps().getLast().output();
    PackedTensor result = network.result();
    NativeTensor lies = layout.tensor(index);
    int[] at = new int[result.size()];
    for (int c = 0; c < result.channels(); c++) {
      for (int y = 0; y < result.height(); y++) {
        for (int x = 0; x < result.width(); x++) {
          at[(result.order()[c] * result.height() + y) * result.width() + x] =
              Math.toIntExact(places.offset()[index] + lies.at(y, x) + 4L * c);
        }
      }
    }
    return new ContextPlan(places, at);
  }
}
