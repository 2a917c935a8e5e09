package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Step;

/**
 * The weights of a {@link LookupConvolution}, block by block: {@code [group][step][vector][lane]}
 * of four bytes; {@code [step][vector][plane][output]} of one bit of four two-bit weights in a
 * byte, low bits before high ones; {@code [step][vector][output]} of four one-bit weights in a
 * byte, or {@code [step / 2][vector][output]} of those of two steps, the first in the low half,
 * where a row has one pixel.
 */
final class LookupWeights {
  private final LookupSegments segments;
  private final boolean onePixel;
  private final Target target;
  private final int outputs;
  private final int taps;
  private final byte[] precision;
  private final int[] codes;

  LookupWeights(Step.Convolution step, LookupPlan plan, int outputs, Target target) {
    segments = plan.segments;
    onePixel = plan.onePixel();
    this.target = target;
    this.outputs = outputs;
    taps = step.weights().taps();
    precision = step.weights().precision();
    codes = step.weights().codes();
  }

  /** The largest sum of two neighbouring products of the segment of bytes. */
  int largestPair() {
    int largest = 1;
    for (int i = 0; i < segments.byteChannels(); i++) {
      int c = segments.byteChannel(i);
      if (c < segments.channels()) {
        int digits = (1 << precision[c]) - 1;
        largest = Math.max(largest, digits * Codes.aligned(digits, precision[c]));
      }
    }
    return 2 * largest;
  }

  /** Bytes from a block's start to its two-bit weights. */
  int twosAt(int vectors) {
    int groups = Math.ceilDiv(vectors, ByteSums.VECTORS);
    return groups * ByteSums.VECTORS * byteSteps() * target.vectorBytes();
  }

  private int byteSteps() {
    return taps * segments.byteChannels() / LookupSegments.STEP;
  }

  /** Bytes from a block's start to its one-bit weights. */
  int onesAt(int vectors) {
    int perVector = 2 * taps * segments.twoSteps() * target.vectorBytes();
    return twosAt(vectors) + LookupConvolution.byteVectors(vectors) * perVector;
  }

  /** Bytes of a block of {@code vectors} of 32-bit outputs. */
  int bytes(int vectors) {
    int steps = taps * segments.oneSteps();
    int perVector = (onePixel ? Math.ceilDiv(steps, 2) : steps) * target.vectorBytes();
    return onesAt(vectors) + LookupConvolution.byteVectors(vectors) * perVector;
  }

  /** All blocks, the last narrower if {@code all} vectors are no multiple of a block's. */
  byte[] pack(int blockVectors, int all) {
    int whole = all / blockVectors;
    int tail = all % blockVectors;
    ByteBuffer to =
        ByteBuffer.allocate(whole * bytes(blockVectors) + (tail > 0 ? bytes(tail) : 0))
            .order(ByteOrder.LITTLE_ENDIAN);
    int block = blockVectors * target.lanes();
    for (int o = 0; o < outputs; o++) {
      int vectors = o / block < whole ? blockVectors : tail;
      int at = o / block * bytes(blockVectors);
      products(to, at, o, o % block);
      int lookup = o % block;
      twos(to, at + twosAt(vectors), LookupConvolution.byteVectors(vectors), o, lookup);
      ones(to, at + onesAt(vectors), LookupConvolution.byteVectors(vectors), o, lookup);
    }
    return to.array();
  }

  private void products(ByteBuffer to, int at, int o, int inBlock) {
    int vector = inBlock / target.lanes();
    int group = vector / ByteSums.VECTORS;
    int perTap = segments.byteChannels() / LookupSegments.STEP;
    for (int s = 0; s < byteSteps(); s++) {
      int index = (group * byteSteps() + s) * ByteSums.VECTORS + vector % ByteSums.VECTORS;
      int place = at + index * target.vectorBytes() + 4 * (inBlock % target.lanes());
      for (int i = 0; i < LookupSegments.STEP; i++) {
        int c = segments.byteChannel(s % perTap * LookupSegments.STEP + i);
        if (c < segments.channels()) {
          to.put(place + i, (byte) Codes.aligned(code(o, s / perTap, c), precision[c]));
        }
      }
    }
  }

  private int code(int o, int tap, int c) {
    return codes[(o * taps + tap) * segments.channels() + c];
  }

  /** Byte of a vector that holds an output, so that widening puts it into the right lane. */
  private int place(int output) {
    int inVector = output % (4 * target.lanes());
    return inVector % target.lanes() * 4 + inVector / target.lanes();
  }

  private void twos(ByteBuffer to, int at, int vectors, int o, int inBlock) {
    int vector = inBlock / (4 * target.lanes());
    for (int s = 0; s < taps * segments.twoSteps(); s++) {
      int tap = s / segments.twoSteps();
      int c = segments.twosBegin() + s % segments.twoSteps() * LookupSegments.STEP;
      for (int plane = 0; plane < 2; plane++) {
        int index = (s * vectors + vector) * 2 + plane;
        to.put(at + index * target.vectorBytes() + place(inBlock), bits(o, tap, c, plane));
      }
    }
  }

  private void ones(ByteBuffer to, int at, int vectors, int o, int inBlock) {
    int vector = inBlock / (4 * target.lanes());
    for (int s = 0; s < taps * segments.oneSteps(); s++) {
      int tap = s / segments.oneSteps();
      int c = segments.onesBegin() + s % segments.oneSteps() * LookupSegments.STEP;
      int index = (onePixel ? s / 2 : s) * vectors + vector;
      int where = at + index * target.vectorBytes() + place(inBlock);
      int shift = onePixel ? 4 * (s % 2) : 0;
      to.put(where, (byte) (to.get(where) | bits(o, tap, c, 0) << shift));
    }
  }

  /** Bit {@code plane} of four channels' weights; 1, which adds u = 0, behind the last channel. */
  private byte bits(int o, int tap, int channel, int plane) {
    int bits = 0;
    for (int i = 0; i < LookupSegments.STEP; i++) {
      int c = channel + i;
      int digits = c < segments.channels() ? Codes.digits(code(o, tap, c), precision[c]) : -1;
      bits |= ((digits >> plane) & 1) << i;
    }
    return (byte) bits;
  }

  /** What sums begin with: the constants that the tables' entries add, taken back. */
  int[] starts() {
    int[] starts = new int[outputs];
    for (int o = 0; o < outputs; o++) {
      for (int tap = 0; tap < taps; tap++) {
        for (int c = segments.twosBegin(); c < segments.channels(); c++) {
          int p = precision[c];
          int most = (1 << p) - 1;
          if (c < segments.twosEnd() || c >= segments.onesBegin()) {
            int missing = most - Codes.digits(code(o, tap, c), p);
            starts[o] -= Codes.aligned(most * missing, p);
          }
        }
      }
    }
    return starts;
  }

  /** The epilogue's parameters as bytes. */
  byte[] parameters(int[] values) {
    ByteBuffer to = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    to.asIntBuffer().put(values);
    return to.array();
  }
}
