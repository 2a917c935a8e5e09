package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.Memory.mem;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;

/**
 * A convolution as dot products of bytes, weights decoded beforehand: output channels in lanes, a
 * tile of pixels in registers (output-stationary). {@link DotSums} multiplies, {@link BitCounts}
 * counts channels that are single bits.
 */
final class DotConvolution extends BlockedLayer {
  /** Vectors of outputs for a layer of one pixel, whose sums would else wait for each other. */
  private static final int VECTORS_OF_ONE_PIXEL = 8;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final DotWeights order;
  private final @Nullable BitCounts counts;
  private final Products products;
  private final int drainSteps;

  DotConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(network, layout, step, index, target);
    counts = in.words() > 0 ? new BitCounts(this, 0) : null;
    order = new DotWeights(step, in, out.channels(), vectors() * target.lanes());
    int pair = largestPair();
    products =
        target.dotProduct()
            ? Products.DOT
            : in.codeBytes() == 2
                ? Products.WORDS
                : pair <= Short.MAX_VALUE ? Products.PAIRS : Products.WIDENED;
    drainSteps = products == Products.PAIRS ? Short.MAX_VALUE / pair : Integer.MAX_VALUE;
  }

  /** The largest magnitude that two neighbouring products can add up to. */
  private int largestPair() {
    if (packedIn.encoding() instanceof Encoding.Mixed mixed) {
      int most = 1;
      for (byte p : mixed.precision()) {
        int digits = (1 << p) - 1;
        most = Math.max(most, (digits + in.zero()) * (digits << (2 * (4 - p))));
      }
      return 2 * most;
    }
    return 2 * 255 * 127;
  }

  @Override
  int vectors() {
    if (window.outputs() == 1 && out.words() == 0) {
      return Math.min(allVectors(), VECTORS_OF_ONE_PIXEL);
    }
    return Math.min(allVectors(), 2);
  }

  @Override
  int mostPixels(int vectors) {
    if (window.outputs() == 1) {
      return 1;
    }
    int others = target.wide() ? 1 : products == Products.WIDENED ? DotSums.WIDENING : 2;
    int registers = target.vectorRegisters() - others - vectors;
    return Math.min(registers / vectors, target.wide() ? 16 : 12);
  }

  @Override
  String kernel() {
    return target.cpuClass().text()
        + " "
        + products.instruction()
        + " "
        + window.kernelHeight()
        + "x"
        + window.kernelWidth()
        + (step.groups() > 1 ? " grouped" : "")
        + (in.words() > 0 ? " vpopcntd " + 32 * in.words() + " of " + in.channels() : "");
  }

  @Override
  String reason() {
    String how =
        switch (products) {
          case DOT -> "bytes by vpdpbusd, four products to an instruction and lane";
          case PAIRS ->
              "no dot product of four bytes in class "
                  + target.cpuClass().text()
                  + ": vpmaddubsw, sums widened from 16 bits every "
                  + drainSteps
                  + " steps";
          case WIDENED ->
              "eight-bit codes whose pairs of products exceed 16 bits: widened, then vpmaddwd";
          case WORDS ->
              "eight-bit codes whose pairs of products exceed 16 bits, stored as words: vpmaddwd";
        };
    if (in.words() == 0) {
      return how;
    }
    return "1-bit channels "
        + 32 * in.words()
        + " of "
        + in.channels()
        + " counted as bits by vpopcntd"
        + (in.byteChannels() > 0 ? "; the rest as " + how : "");
  }

  @Override
  Optional<String> fallback() {
    double done = 4.0 * order.allSteps();
    double needed = (double) window.taps() * step.weights().channelsPerOutput();
    if (step.groups() > 1 && done > needed) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "grouped: a block of outputs reads the channels of all its groups, so %.1f times the"
                  + " multiplications needed are done",
              done / needed));
    }
    return target.tiles() && window.outputs() > 1
        ? Optional.of(
            "by vectors instead of tiles: "
                + (step.groups() > 1 ? "it is grouped" : "its map does not fill a tile's rows"))
        : Optional.empty();
  }

  @Override
  long bitMacs() {
    return (long) window.outputs() * out.channels() * window.taps() * 32 * in.words();
  }

  /** Bytes of a step's weights. */
  int stepBytes(int vectors) {
    return vectors * target.vectorBytes() * (products == Products.WIDENED ? 2 : 1);
  }

  @Override
  int weightBytes(int vectors) {
    return order.allSteps() * stepBytes(vectors) + bitWeights(vectors);
  }

  /** Bytes of the weights that are single bits, which come first, of a block. */
  private int bitWeights(int vectors) {
    return counts == null ? 0 : counts.weightBytes(vectors);
  }

  @Override
  int parameterBytes(int vectors) {
    return super.parameterBytes(vectors) + (step.groups() > 1 ? 64 : 0);
  }

  @Override
  int scratchBytes() {
    return products == Products.PAIRS && order.allSteps() > drainSteps
        ? 16 * target.vectorBytes()
        : 0;
  }

  @Override
  void begin(Emitter e) {
    if (counts != null) {
      counts.begin(e);
    }
  }

  @Override
  void endRow(Emitter e) {
    if (counts != null) {
      counts.endRow(e);
    }
  }

  @Override
  void endTile(Emitter e, int pixels) {
    if (counts != null) {
      counts.endTile(e, pixels);
    }
  }

  @Override
  void beginBlock(Emitter e, int vectors) {
    if (counts != null) {
      counts.beginBlock(e);
    }
    if (step.groups() > 1) {
      e.a.mov(RAX, mem(RDX, super.parameterBytes(vectors)));
      e.a.add(RAX, RBP);
    } else {
      e.a.mov(RAX, RBP);
    }
  }

  @Override
  void sums(Emitter e, int pixels, int vectors) {
    new DotSums(e, this, pixels, vectors).emit();
  }

  Products products() {
    return products;
  }

  /** Steps after which sums of 16 bits must be widened. */
  int drainSteps() {
    return drainSteps;
  }

  DotWeights order() {
    return order;
  }

  /** How single bits are counted, or null where the input has none. */
  @Nullable BitCounts counts() {
    return counts;
  }

  @Override
  LayerData data() {
    int[] aligned = step.weights().aligned();
    int[] starts = starts(aligned);
    byte[] weights = weights(aligned, starts);
    return new LayerData(weights, parameters(starts));
  }

  /** {@code [block][step][vector][lane]} of four bytes, two words, or two times two words. */
  private byte[] weights(int[] aligned, int[] starts) {
    byte[] bytes = new byte[allWeightBytes()];
    int perBlock = vectors() * target.lanes();
    order.forEach(
        (output, place, from, count) -> {
          int block = output / perBlock;
          int vectors = vectorsOf(block);
          int at = block * weightBytes(vectors()) + bitWeights(vectors) + 4 * (output % perBlock);
          put(bytes, at, vectors, place, aligned, from, count);
        });
    if (counts != null) {
      counts.put(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), aligned, starts);
    }
    return bytes;
  }

  /** Neighbouring weights of the output whose first are at {@code at}. */
  private void put(
      byte[] bytes, int at, int vectors, int place, int[] aligned, int from, int count) {
    int step = stepBytes(vectors);
    int half = vectors * target.vectorBytes();
    switch (products) {
      case DOT, PAIRS -> {
        int i = 0;
        // Whole steps at once: a step of an output is far from the next.
        for (; (place & 3) == 0 && i + 4 <= count; i += 4) {
          int four =
              (aligned[from + i] & 0xFF)
                  | (aligned[from + i + 1] & 0xFF) << 8
                  | (aligned[from + i + 2] & 0xFF) << 16
                  | aligned[from + i + 3] << 24;
          INT.set(bytes, at + ((place + i) >> 2) * step, four);
        }
        for (; i < count; i++) {
          int to = place + i;
          bytes[at + (to >> 2) * step + (to & 3)] = (byte) aligned[from + i];
        }
      }
      case WORDS -> {
        for (int i = 0; i < count; i++) {
          int to = place + i;
          word(bytes, at + (to >> 1) * step + 2 * (to & 1), aligned[from + i]);
        }
      }
      case WIDENED -> {
        for (int i = 0; i < count; i++) {
          int to = place + i;
          int inStep = (to >> 1 & 1) * half + 2 * (to & 1);
          word(bytes, at + (to >> 2) * step + inStep, aligned[from + i]);
        }
      }
    }
  }

  private static void word(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >> 8);
  }

  private byte[] parameters(int[] starts) {
    int[] values = epilogue.parameters(starts, step.affine());
    if (step.groups() == 1) {
      return LayerData.bytes(values);
    }
    int perBlock = super.parameterBytes(vectors()) / 4;
    int blocks = Math.ceilDiv(values.length, perBlock);
    ByteBuffer to =
        ByteBuffer.allocate(blocks * parameterBytes(vectors())).order(ByteOrder.LITTLE_ENDIAN);
    for (int block = 0; block < blocks; block++) {
      to.position(block * parameterBytes(vectors()));
      int end = Math.min(values.length, (block + 1) * perBlock);
      for (int i = block * perBlock; i < end; i++) {
        to.putInt(values[i]);
      }
      to.putLong(order.base(block));
    }
    return to.array();
  }
}
