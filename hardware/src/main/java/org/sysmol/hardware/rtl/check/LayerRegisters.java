package org.sysmol.hardware.rtl.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.Placement;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.MixedProduct;

/**
 * Registers of a real network: the weights of its layers and the codes that they meet, packed into
 * the slots that its placements say.
 *
 * <p>Of each searched convolution without channel groups: every output, every tap that is inside of
 * the map at some spread-out positions, every register. Depthwise and grouped convolutions have no
 * placement of this form and are passed over.
 */
public final class LayerRegisters {
  /**
   * One pair of registers.
   *
   * @param pattern of both
   * @param weights in two's complement in their slots, two 64-bit words
   * @param activations digits in their slots
   * @param first whether it begins a sum, one output at one position
   */
  record Pair(Pattern pattern, long[] weights, long[] activations, boolean first) {}

  private final List<Pair> pairs = new ArrayList<>();
  private final int layers;

  private LayerRegisters(PackedNetwork network, List<byte[]> codes, int limit) {
    List<Step.Convolution> steps = new ArrayList<>();
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution convolution
          && convolution.groups() == 1
          && network.tensors().get(convolution.input()).encoding() instanceof Encoding.Mixed
          && placement(network, convolution.input()) != null) {
        steps.add(convolution);
      }
    }
    layers = steps.size();
    for (Step.Convolution step : steps) {
      layer(network, step, codes.get(step.input()), Math.ceilDiv(limit, layers));
    }
  }

  /**
   * Reads a network's layers.
   *
   * @param codes of one run by tensor index, as {@link org.sysmol.core.packed.Goldens#digest} takes
   *     them
   * @param limit about how many pairs to make
   */
  public static LayerRegisters of(PackedNetwork network, List<byte[]> codes, int limit) {
    return new LayerRegisters(network, codes, limit);
  }

  /** How many layers they come from. */
  public int layers() {
    return layers;
  }

  List<Pair> pairs() {
    return pairs;
  }

  private static org.sysmol.core.packed.@Nullable Placement placement(
      PackedNetwork network, int tensor) {
    for (org.sysmol.core.packed.Placement placement : network.placements()) {
      if (placement.tensor() == tensor) {
        return placement;
      }
    }
    return null;
  }

  private void layer(PackedNetwork network, Step.Convolution step, byte[] codes, int limit) {
    var tensor = network.tensors().get(step.input());
    Encoding.Mixed encoding = (Encoding.Mixed) tensor.encoding();
    int[] counts = new int[5];
    for (byte precision : encoding.precision()) {
      counts[precision]++;
    }
    List<Pattern> registers = new ArrayList<>();
    int[] flat = Objects.requireNonNull(placement(network, step.input())).patterns();
    for (int i = 0; i < flat.length; i += 3) {
      registers.add(new Pattern(flat[i], flat[i + 1], flat[i + 2]));
    }
    SlotMap map = SlotMap.of(new Placement(registers, counts[1], counts[2], counts[4]));
    PackedWeights weights = step.weights();
    int[] weightCodes = weights.codes();
    int channels = tensor.channels();
    Window window = step.window();
    int done = 0;
    // A prime stride visits outputs and positions evenly, always in the same order.
    for (int visit = 0; done < limit && visit < weights.outputs() * window.outputs(); visit++) {
      int output = visit % weights.outputs();
      int position = (int) ((long) visit * 7919 % window.outputs());
      boolean first = true;
      for (int tap = 0; tap < weights.taps(); tap++) {
        int row =
            position / window.outputWidth() * window.strideY()
                + tap / window.kernelWidth() * window.dilationY()
                - window.padTop();
        int column =
            position % window.outputWidth() * window.strideX()
                + tap % window.kernelWidth() * window.dilationX()
                - window.padLeft();
        if (row < 0 || row >= tensor.height() || column < 0 || column >= tensor.width()) {
          continue;
        }
        int[] cell = digits(codes, (row * tensor.width() + column) * channels, encoding);
        for (int r = 0; r < map.registers(); r++, done++) {
          long[] w = new long[2];
          long[] a = new long[2];
          fill(map, r, weightCodes, (output * weights.taps() + tap) * channels, true, w);
          fill(map, r, cell, 0, false, a);
          pairs.add(new Pair(map.pattern(r), w, a, first));
          first = false;
        }
      }
    }
  }

  /** The digits of a cell's channels; signed activations are odd codes and have some too. */
  private static int[] digits(byte[] codes, int from, Encoding.Mixed encoding) {
    int[] digits = new int[encoding.precision().length];
    for (int i = 0; i < digits.length; i++) {
      int code = codes[from + i];
      digits[i] = encoding.signed() ? Codes.digits(code, encoding.precision()[i]) : code;
    }
    return digits;
  }

  /** Puts a register's channels in their slots; empty slots stay 0. */
  private static void fill(
      SlotMap map, int register, int[] codes, int from, boolean weights, long[] words) {
    int bit = 0;
    for (int slot = 0; slot < map.pattern(register).slots(); slot++) {
      int p = map.precision(register, slot);
      int position = map.position(register, slot);
      if (position != SlotMap.EMPTY) {
        int code = codes[from + position];
        long bits = weights ? MixedProduct.slot(code, p) : code;
        words[bit >> 6] |= bits << (bit & 63);
      }
      bit += p;
    }
  }
}
