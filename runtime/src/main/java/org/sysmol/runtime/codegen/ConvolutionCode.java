package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Program;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Machine code of one convolution, weights decoded to bytes beforehand: output channels in lanes, a
 * tile of pixels in registers (output-stationary), the epilogue fused.
 *
 * <p>Arguments: padded input, weights, epilogue parameters, output, shortcut. Loops from the
 * outside: blocks of output channels, rows, tiles of a row, runs of inputs, steps of a run.
 *
 * <h2>Data beside the code</h2>
 *
 * <ul>
 *   <li>weights: {@code [block][run][step][vector][lane]} of 32 bits: four bytes, two words, or for
 *       a depthwise layer one integer;
 *   <li>parameters: for each block the vectors of S, B, factor to code, lowest and highest code.
 * </ul>
 */
final class ConvolutionCode {
  /** Vectors of epilogue parameters for each vector of outputs. */
  static final int PARAMETERS = 5;

  private static final int UNROLL = 4;

  private final ConvolutionShape shape;
  private final Target target;
  private final Assembler a;
  private final int vectors;
  private final VectorRegister broadcast;
  private final VectorRegister scratch;
  private final VectorRegister ones;

  private ConvolutionCode(ConvolutionShape shape, Target target) {
    this.shape = shape;
    this.target = target;
    a = new Assembler(target.features());
    vectors = vectors(shape, target);
    broadcast = target.vector(vectors * pixels());
    scratch = target.vector(vectors * pixels() + 1);
    ones = target.vector(vectors * pixels() + 2);
  }

  /** The program for a shape. */
  static Program of(ConvolutionShape shape, Target target) {
    return new ConvolutionCode(shape, target).program();
  }

  /** Vectors of outputs in a block: one where all outputs fit, else two. */
  static int vectors(ConvolutionShape shape, Target target) {
    return shape.outputs() <= target.lanes() ? 1 : 2;
  }

  /** Output channels of a block. */
  static int block(ConvolutionShape shape, Target target) {
    return vectors(shape, target) * target.lanes();
  }

  /** Blocks of output channels. */
  static int blocks(ConvolutionShape shape, Target target) {
    return Math.ceilDiv(shape.outputs(), block(shape, target));
  }

  /** Bytes between outputs of neighbouring pixels: all blocks, so that whole vectors are stored. */
  static int outputPitch(ConvolutionShape shape, Target target) {
    return blocks(shape, target) * block(shape, target) * shape.result().bytes();
  }

  private int pixels() {
    return Math.min(shape.outputWidth(), target.mostPixels());
  }

  private Program program() {
    for (GeneralRegister saved : new GeneralRegister[] {RBX, R12, R13, R14, R15}) {
      a.push(saved);
    }
    if (shape.operands() == ConvolutionShape.Operands.PAIRED_BYTES && !target.dotProduct()) {
      a.load(ones, mem(words(1)));
    }
    int steps = 0;
    for (int s : shape.chunkSteps()) {
      steps += s;
    }
    a.mov(R9, blocks(shape, target));
    Label block = a.here("block");
    a.mov(R10, shape.outputHeight());
    a.mov(RAX, RDI);
    a.mov(RBX, RCX);
    a.mov(R12, R8);
    Label row = a.here("row");
    row();
    a.dec(R10);
    a.jne(row);
    if (shape.operands().depthwise()) {
      a.add(RDI, block(shape, target));
    }
    a.add(RSI, steps * vectors * target.vectorBytes());
    a.add(RDX, PARAMETERS * vectors * target.vectorBytes());
    a.add(RCX, block(shape, target) * shape.result().bytes());
    a.add(R8, block(shape, target));
    a.dec(R9);
    a.jne(block);
    for (GeneralRegister saved : new GeneralRegister[] {R15, R14, R13, R12, RBX}) {
      a.pop(saved);
    }
    a.vzeroupper();
    a.ret();
    return a.finish();
  }

  /** Tiles of nearly equal width: a 7 wide row is 4 + 3, not 6 + 1. */
  private void row() {
    int width = shape.outputWidth();
    int tiles = Math.ceilDiv(width, pixels());
    int large = Math.ceilDiv(width, tiles);
    int small = width / tiles;
    int largeTiles = width - small * tiles;
    if (largeTiles > 0) {
      tiles(large, largeTiles);
    }
    tiles(small, tiles - largeTiles);
    int rest = shape.rowPitch() - width * shape.pixelPitch();
    if (rest != 0) {
      a.add(RAX, rest);
    }
  }

  private void tiles(int pixels, int count) {
    if (count == 0) {
      return;
    }
    Label loop = null;
    if (count > 1) {
      a.mov(R15, count);
      loop = a.here("tile");
    }
    for (int i = 0; i < pixels * vectors; i++) {
      a.zero(target.vector(i));
    }
    a.mov(R13, RSI);
    int chunks = shape.chunkOffset().length;
    for (int chunk = 0; chunk < chunks; chunk++) {
      a.lea(R11, mem(RAX, shape.chunkOffset()[chunk]));
      run(pixels, shape.chunkSteps()[chunk], chunk == chunks - 1);
    }
    for (int t = 0; t < pixels; t++) {
      for (int v = 0; v < vectors; v++) {
        epilogue(t, v);
      }
    }
    a.add(RAX, pixels * shape.pixelPitch());
    a.add(RBX, pixels * outputPitch(shape, target));
    a.add(R12, pixels * shortcutPitch());
    if (loop != null) {
      a.dec(R15);
      a.jne(loop);
    }
  }

  private int shortcutPitch() {
    return blocks(shape, target) * block(shape, target);
  }

  private void run(int pixels, int steps, boolean last) {
    int weightBytes = vectors * target.vectorBytes();
    int rounds = steps > 2 * UNROLL ? steps / UNROLL : 0;
    if (rounds > 0) {
      a.mov(R14, rounds);
      Label loop = a.here("steps");
      for (int s = 0; s < UNROLL; s++) {
        step(pixels, s);
      }
      a.add(R11, 4 * UNROLL);
      a.add(R13, UNROLL * weightBytes);
      a.dec(R14);
      a.jne(loop);
    }
    int rest = steps - rounds * UNROLL;
    for (int s = 0; s < rest; s++) {
      step(pixels, s);
    }
    if (rest > 0 && !last) {
      a.add(R13, rest * weightBytes);
    }
  }

  private void step(int pixels, int s) {
    if (keepsWeights()) {
      stepOfKeptWeights(pixels, s);
      return;
    }
    for (int t = 0; t < pixels; t++) {
      if (!shape.operands().depthwise()) {
        a.vpbroadcastd(broadcast, mem(R11, 4 * s + t * shape.pixelPitch()));
      }
      for (int v = 0; v < vectors; v++) {
        VectorRegister acc = target.vector(t * vectors + v);
        Memory weight = mem(R13, (s * vectors + v) * target.vectorBytes());
        switch (shape.operands()) {
          case PAIRED_BYTES, BYTES -> {
            if (target.dotProduct()) {
              a.vpdpbusd(acc, broadcast, weight);
            } else {
              a.vpmaddubsw(scratch, broadcast, weight);
              a.vpmaddwd(scratch, scratch, ones);
              a.vpaddd(acc, acc, scratch);
            }
          }
          case WORDS -> {
            a.vpmaddwd(scratch, broadcast, weight);
            a.vpaddd(acc, acc, scratch);
          }
          case DEPTHWISE_UNSIGNED, DEPTHWISE_SIGNED -> {
            Memory codes = mem(R11, t * shape.pixelPitch() + v * target.lanes());
            if (shape.operands() == ConvolutionShape.Operands.DEPTHWISE_SIGNED) {
              a.vpmovsxbd(scratch, codes);
            } else {
              a.vpmovzxbd(scratch, codes);
            }
            a.vpmulld(scratch, scratch, weight);
            a.vpaddd(acc, acc, scratch);
          }
        }
      }
    }
  }

  /** True if there are registers for a step's weights, which then are read once for all pixels. */
  private boolean keepsWeights() {
    return target.wide()
        && target.dotProduct()
        && shape.operands() != ConvolutionShape.Operands.WORDS
        && !shape.operands().depthwise();
  }

  private void stepOfKeptWeights(int pixels, int s) {
    int first = vectors * pixels() + 1;
    for (int v = 0; v < vectors; v++) {
      a.load(target.vector(first + v), mem(R13, (s * vectors + v) * target.vectorBytes()));
    }
    for (int t = 0; t < pixels; t++) {
      a.vpbroadcastd(broadcast, mem(R11, 4 * s + t * shape.pixelPitch()));
      for (int v = 0; v < vectors; v++) {
        a.vpdpbusd(target.vector(t * vectors + v), broadcast, target.vector(first + v));
      }
    }
  }

  /** docs/arithmetic.md §6, one instruction for each operation, never fused. */
  private void epilogue(int t, int v) {
    VectorRegister x = target.vector(t * vectors + v);
    a.vcvtdq2ps(x, x);
    a.vmulps(x, x, parameter(0, v));
    a.vaddps(x, x, parameter(1, v));
    if (shape.shortcut() != ConvolutionShape.Shortcut.NONE) {
      Memory codes = mem(R12, t * shortcutPitch() + v * target.lanes());
      if (shape.shortcut() == ConvolutionShape.Shortcut.SIGNED) {
        a.vpmovsxbd(scratch, codes);
      } else {
        a.vpmovzxbd(scratch, codes);
      }
      a.vcvtdq2ps(scratch, scratch);
      a.vmulps(scratch, scratch, mem(floats(shape.shortcutStep())));
      a.vaddps(x, x, scratch);
    }
    // The bound is the second operand: it is what a zero of the other sign becomes.
    if (shape.clamp().low() > Float.NEGATIVE_INFINITY) {
      a.vmaxps(x, x, mem(floats(shape.clamp().low())));
    }
    if (shape.clamp().high() < Float.POSITIVE_INFINITY) {
      a.vminps(x, x, mem(floats(shape.clamp().high())));
    }
    int offset = t * outputPitch(shape, target) + v * target.lanes() * shape.result().bytes();
    if (shape.result() == ConvolutionShape.Result.REAL) {
      a.store(mem(RBX, offset), x);
      return;
    }
    a.vmulps(x, x, parameter(2, v));
    if (shape.result() == ConvolutionShape.Result.ODD) {
      if (target.wide()) {
        a.vrndscaleps(x, x, 1);
      } else {
        a.vroundps(x, x, 1);
      }
    }
    a.vmaxps(x, x, parameter(3, v));
    a.vminps(x, x, parameter(4, v));
    a.vcvtps2dq(x, x);
    if (shape.result() == ConvolutionShape.Result.ODD) {
      a.vpaddd(x, x, x);
      a.vpaddd(x, x, mem(integers(1)));
    }
    storeBytes(x, offset);
  }

  private void storeBytes(VectorRegister x, int offset) {
    if (target.wide()) {
      a.vpmovdb(mem(RBX, offset), x);
      return;
    }
    // The low bytes of four lanes to the bottom of each half, then both halves side by side.
    a.vpshufb(x, x, mem(lowBytes()));
    a.vextracti128(scratch.as(128), x, 1);
    a.vpunpckldq(x.as(128), x.as(128), scratch.as(128));
    a.vmovq(mem(RBX, offset), x.as(128));
  }

  private Memory parameter(int which, int v) {
    return mem(RDX, (which * vectors + v) * target.vectorBytes());
  }

  private final java.util.Map<String, Label> constants = new java.util.HashMap<>();

  private Label floats(float value) {
    return constants.computeIfAbsent(
        "f" + Float.floatToRawIntBits(value),
        name -> {
          float[] all = new float[target.lanes()];
          java.util.Arrays.fill(all, value);
          return a.constant(name, all);
        });
  }

  private Label integers(int value) {
    return constants.computeIfAbsent(
        "i" + value,
        name -> {
          int[] all = new int[target.lanes()];
          java.util.Arrays.fill(all, value);
          return a.constant(name, all);
        });
  }

  private Label words(int value) {
    return integers(value << 16 | value);
  }

  private Label lowBytes() {
    return constants.computeIfAbsent(
        "low bytes",
        name -> {
          byte[] control = new byte[32];
          java.util.Arrays.fill(control, (byte) 0x80);
          for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 4; i++) {
              control[half * 16 + i] = (byte) (4 * i);
            }
          }
          return a.constant(name, control);
        });
  }
}
