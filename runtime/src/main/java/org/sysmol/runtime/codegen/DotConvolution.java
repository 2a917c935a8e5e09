package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Operand;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * A convolution as dot products of bytes, weights decoded beforehand: output channels in lanes, a
 * tile of pixels in registers (output-stationary). One instruction multiplies four channels of a
 * pixel, broadcast, with four weights of each lane's output.
 */
final class DotConvolution extends BlockedLayer {
  private static final int UNROLL = 4;

  /** Vectors of outputs for a layer of one pixel, whose sums would else wait for each other. */
  private static final int VECTORS_OF_ONE_PIXEL = 8;

  /** How four products are added. */
  private enum Multiply {
    /** {@code vpdpbusd}: bytes into 32 bits. */
    DOT,
    /** {@code vpmaddubsw}: pairs of products added up in 16 bits as long as the bounds allow. */
    PAIRS,
    /** {@code vpmaddwd} on bytes widened to 16 bits: for sums of pairs beyond 16 bits. */
    WORDS
  }

  private final DotWeights weights;
  private final Multiply multiply;
  private final int drainSteps;

  DotConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(network, layout, step, index, target);
    weights = new DotWeights(step, in, out.channels(), vectors() * target.lanes());
    int pair = largestPair();
    multiply =
        target.dotProduct()
            ? Multiply.DOT
            : pair <= Short.MAX_VALUE ? Multiply.PAIRS : Multiply.WORDS;
    drainSteps = multiply == Multiply.PAIRS ? Short.MAX_VALUE / pair : Integer.MAX_VALUE;
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
    int registers = target.wide() ? 32 - 1 - vectors : 16 - 2 - vectors;
    return Math.min(registers / vectors, target.wide() ? 16 : 12);
  }

  @Override
  boolean depthwise() {
    return false;
  }

  @Override
  String kernel() {
    String how =
        switch (multiply) {
          case DOT -> "vpdpbusd";
          case PAIRS -> "vpmaddubsw";
          case WORDS -> "vpmaddwd";
        };
    return target.cpuClass().text()
        + " "
        + how
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
        switch (multiply) {
          case DOT -> "bytes by vpdpbusd, four products to an instruction and lane";
          case PAIRS ->
              "no dot product of four bytes in class "
                  + target.cpuClass().text()
                  + ": vpmaddubsw, sums widened from 16 bits every "
                  + drainSteps
                  + " steps";
          case WORDS ->
              "eight-bit codes whose pairs of products exceed 16 bits: widened, then vpmaddwd";
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
    double done = 4.0 * weights.allSteps();
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

  private int stepBytes(int vectors) {
    return vectors * target.vectorBytes() * (multiply == Multiply.WORDS ? 2 : 1);
  }

  @Override
  int weightBytes(int vectors) {
    return weights.allSteps() * stepBytes(vectors) + bitWeights(vectors);
  }

  /** Bytes of the one-bit weights, which come first, of a block. */
  private int bitWeights(int vectors) {
    return window.taps() * in.words() * vectors * target.vectorBytes();
  }

  @Override
  int parameterBytes(int vectors) {
    return super.parameterBytes(vectors) + (step.groups() > 1 ? 64 : 0);
  }

  @Override
  int scratchBytes() {
    if (in.words() > 0) {
      return 64;
    }
    return multiply == Multiply.PAIRS && weights.allSteps() > drainSteps
        ? 16 * target.vectorBytes()
        : 0;
  }

  /** On the stack: where the tile's, and the first row's, input begins in the second plane. */
  private static final int TILE_BITS = 0;

  private static final int FIRST_BITS = 8;

  @Override
  void begin(Emitter e) {
    if (in.words() > 0) {
      e.fromTable(R11, Table.tensor(step.input()));
      e.a.add(R11, mem(RDI, e.table.part(index, Part.Entry.INPUT_BITS)));
      e.a.mov(mem(RSP, FIRST_BITS), R11);
    }
  }

  @Override
  void endRow(Emitter e) {
    int rest =
        (window.strideY() * in.columns() - window.outputWidth() * window.strideX()) * in.bitPitch();
    if (rest != 0) {
      e.a.add(mem(RSP, TILE_BITS).ofQword(), rest);
    }
  }

  @Override
  void endTile(Emitter e, int pixels) {
    if (in.words() > 0) {
      e.a.add(mem(RSP, TILE_BITS).ofQword(), pixels * window.strideX() * in.bitPitch());
    }
  }

  @Override
  void beginBlock(Emitter e, int vectors) {
    if (in.words() > 0) {
      e.a.mov(R11, mem(RSP, FIRST_BITS));
      e.a.mov(mem(RSP, TILE_BITS), R11);
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
    new Sums(e, pixels, vectors).emit();
  }

  @Override
  int scratch(int pixels, int vectors) {
    return pixels * vectors;
  }

  /** The sums of one tile. */
  private final class Sums {
    private final Emitter e;
    private final int pixels;
    private final int vectors;
    private final int sums;
    private final VectorRegister broadcast;
    private final VectorRegister product;

    /** True if a step's weights are read once for all pixels. */
    private final boolean keepsWeights;

    private int pending;
    private boolean drained;

    Sums(Emitter e, int pixels, int vectors) {
      this.e = e;
      this.pixels = pixels;
      this.vectors = vectors;
      sums = pixels * vectors;
      broadcast = target.vector(sums);
      keepsWeights = pixels > 1 && multiply != Multiply.WORDS;
      product = target.vector(sums + 1 + (keepsWeights ? vectors : 1));
    }

    void emit() {
      e.a.mov(R13, RSI);
      if (in.words() > 0) {
        bits();
      } else {
        for (int i = 0; i < sums; i++) {
          if (multiply != Multiply.PAIRS && in.zero() != 0) {
            e.a.load(target.vector(i), start(i));
          } else {
            e.a.zero(target.vector(i));
          }
        }
      }
      int runs = weights.offsets().size();
      for (int run = 0; run < runs; run++) {
        e.a.lea(R11, mem(RAX, weights.offsets().get(run)));
        int left = weights.runSteps();
        while (left > 0) {
          int now = Math.min(left, drainSteps - pending);
          left -= now;
          pending += now;
          boolean end = left == 0 && run == runs - 1;
          steps(now, left > 0, !end);
          if (pending == drainSteps && !end) {
            drain();
          }
        }
      }
      if (multiply == Multiply.PAIRS) {
        last();
      }
    }

    /**
     * One-bit channels: a product of u in 0..1 and w = +-1 with sign bit b sums up to the number of
     * bits b less that of u ^ b, and the first of these is part of what a sum begins with.
     */
    private void bits() {
      for (int i = 0; i < sums; i++) {
        e.a.zero(target.vector(i));
      }
      boolean touching = window.dilationX() == 1;
      int run = (touching ? window.kernelWidth() : 1) * in.words();
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        for (int kx = 0; kx < (touching ? 1 : window.kernelWidth()); kx++) {
          e.a.mov(R11, mem(RSP, TILE_BITS));
          int at =
              (ky * window.dilationY() * in.columns() + kx * window.dilationX()) * in.bitPitch();
          if (at != 0) {
            e.a.add(R11, at);
          }
          counts(run);
        }
      }
      for (int i = 0; i < sums; i++) {
        VectorRegister sum = target.vector(i);
        e.a.vpslld(sum, sum, 6);
        e.a.load(target.vector(sums), start(i));
        e.a.vpsubd(sum, target.vector(sums), sum);
      }
    }

    private void counts(int words) {
      int bytes = vectors * target.vectorBytes();
      int rounds = words > UNROLL ? words / UNROLL : 0;
      if (rounds > 0) {
        e.a.mov(R14, rounds);
        Label loop = e.a.here("words");
        for (int s = 0; s < UNROLL; s++) {
          count(s);
        }
        e.a.add(R11, 4 * UNROLL);
        e.a.add(R13, UNROLL * bytes);
        e.a.dec(R14);
        e.a.jne(loop);
      }
      int rest = words - rounds * UNROLL;
      for (int s = 0; s < rest; s++) {
        count(s);
      }
      if (rest > 0) {
        e.a.add(R13, rest * bytes);
      }
    }

    private void count(int s) {
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

    private Memory start(int i) {
      return Epilogue.parameter(
          e, mem(RDX, i % vectors * Epilogue.PARAMETERS * target.vectorBytes()), Epilogue.START);
    }

    private Memory strip(int i) {
      return mem(RSP, i * target.vectorBytes());
    }

    /** Sums of 16 bits to those of 32 on the stack, before they could overflow. */
    private void drain() {
      for (int i = 0; i < sums; i++) {
        VectorRegister sum = target.vector(i);
        e.a.vpmaddwd(sum, sum, e.words(1));
        if (drained) {
          e.a.vpaddd(sum, sum, strip(i));
        } else if (in.zero() != 0) {
          e.a.vpaddd(sum, sum, start(i));
        }
        e.a.store(strip(i), sum);
        e.a.zero(sum);
      }
      drained = true;
      pending = 0;
    }

    private void last() {
      for (int i = 0; i < sums; i++) {
        VectorRegister sum = target.vector(i);
        e.a.vpmaddwd(sum, sum, e.words(1));
        if (drained) {
          e.a.vpaddd(sum, sum, strip(i));
        } else if (in.zero() != 0) {
          e.a.vpaddd(sum, sum, start(i));
        }
      }
    }

    private void steps(int count, boolean inputGoesOn, boolean weightsGoOn) {
      int rounds = count > 2 * UNROLL ? count / UNROLL : 0;
      if (rounds > 0) {
        e.a.mov(R14, rounds);
        Label loop = e.a.here("steps");
        for (int s = 0; s < UNROLL; s++) {
          step(s);
        }
        e.a.add(R11, DotWeights.STEP * UNROLL);
        e.a.add(R13, UNROLL * stepBytes(vectors));
        e.a.dec(R14);
        e.a.jne(loop);
      }
      int rest = count - rounds * UNROLL;
      for (int s = 0; s < rest; s++) {
        step(s);
      }
      if (rest > 0 && inputGoesOn) {
        e.a.add(R11, DotWeights.STEP * rest);
      }
      if (rest > 0 && weightsGoOn) {
        e.a.add(R13, rest * stepBytes(vectors));
      }
    }

    private void step(int s) {
      switch (multiply) {
        case DOT -> dot(s);
        case PAIRS -> pairs(s);
        case WORDS -> words(s);
      }
    }

    private Memory weight(int s, int vector) {
      return mem(R13, s * stepBytes(vectors) + vector * target.vectorBytes());
    }

    private Memory input(int s, int t) {
      return mem(R11, DotWeights.STEP * s + t * window.strideX() * in.pitch());
    }

    /** The step's weights by vector: in registers, or in memory where they are used once. */
    private Operand[] stepWeights(int s) {
      Operand[] all = new Operand[vectors];
      for (int v = 0; v < vectors; v++) {
        all[v] = weight(s, v);
        if (keepsWeights) {
          VectorRegister register = target.vector(sums + 1 + v);
          e.a.load(register, weight(s, v));
          all[v] = register;
        }
      }
      return all;
    }

    private void dot(int s) {
      Operand[] weights = stepWeights(s);
      for (int t = 0; t < pixels; t++) {
        e.a.vpbroadcastd(broadcast, input(s, t));
        for (int v = 0; v < vectors; v++) {
          e.a.vpdpbusd(target.vector(t * vectors + v), broadcast, weights[v]);
        }
      }
    }

    private void pairs(int s) {
      Operand[] weights = stepWeights(s);
      for (int t = 0; t < pixels; t++) {
        e.a.vpbroadcastd(broadcast, input(s, t));
        for (int v = 0; v < vectors; v++) {
          VectorRegister sum = target.vector(t * vectors + v);
          e.a.vpmaddubsw(product, broadcast, weights[v]);
          e.a.vpaddw(sum, sum, product);
        }
      }
    }

    /** Two shuffles make words of the broadcast bytes, two of each half. */
    private void words(int s) {
      VectorRegister high = target.vector(sums + 1);
      int z = 0x80;
      for (int t = 0; t < pixels; t++) {
        e.a.vpbroadcastd(broadcast, input(s, t));
        e.a.vpshufb(
            high,
            broadcast,
            e.shuffle("high words", 2, z, 3, z, 6, z, 7, z, 10, z, 11, z, 14, z, 15, z));
        e.a.vpshufb(
            broadcast,
            broadcast,
            e.shuffle("low words", 0, z, 1, z, 4, z, 5, z, 8, z, 9, z, 12, z, 13, z));
        for (int half = 0; half < 2; half++) {
          for (int v = 0; v < vectors; v++) {
            VectorRegister sum = target.vector(t * vectors + v);
            e.a.vpmaddwd(product, half == 0 ? broadcast : high, weight(s, half * vectors + v));
            e.a.vpaddd(sum, sum, product);
          }
        }
      }
    }
  }

  /** {@code [block][step][vector][lane]} of four bytes, or two times two words. */
  @Override
  byte[] weights() {
    int blocks = wholeBlocks();
    ByteBuffer to =
        ByteBuffer.allocate(
                blocks * weightBytes(vectors())
                    + (tailVectors() > 0 ? weightBytes(tailVectors()) : 0))
            .order(ByteOrder.LITTLE_ENDIAN);
    weights.forEach(
        (block, s, output, four) -> {
          int vectors = block < blocks ? vectors() : tailVectors();
          int at =
              block * weightBytes(vectors())
                  + bitWeights(vectors)
                  + s * stepBytes(vectors)
                  + 4 * output;
          if (multiply == Multiply.WORDS) {
            int half = vectors * target.vectorBytes();
            to.putInt(at, four[1] << 16 | (four[0] & 0xffff));
            to.putInt(at + half, four[3] << 16 | (four[2] & 0xffff));
          } else {
            to.putInt(
                at,
                four[3] << 24 | (four[2] & 0xff) << 16 | (four[1] & 0xff) << 8 | (four[0] & 0xff));
          }
        });
    putBits(to, new int[out.channels()]);
    return to.array();
  }

  /** Writes the bits of one-bit weights and counts those of each output. */
  private void putBits(ByteBuffer to, int[] counts) {
    if (in.words() == 0) {
      return;
    }
    int[] aligned = step.weights().aligned();
    int perBlock = vectors() * target.lanes();
    for (int o = 0; o < counts.length; o++) {
      int block = o / perBlock;
      int vectors = block < wholeBlocks() ? vectors() : tailVectors();
      int at = block * weightBytes(vectors()) + 4 * (o % perBlock);
      for (int tap = 0; tap < window.taps(); tap++) {
        int first = (o * window.taps() + tap) * in.channels() + in.byteChannels();
        for (int word = 0; word < in.words(); word++) {
          int bits = 0;
          for (int i = 0; i < 32; i++) {
            bits |= aligned[first + 32 * word + i] > 0 ? 1 << i : 0;
          }
          counts[o] += Integer.bitCount(bits);
          int s = tap * in.words() + word;
          to.putInt(at + s * vectors * target.vectorBytes(), bits);
        }
      }
    }
  }

  @Override
  byte[] parameters() {
    int[] starts = starts();
    if (in.words() > 0) {
      int[] counts = new int[starts.length];
      putBits(ByteBuffer.allocate(weights().length), counts);
      for (int o = 0; o < starts.length; o++) {
        starts[o] += 64 * counts[o];
      }
    }
    int[] values = epilogue.parameters(starts, step.affine());
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
      if (step.groups() > 1) {
        to.putLong(weights.base(block));
      }
    }
    return to.array();
  }
}
