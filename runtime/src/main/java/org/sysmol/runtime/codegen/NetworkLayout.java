package org.sysmol.runtime.codegen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/** Layouts of all tensors of a network and the places where they lie. */
final class NetworkLayout {
  /** Kernels may read, never use, bytes behind a tensor; everything begins at whole cache lines. */
  private static final int SLACK = 64;

  private final PackedNetwork network;
  private final NativeTensor[] tensors;

  NetworkLayout(PackedNetwork network, Target target) {
    this.network = network;
    NativeTensor.Halo[] halos = new NativeTensor.Halo[network.tensors().size()];
    Arrays.fill(halos, NativeTensor.Halo.NONE);
    for (Step step : network.steps()) {
      switch (step) {
        case Step.Convolution s ->
            halos[s.input()] = halos[s.input()].and(halo(s.input(), s.window()));
        case Step.AveragePool s ->
            halos[s.input()] = halos[s.input()].and(halo(s.input(), s.window()));
        case Step.MaxPool _,
            Step.QuantiseImage _,
            Step.Requantise _,
            Step.Join _,
            Step.Scale _,
            Step.Table _,
            Step.Gather _ -> {}
      }
    }
    tensors = new NativeTensor[halos.length];
    for (int t = 0; t < tensors.length; t++) {
      tensors[t] =
          NativeTensor.of(
              network.tensors().get(t),
              halos[t],
              target.lanes(),
              packing(t, target),
              words(t, target));
    }
  }

  /** Words of one-bit channels that lie apart, see {@link BitPlane}. */
  private int words(int tensor, Target target) {
    if (!BitPlane.serves(network, tensor, target)) {
      return 0;
    }
    byte[] precision = ((Encoding.Mixed) network.tensors().get(tensor).encoding()).precision();
    int ones = 0;
    while (ones < precision.length && precision[precision.length - 1 - ones] == 1) {
      ones++;
    }
    return BitPlane.words(ones);
  }

  /** An image that only dense convolutions read lies close together, others in whole vectors. */
  private NativeTensor.Packing packing(int tensor, Target target) {
    if (!isPackedImage(tensor)) {
      return NativeTensor.Packing.VECTORS;
    }
    if (target.tiles()) {
      return NativeTensor.Packing.FOURS;
    }
    return target.dotProduct() ? NativeTensor.Packing.BYTES : NativeTensor.Packing.WORDS;
  }

  private boolean isPackedImage(int tensor) {
    return network.steps().getFirst() instanceof Step.QuantiseImage image
        && image.output() == tensor
        && network.steps().stream()
            .filter(step -> step.reads().contains(tensor))
            .allMatch(
                step ->
                    step instanceof Step.Convolution c
                        && c.groups() == 1
                        && c.residual() != tensor);
  }

  private NativeTensor.Halo halo(int tensor, Window w) {
    PackedTensor in = network.tensors().get(tensor);
    return new NativeTensor.Halo(
        w.padTop(), w.padLeft(), w.padBottom(in.height()), w.padRight(in.width()));
  }

  NativeTensor tensor(int index) {
    return tensors[index];
  }

  int count() {
    return tensors.length;
  }

  /**
   * Places for the tensors of one context.
   *
   * @param offset by tensor, in bytes, a multiple of 64
   * @param bytes of the whole
   */
  record Places(long[] offset, long bytes) {}

  /** Each tensor has a place of its own, so that all can be read after a run. */
  Places apart() {
    long[] offset = new long[tensors.length];
    long end = 0;
    for (int t = 0; t < tensors.length; t++) {
      offset[t] = end;
      end += size(t);
    }
    return new Places(offset, end);
  }

  /** Places for steps that run one after the other. */
  Places shared() {
    return shared(IntStream.range(0, network.steps().size()).toArray());
  }

  /**
   * Tensors share memory if they are not needed at the same time; largest first, lowest fit.
   *
   * @param time of each step, ascending: steps of equal times may run at the same time
   */
  Places shared(int[] time) {
    int[] born = new int[tensors.length];
    int[] dies = new int[tensors.length];
    for (int s = 0; s < network.steps().size(); s++) {
      Step step = network.steps().get(s);
      born[step.output()] = time[s];
      dies[step.output()] = time[s];
      for (int input : step.reads()) {
        dies[input] = time[s];
      }
    }
    List<Integer> order = new ArrayList<>();
    for (int t = 0; t < tensors.length; t++) {
      order.add(t);
    }
    order.sort(Comparator.comparingLong((Integer t) -> -size(t)).thenComparing(t -> t));
    long[] offset = new long[tensors.length];
    long end = 0;
    List<Integer> placed = new ArrayList<>();
    for (int t : order) {
      long at = 0;
      boolean moved = true;
      while (moved) {
        moved = false;
        for (int other : placed) {
          boolean together = born[t] <= dies[other] && born[other] <= dies[t];
          if (together && at < offset[other] + size(other) && offset[other] < at + size(t)) {
            at = offset[other] + size(other);
            moved = true;
          }
        }
      }
      offset[t] = at;
      end = Math.max(end, at + size(t));
      placed.add(t);
    }
    return new Places(offset, end);
  }

  private long size(int tensor) {
    return (tensors[tensor].bytes() + SLACK + 63) & -64;
  }
}
