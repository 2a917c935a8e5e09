package org.sysmol.train;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.plan.Stage;

/** Index maps on channels, rows and columns (docs/arithmetic.md §15), differentiable. */
final class Gathering {
  private Gathering() {}

  /**
   * The cells that a stage gathers.
   *
   * @param inputs values of its inputs, {@code [N, C, H, W]} each
   */
  static Tensor gather(Stage.Gather stage, List<Tensor> inputs) {
    Tensor all =
        inputs.size() == 1
            ? inputs.getFirst()
            : torch.cat(new TensorVector(inputs.toArray(Tensor[]::new)), 1);
    return along(along(along(all, 1, stage.channels()), 2, stage.rows()), 3, stage.columns());
  }

  /** Places along one axis; -1 is a zero. */
  private static Tensor along(Tensor tensor, int axis, int[] from) {
    int size = Math.toIntExact(tensor.size(axis));
    boolean same = from.length == size;
    for (int i = 0; same && i < size; i++) {
      same = from[i] == i;
    }
    if (same) {
      return tensor;
    }
    Tensor source = tensor;
    if (Arrays.stream(from).anyMatch(i -> i < 0)) {
      long[] pads = new long[2 * (4 - axis)];
      pads[pads.length - 1] = 1;
      source = torch.constant_pad_nd(tensor, pads, Tensors.scalar(0));
    }
    long[] places = new long[from.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = from[i] < 0 ? size : from[i];
    }
    return source.index_select(axis, Tensors.of(places));
  }
}
