package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;

import java.util.List;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The loops around a convolution's tiles, from the outside: blocks of output channels, rows, tiles
 * of pixels of a row. A block is a few vectors of outputs; the last may be narrower.
 *
 * <p>Registers: rbp the input of the first row, rax of the tile; rcx and rbx likewise the output,
 * r8 and r12 the added tensor; rsi and rdx weights and parameters of the block; r9, r10, r15 count
 * blocks, rows and tiles. r11, r13, r14 are the tile's own.
 */
abstract class BlockedLayer extends ConvolutionCode {
  BlockedLayer(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(network, layout, step, index, target);
  }

  /** Most pixels of a tile with {@code vectors} of outputs. */
  abstract int mostPixels(int vectors);

  /** Sums of a tile of {@code pixels}, left in {@link Target#vector} {@code t * vectors + v}. */
  abstract void sums(Emitter e, int pixels, int vectors);

  /** A register that the epilogue may use, none of the sums of such a tile. */
  int scratch(int pixels, int vectors) {
    return pixels * vectors;
  }

  @Override
  final void emit(Emitter e) {
    Halo.fill(e, out, step.output());
    pointer(e, RBP, Table.tensor(step.input()), Part.Entry.INPUT);
    pointer(e, RCX, Table.tensor(step.output()), Part.Entry.OUTPUT);
    pointer(e, RSI, e.table.weights(index), Part.Entry.WEIGHTS);
    pointer(e, RDX, e.table.parameters(index), Part.Entry.PARAMETERS);
    if (adds()) {
      pointer(e, R8, Table.tensor(step.residual()), Part.Entry.SECOND);
    }
    begin(e);
    blocks(e, byteBlocks() > 0, Part.Entry.BLOCKS, vectors(), false);
    if (out.words() > 0) {
      pointer(e, RCX, Table.tensor(step.output()), Part.Entry.OUTPUT_BITS);
    }
    blocks(
        e,
        tailVectors() + out.words() > 0,
        Part.Entry.TAILS,
        out.words() > 0 ? vectors() : tailVectors(),
        out.words() > 0);
  }

  private void blocks(Emitter e, boolean any, Part.Entry count, int vectors, boolean bits) {
    if (!any) {
      return;
    }
    Label none = e.a.label("no block");
    e.fromTable(R9, e.table.part(index, count));
    e.a.test(R9, R9);
    e.a.je(none);
    Label block = e.a.here("block");
    rows(e, vectors, bits);
    if (count == Part.Entry.BLOCKS || bits) {
      next(e, vectors, bits);
      e.a.dec(R9);
      e.a.jne(block);
    }
    e.a.bind(none);
  }

  /** What comes before all blocks: constants in registers. */
  void begin(Emitter e) {}

  private void next(Emitter e, int vectors, boolean bits) {
    int channels = vectors * target.lanes();
    e.a.add(RSI, weightBytes(vectors));
    e.a.add(RDX, parameterBytes(vectors));
    e.a.add(RCX, bits ? channels / 8 : channels * epilogue.resultBytes());
    if (adds()) {
      e.a.add(R8, channels);
    }
    if (depthwise()) {
      e.a.add(RBP, channels);
    }
  }

  private void rows(Emitter e, int vectors, boolean bits) {
    e.fromTable(R10, e.table.part(index, Part.Entry.ROWS));
    beginBlock(e, vectors);
    e.a.mov(RBX, RCX);
    if (adds()) {
      e.a.mov(R12, R8);
    }
    Label row = e.a.here("row");
    // Tiles of nearly equal width: a 7 wide row is 4 + 3, not 6 + 1.
    int width = window.outputWidth();
    int tiles = Math.ceilDiv(width, mostPixels(vectors));
    int large = Math.ceilDiv(width, tiles);
    int small = width / tiles;
    int largeTiles = width - small * tiles;
    tiles(e, large, largeTiles, vectors, bits);
    tiles(e, small, tiles - largeTiles, vectors, bits);
    int pixel = window.strideX() * in.pitch();
    advance(e, RAX, window.strideY() * in.rowPitch() - width * pixel);
    advance(e, RBX, (out.columns() - width) * outPitch(bits));
    if (adds()) {
      advance(e, R12, second.rowPitch() - width * second.pitch());
    }
    endRow(e);
    e.a.dec(R10);
    e.a.jne(row);
  }

  private int outPitch(boolean bits) {
    return bits ? out.bitPitch() : out.pitch();
  }

  /** After a row: moves the layer's own pointers to the next. */
  void endRow(Emitter e) {}

  /** After a tile: moves the layer's own pointers to the next. */
  void endTile(Emitter e, int pixels) {}

  /** Sets rax to the input of the block's first tile. */
  void beginBlock(Emitter e, int vectors) {
    e.a.mov(RAX, RBP);
  }

  private void tiles(Emitter e, int pixels, int count, int vectors, boolean bits) {
    if (count == 0) {
      return;
    }
    Label loop = null;
    if (count > 1) {
      e.a.mov(R15, count);
      loop = e.a.here("tile");
    }
    sums(e, pixels, vectors);
    finish(e, pixels, vectors, bits);
    advance(e, RAX, pixels * window.strideX() * in.pitch());
    advance(e, RBX, pixels * outPitch(bits));
    if (adds()) {
      advance(e, R12, pixels * second.pitch());
    }
    endTile(e, pixels);
    if (loop != null) {
      e.a.dec(R15);
      e.a.jne(loop);
    }
  }

  /** From the sums of a tile to its outputs; bytes of two pixels at once where a block is two. */
  private void finish(Emitter e, int pixels, int vectors, boolean bits) {
    VectorRegister scratch = target.vector(scratch(pixels, vectors));
    int packed = vectors == 2 && !bits && !out.real() ? pixels / 2 * 2 : 0;
    for (int v = 0; v < vectors; v++) {
      Epilogue.Parameters parameters = parameters(e, pixels, vectors, v);
      for (int t = 0; t < pixels; t++) {
        VectorRegister x = target.vector(t * vectors + v);
        value(e, x, scratch, t, v, parameters);
        if (bits) {
          epilogue.storeBits(e, x, parameters, bitsAt(t, v));
        } else if (t < packed) {
          epilogue.codes(e, x, parameters, true);
        } else {
          epilogue.store(e, x, scratch, parameters, outputAt(t, v));
        }
      }
    }
    if (packed > 0) {
      Epilogue.quarters(e, scratch);
    }
    for (int t = 0; t < packed; t += 2) {
      VectorRegister[] four = {
        target.vector(2 * t),
        target.vector(2 * t + 1),
        target.vector(2 * t + 2),
        target.vector(2 * t + 3)
      };
      Epilogue.pack(e, four, scratch);
      Epilogue.storeHalves(e, four[0], outputAt(t, 0), outputAt(t + 1, 0));
    }
  }

  /**
   * Parameters of a vector of outputs: those that every output needs, in registers if any are left.
   */
  private Epilogue.Parameters parameters(Emitter e, int pixels, int vectors, int v) {
    Epilogue.Parameters inMemory = Epilogue.in(e, parameters(v));
    int free = scratch(pixels, vectors) + 1;
    List<Integer> kept =
        out.real() || epilogue.uniform()
            ? List.of(Epilogue.SCALE, Epilogue.OFFSET)
            : List.of(Epilogue.SCALE, Epilogue.OFFSET, Epilogue.INVERSE);
    if (pixels == 1 || free + kept.size() > target.vectorRegisters()) {
      return inMemory;
    }
    for (int i = 0; i < kept.size(); i++) {
      e.a.load(target.vector(free + i), Epilogue.parameter(e, parameters(v), kept.get(i)));
    }
    return which ->
        kept.contains(which) ? target.vector(free + kept.indexOf(which)) : inMemory.get(which);
  }

  private static void advance(Emitter e, GeneralRegister register, int bytes) {
    if (bytes != 0) {
      e.a.add(register, bytes);
    }
  }
}
