package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.MixedProduct;

/**
 * The weights of a searched layer in the slots of registers: for each output and tap one register
 * for each of its channel group's activations, and what follows from them: when accumulators must
 * be drained, and what must be added where activations are signed.
 */
final class MixedWeights {
  private final PackedWeights weights;
  private final SlotMap slots;
  private final int[] codes;
  private final int registers;
  // The tap of each position where registers span taps, and else empty: a step has one.
  private final int[] spanned;

  private MixedWeights(PackedWeights weights, SlotMap slots, int[] spanned) {
    this.weights = weights;
    this.slots = slots;
    this.spanned = spanned;
    codes = weights.codes();
    registers = slots.registers();
  }

  /** Weights whose registers keep to one tap. */
  static MixedWeights of(PackedWeights weights, SlotMap slots) {
    return new MixedWeights(weights, slots, new int[0]);
  }

  /**
   * Weights whose registers span taps: an output is one vector of all taps, by precision, then by
   * tap, then by channel ({@link SpannedWindow}).
   *
   * @param slots of that vector
   */
  static MixedWeights spanned(PackedWeights weights, SlotMap slots) {
    int channels = weights.channelsPerOutput();
    int taps = weights.taps();
    int vector = taps * channels;
    int[] order = new int[vector];
    byte[] precision = new byte[vector];
    int[] tap = new int[vector];
    int at = 0;
    for (int first = 0; first < channels; ) {
      byte p = weights.precision()[first];
      int end = first;
      while (end < channels && weights.precision()[end] == p) {
        end++;
      }
      for (int t = 0; t < taps; t++) {
        for (int c = first; c < end; c++, at++) {
          order[at] = t * channels + c;
          precision[at] = p;
          tap[at] = t;
        }
      }
      first = end;
    }
    int[] from = weights.codes();
    int[] codes = new int[from.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = from[i / vector * vector + order[i % vector]];
    }
    return new MixedWeights(
        PackedWeights.pack(weights.outputs(), 1, precision, 1, codes), slots, tap);
  }

  /** Registers of one tap. */
  int registers() {
    return registers;
  }

  /** Registers of one output: a multiply for each. */
  int steps() {
    return weights.taps() * registers;
  }

  /** The code in a slot of register {@code step} of an output; 0 where the slot is empty. */
  private int code(int output, int step, int slot) {
    int position = slots.position(step % registers, slot);
    int perOutput = weights.channelsPerOutput();
    return position == SlotMap.EMPTY
        ? 0
        : codes[(output * weights.taps() + step / registers) * perOutput + position];
  }

  /**
   * Puts the registers of these groups of four outputs into memory: by register of groups, step,
   * output, segment.
   *
   * @param segments groups that a register holds one output of each of
   */
  int constants(Memory memory, int[] firstOutputs, int segments) {
    Constants buffer = Memory.buffer(firstOutputs.length * steps() * 64);
    for (int from = 0; from < firstOutputs.length; from += segments) {
      for (int step = 0; step < steps(); step++) {
        for (int k = 0; k < 4 * segments; k++) {
          int first = firstOutputs[from + k % segments];
          int output = Math.min(first + k / segments, weights.outputs() - 1);
          long[] words = register(output, step);
          buffer.putLong(words[0]).putLong(words[1]);
        }
      }
    }
    return memory.constant(buffer.bytes());
  }

  private long[] register(int output, int step) {
    long[] words = new long[2];
    Pattern pattern = slots.pattern(step % registers);
    int bit = 0;
    for (int slot = 0; slot < pattern.slots(); slot++) {
      int p = slots.precision(step % registers, slot);
      int code = code(output, step, slot);
      // An empty slot is 0 as its activation is.
      long s = code == 0 ? 0 : MixedProduct.slot(code, p);
      words[bit >> 6] |= s << (bit & 63);
      bit += p;
    }
    return words;
  }

  /**
   * The steps before which accumulators are drained, so that no lane of any output can overflow,
   * whatever the activations (docs/isa.md, "Accumulators").
   */
  List<Integer> drains() {
    List<Integer> drains = new ArrayList<>();
    int lanes = weights.outputs() * Pattern.LANES;
    int[] up = new int[lanes];
    int[] down = new int[lanes];
    for (int step = 0; step < steps(); step++) {
      int[] nextUp = up.clone();
      int[] nextDown = down.clone();
      add(step, nextUp, nextDown);
      if (fits(nextUp, nextDown)) {
        up = nextUp;
        down = nextDown;
      } else {
        drains.add(step);
        up = new int[lanes];
        down = new int[lanes];
        add(step, up, down);
      }
    }
    return drains;
  }

  private static boolean fits(int[] up, int[] down) {
    for (int i = 0; i < up.length; i++) {
      if (up[i] > Short.MAX_VALUE || down[i] > -Short.MIN_VALUE) {
        return false;
      }
    }
    return true;
  }

  private void add(int step, int[] up, int[] down) {
    Pattern pattern = slots.pattern(step % registers);
    for (int o = 0; o < weights.outputs(); o++) {
      int slot = 0;
      for (int lane = 0; lane < Pattern.LANES; lane++) {
        LaneMode mode = LaneMode.of(pattern, lane);
        int p = mode.precision();
        int largest = ((1 << p) - 1) << (2 * (4 - p));
        for (int k = 0; k < mode.slots(); k++, slot++) {
          int code = code(o, step, slot);
          int at = o * Pattern.LANES + lane;
          if (code > 0) {
            up[at] += code * largest;
          } else {
            down[at] -= code * largest;
          }
        }
      }
    }
  }

  /**
   * What must be added to twice the sum of an output where activations are signed, odd codes {@code
   * 2u - (2^p - 1)} of digits {@code u}. Digits of empty slots and outside of the map are 0.
   *
   * @param inside for each tap whether it is inside the map
   */
  int correction(int output, boolean[] inside) {
    int sum = 0;
    for (int step = 0; step < steps(); step++) {
      Pattern pattern = slots.pattern(step % registers);
      for (int slot = 0; slot < pattern.slots(); slot++) {
        int code = code(output, step, slot);
        int p = slots.precision(step % registers, slot);
        int ones = (1 << p) - 1;
        if (code != 0 && inside[tap(step, slot)]) {
          sum += (code * ones) << (2 * (4 - p));
        }
      }
    }
    return -sum;
  }

  private int tap(int step, int slot) {
    return spanned.length == 0 ? step / registers : spanned[slots.position(step % registers, slot)];
  }

  /** Number of outputs. */
  int outputs() {
    return weights.outputs();
  }
}
