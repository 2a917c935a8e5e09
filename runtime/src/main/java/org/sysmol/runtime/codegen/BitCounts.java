package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The one-bit channels of a convolution that lie in its input's second plane: their bits are
 * compared with those of the weights, 32 channels to a word, and counted by {@code vpopcntd}.
 */
final class BitCounts {
  // On the stack: where the tile's, and the first row's, input begins in the second plane.
  private static final int TILE_BITS = 0;
  private static final int FIRST_BITS = 8;

  private static final int UNROLL = 4;

  /** The product of a one-bit code and weight is 0, or this, or less than 0 by as much. */
  private static final int PRODUCT = 64;

  private final ConvolutionCode layer;
  private final int shift;
  private final NativeTensor in;
  private final Window window;
  private final Target target;

  /**
   * Counts for a layer that reads such a tensor.
   *
   * @param shift sums are to be the true ones shifted left by so much, as are their beginnings
   */
  BitCounts(ConvolutionCode layer, int shift) {
    this.layer = layer;
    this.shift = shift;
    in = layer.in;
    window = layer.window;
    target = layer.target;
  }

  /** Bytes of weights, which come first, of a block of {@code vectors}. */
  int weightBytes(int vectors) {
    return window.taps() * in.words() * vectors * target.vectorBytes();
  }

  /** Before all blocks. */
  void begin(Emitter e) {
    e.fromTable(R11, Table.tensor(layer.step.input()));
    e.a.add(R11, mem(RDI, e.table.part(layer.index, Part.Entry.INPUT_BITS)));
    e.a.mov(mem(RSP, FIRST_BITS), R11);
  }

  /** Before a block of outputs. */
  void beginBlock(Emitter e) {
    e.a.mov(R11, mem(RSP, FIRST_BITS));
    e.a.mov(mem(RSP, TILE_BITS), R11);
  }

  /** After a tile: on to the next of the row. */
  void endTile(Emitter e, int pixels) {
    e.a.add(mem(RSP, TILE_BITS).ofQword(), pixels * window.strideX() * in.bitPitch());
  }

  /** After a row: on to the next. */
  void endRow(Emitter e) {
    int rest =
        (window.strideY() * in.columns() - window.outputWidth() * window.strideX()) * in.bitPitch();
    if (rest != 0) {
      e.a.add(mem(RSP, TILE_BITS).ofQword(), rest);
    }
  }

  /** On to the rows behind those that all blocks have done. */
  void nextRows(Emitter e, int rows) {
    e.a.add(mem(RSP, FIRST_BITS).ofQword(), rows * window.strideY() * in.columns() * in.bitPitch());
  }

  /**
   * One-bit channels: a product of u in 0..1 and w = +-1 with sign bit b sums up to the number of
   * bits b less that of u ^ b, and the first of these is part of what a sum begins with.
   */
  void sums(Emitter e, int pixels, int vectors) {
    int sums = pixels * vectors;
    for (int i = 0; i < sums; i++) {
      e.a.zero(target.vector(i));
    }
    boolean touching = window.dilationX() == 1;
    int run = (touching ? window.kernelWidth() : 1) * in.words();
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < (touching ? 1 : window.kernelWidth()); kx++) {
        e.a.mov(R11, mem(RSP, TILE_BITS));
        int at = (ky * window.dilationY() * in.columns() + kx * window.dilationX()) * in.bitPitch();
        if (at != 0) {
          e.a.add(R11, at);
        }
        counts(e, run, pixels, vectors);
      }
    }
    for (int i = 0; i < sums; i++) {
      VectorRegister sum = target.vector(i);
      e.a.vpslld(sum, sum, 6 + shift);
      e.a.load(target.vector(sums), layer.start(e, i % vectors));
      e.a.vpsubd(sum, target.vector(sums), sum);
    }
  }

  private void counts(Emitter e, int words, int pixels, int vectors) {
    int bytes = vectors * target.vectorBytes();
    int rounds = words > UNROLL ? words / UNROLL : 0;
    if (rounds > 0) {
      e.a.mov(R14, rounds);
      Label loop = e.a.here("words");
      for (int s = 0; s < UNROLL; s++) {
        count(e, s, pixels, vectors);
      }
      e.a.add(R11, 4 * UNROLL);
      e.a.add(R13, UNROLL * bytes);
      e.a.dec(R14);
      e.a.jne(loop);
    }
    int rest = words - rounds * UNROLL;
    for (int s = 0; s < rest; s++) {
      count(e, s, pixels, vectors);
    }
    if (rest > 0) {
      e.a.add(R13, rest * bytes);
    }
  }

  private void count(Emitter e, int s, int pixels, int vectors) {
    int sums = pixels * vectors;
    int bytes = vectors * target.vectorBytes();
    for (int v = 0; v < vectors; v++) {
      e.a.load(target.vector(sums + v), mem(R13, s * bytes + v * target.vectorBytes()));
    }
    for (int t = 0; t < pixels; t++) {
      Memory word = mem(R11, 4 * s + t * window.strideX() * in.bitPitch());
      for (int v = 0; v < vectors; v++) {
        VectorRegister sum = target.vector(t * vectors + v);
        VectorRegister different = target.vector(sums + vectors);
        e.a.vpxord(different, target.vector(sums + v), word.broadcast());
        e.a.vpopcntd(different, different);
        e.a.vpaddd(sum, sum, different);
      }
    }
  }

  /**
   * Writes the bits of one-bit weights, and adds what they contribute to the sums' beginnings, not
   * shifted.
   *
   * @param to the layer's weights
   * @param aligned as {@link org.sysmol.core.packed.PackedWeights#aligned}
   * @param starts by output
   */
  void put(ByteBuffer to, int[] aligned, int[] starts) {
    int perBlock = layer.vectors() * target.lanes();
    for (int o = 0; o < starts.length; o++) {
      int block = o / perBlock;
      int vectors = layer.vectorsOf(block);
      int at = block * layer.weightBytes(layer.vectors()) + 4 * (o % perBlock);
      for (int tap = 0; tap < window.taps(); tap++) {
        int first = (o * window.taps() + tap) * in.channels() + in.byteChannels();
        for (int word = 0; word < in.words(); word++) {
          int bits = 0;
          for (int i = 0; i < 32; i++) {
            // Positive ones, from the highest place downwards.
            bits = bits >>> 1 | (~aligned[first + 32 * word + i] & Integer.MIN_VALUE);
          }
          starts[o] += PRODUCT * Integer.bitCount(bits);
          int s = tap * in.words() + word;
          to.putInt(at + s * vectors * target.vectorBytes(), bits);
        }
      }
    }
  }
}
