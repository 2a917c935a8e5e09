package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;

/**
 * A network of the same shape with one precision in all searched layers, for comparison of cycles
 * and energy: its weights are drawn, so its results mean nothing.
 */
public final class UniformNetwork {
  private static final float STEP = 1 / 64f;

  private final PackedNetwork network;
  private final int bits;
  private final SplittableRandom random = new SplittableRandom(1);

  private UniformNetwork(PackedNetwork network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /**
   * The network with {@code bits} in every searched layer: 1, 2, 4, or 8 for ordinary bytes. With
   * bytes, readers of a stream that only needed it at their own precision read it directly.
   */
  public static PackedNetwork of(PackedNetwork network, int bits) {
    return new UniformNetwork(network, bits).network();
  }

  private PackedNetwork network() {
    List<PackedTensor> tensors = new ArrayList<>();
    for (PackedTensor t : network.tensors()) {
      tensors.add(
          new PackedTensor(t.name(), t.channels(), t.height(), t.width(), t.order(), encoding(t)));
    }
    int[] alias = new int[tensors.size()];
    Arrays.setAll(alias, i -> i);
    List<Step> steps = new ArrayList<>();
    for (Step step : network.steps()) {
      if (bits == 8
          && step instanceof Step.Requantise r
          && r.affine() == null
          && r.clamp().isNone()) {
        alias[r.output()] = alias[r.input()];
      } else if (bits == 8
          && step instanceof Step.Requantise r
          && r.affine() == null
          && r.clamp().nonNegative()
          && !signed(tensors.get(r.input()))) {
        alias[r.output()] = alias[r.input()];
      } else {
        steps.add(step(step, alias, tensors));
      }
    }
    return new PackedNetwork(
        network.name(),
        network.patterns(),
        network.assign(),
        tensors,
        steps,
        List.of(),
        network.preprocessing(),
        network.classNames(),
        network.provenance(),
        List.of());
  }

  private static boolean signed(PackedTensor tensor) {
    return (tensor.encoding() instanceof Encoding.Eight e && e.signed())
        || (tensor.encoding() instanceof Encoding.Mixed m && m.signed());
  }

  private Encoding encoding(PackedTensor t) {
    if (!(t.encoding() instanceof Encoding.Mixed mixed)) {
      return t.encoding();
    }
    if (bits == 8) {
      return new Encoding.Eight(STEP, mixed.signed());
    }
    byte[] precision = new byte[t.channels()];
    Arrays.fill(precision, (byte) bits);
    return new Encoding.Mixed(precision, mixed.alpha(), mixed.signed());
  }

  private Step step(Step step, int[] alias, List<PackedTensor> tensors) {
    return switch (step) {
      case Step.QuantiseImage s -> s;
      case Step.Convolution s -> convolution(s, alias, tensors);
      case Step.Requantise s ->
          new Step.Requantise(
              s.name(), alias[s.input()], s.affine(), s.clamp(), s.gather(), s.output());
      case Step.MaxPool s -> new Step.MaxPool(s.name(), alias[s.input()], s.window(), s.output());
      case Step.AveragePool s ->
          new Step.AveragePool(
              s.name(),
              alias[s.input()],
              s.window(),
              s.countPadding(),
              s.padBottom(),
              s.padRight(),
              s.factor(),
              s.output());
      case Step.Join s ->
          new Step.Join(s.name(), alias[s.input()], alias[s.right()], s.clamp(), s.output());
      case Step.Scale s ->
          new Step.Scale(s.name(), alias[s.input()], alias[s.gate()], s.clamp(), s.output());
      case Step.Table s ->
          new Step.Table(s.name(), alias[s.input()], new byte[][] {s.codes()[0]}, s.output());
      case Step.Gather s ->
          new Step.Gather(
              s.name(),
              s.inputs().stream().map(i -> alias[i]).toList(),
              s.channels(),
              s.rows(),
              s.columns(),
              s.output());
    };
  }

  private Step convolution(Step.Convolution s, int[] alias, List<PackedTensor> tensors) {
    PackedWeights old = s.weights();
    int input = alias[s.input()];
    int residual = s.residual() < 0 ? -1 : alias[s.residual()];
    PackedWeights weights = old;
    if (network.tensors().get(s.input()).encoding() instanceof Encoding.Mixed) {
      byte[] precision = new byte[old.precision().length];
      Arrays.fill(precision, (byte) bits);
      int[] codes = new int[old.codes().length];
      Arrays.setAll(codes, i -> draw());
      weights = PackedWeights.pack(old.outputs(), old.taps(), precision, old.groups(), codes);
    }
    return new Step.Convolution(
        s.name(),
        input,
        s.window(),
        s.groups(),
        weights,
        s.affine(),
        residual,
        s.clamp(),
        BoundsCalculator.of(s.name(), weights, signed(tensors.get(input))),
        s.output());
  }

  private int draw() {
    return bits == 8 ? random.nextInt(255) - 127 : Codes.oddCode(random.nextInt(1 << bits), bits);
  }
}
