package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.TileConfiguration;

/**
 * A dense convolution by tiles (AMX): a tile's rows are pixels, its columns outputs; {@link
 * TilePlan} says which pixels, {@link TileWeights} in which order inputs meet weights, {@link
 * TilePacking} how weights of mixed precision are stored.
 *
 * <p>Sums go through the thread's scratch. While the products of one block of pixels run, vector
 * instructions between them finish the sums of the block before; the first time these are what it
 * happened to hold, stored where the block's own results will replace them.
 *
 * <p>Registers: rax, r11, r13, r14 the windows of a block's tiles; rcx its part of the plan, rsi
 * its weights; r8, rdx, rbx, r12 plan, parameters, output and added tensor of the block that is
 * being finished, r9 and rbp its pixels; r10 the distance of pixels, r15 that of a tile's rows in
 * memory. Once the parameters are in registers, rdx is where decoded weights are. Counters and
 * pointers that change seldom lie on the stack; in the scratch the sums, then decoded weights.
 */
final class TileConvolution extends ConvolutionCode {
  static final int LANES = 16;
  private static final int VECTOR = 64;

  /** Pixels fewer than this, altogether or by tile, are better off one by one. */
  private static final int FEWEST_PIXELS = 4;

  /** Most bytes of scratch for decoded weights. */
  private static final int MOST_DECODED = 160 << 10;

  // Places on the stack.
  private static final int ROWS_LEFT = 0;
  private static final int BLOCKS_LEFT = 8;
  static final int INPUT = 16;
  private static final int PLAN = 24;
  private static final int BLOCK_PARAMETERS = 32;
  private static final int OUTPUT = 40;
  private static final int SECOND = 48;
  static final int TABLE = 56;
  static final int WINDOW_ROWS_LEFT = 64;
  static final int RUNS_LEFT = 72;

  final TilePlan plan;
  final TileWeights weights;

  /** How the weights are packed, or null for bytes. */
  final @Nullable TilePacking packing;

  /** Tiles of pixels and vectors of outputs of a whole block. */
  final int tiles;

  private final int vectors;

  private final int pixelsOfARun;

  TileConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(network, layout, step, index, target);
    TilePlan pixels = new TilePlan(in, step.window());
    weights = new TileWeights(step, in);
    tiles = pixels.blockTiles(allVectors());
    vectors = Math.min(allVectors(), TilePlan.MOST_SUMS / tiles);
    packing = packing(packedIn.encoding(), pixels);
    int runs = weights.runs();
    int rows = tiles * pixels.rows();
    pixelsOfARun = Math.ceilDiv(rows, runs);
    plan = packing == null ? pixels : pixels.before(pixelsOfARun * runs - rows);
  }

  /** True if this generator can run the layer and is the better one. */
  static boolean supports(Step.Convolution step, NetworkLayout layout, Target target) {
    if (!target.tiles() || step.groups() > 1) {
      return false;
    }
    int tiles = new TilePlan(layout.tensor(step.input()), step.window()).tiles();
    return step.window().outputs() >= FEWEST_PIXELS * tiles;
  }

  private @Nullable TilePacking packing(Encoding encoding, TilePlan pixels) {
    if (!(encoding instanceof Encoding.Mixed mixed)) {
      return null;
    }
    TilePacking made = new TilePacking(weights, mixed.precision());
    boolean fits = pixels.tiles() <= tiles || made.decodedBytes(vectors, true) <= MOST_DECODED;
    return fits && made.pays() ? made : null;
  }

  @Override
  int vectors() {
    return vectors;
  }

  /** Tiles of pixels times vectors of outputs of a whole block, for tests. */
  String shape() {
    return tiles
        + " times "
        + vectors
        + (weights.steps() > TileBlock.MOST_UNROLLED ? " in loops" : "")
        + (packing == null ? "" : keepsTiles() ? " kept" : " once");
  }

  @Override
  String kernel() {
    return target.cpuClass().text()
        + " tdpbusd "
        + step.window().kernelHeight()
        + "x"
        + step.window().kernelWidth()
        + (packing == null ? "" : " packed");
  }

  @Override
  String reason() {
    return "dense, "
        + step.window().outputs()
        + " pixels in "
        + plan.tiles()
        + " tiles of "
        + plan.rows()
        + " rows: tdpbusd multiplies bytes fastest";
  }

  @Override
  int scratchBytes() {
    return decodedAt() + (packing == null ? 0 : packing.decodedBytes(vectors, keepsTiles()));
  }

  /** Whether decoded weights are kept for further blocks of pixels. */
  boolean keepsTiles() {
    return pixelBlocks() > 1;
  }

  /** Pixels that are finished while the weights of a run are decoded. */
  int pixelsOfARun() {
    return pixelsOfARun;
  }

  /** Where in the scratch the sums of a vector of outputs begin. */
  int sumsAt(int vector) {
    return vector * (plan.before() + tiles * plan.rows()) * VECTOR;
  }

  /** Where in the scratch decoded weights begin. */
  int decodedAt() {
    return sumsAt(vectors);
  }

  /** The parameters are the plan, then those of the epilogue. */
  @Override
  LayerData data() {
    int[] aligned = step.weights().aligned();
    byte[] bytes = weights.bytes(aligned, starts(aligned), vectors);
    byte[] table = plan.table(tiles, out, adds() ? second : null);
    byte[] values = LayerData.bytes(epilogue.parameters(null, step.affine()));
    ByteBuffer parameters = ByteBuffer.allocate(planBytes() + values.length);
    parameters.put(table).position(planBytes()).put(values);
    return new LayerData(
        packing == null ? bytes : packing.pack(bytes, wholeBlocks(), vectors, tailVectors()),
        parameters.array());
  }

  @Override
  int weightBytes(int mine) {
    return packing == null ? weights.blockBytes(mine) : packing.blockBytes(mine);
  }

  private int pixelBlocks() {
    return Math.ceilDiv(plan.tiles(), tiles);
  }

  private int planBytes() {
    return NativeTensor.roundUp(pixelBlocks() * plan.blockBytes(tiles, adds()), VECTOR);
  }

  /** Rows of a part are blocks of pixels; its input is the place in the plan. */
  @Override
  Part part(int part, int parts) {
    Part.Split split = Part.Split.of(pixelBlocks(), allBlocks(), part, parts);
    Part.Share rows = split.rows();
    Part.Share mine = split.blocks();
    int whole = Math.max(0, Math.min(mine.end(), wholeBlocks()) - mine.begin());
    int channel = mine.begin() * vectors * LANES;
    return new Part(
        split.idle() ? 0 : whole,
        split.idle() || mine.end() <= wholeBlocks() ? 0 : 1,
        rows.size(),
        (long) rows.begin() * plan.blockBytes(tiles, adds()),
        (long) channel * epilogue.resultBytes(),
        channel,
        (long) mine.begin() * weightBytes(vectors),
        planBytes() + (long) mine.begin() * parameterBytes(vectors),
        0,
        0);
  }

  @Override
  boolean byRows(int parts) {
    return false; // blocks of pixels, which know no rows
  }

  @Override
  void emit(Emitter e) {
    Halo.fill(e, out, step.output());
    var sums = new TileConfiguration.Shape(plan.rows(), VECTOR);
    var pixels = new TileConfiguration.Shape(plan.rows(), weights.stepBytes());
    var outputs = new TileConfiguration.Shape(weights.stepBytes() / 4, VECTOR);
    List<TileConfiguration.Shape> shapes =
        new ArrayList<>(Collections.nCopies(TileBlock.PIXELS, sums));
    shapes.addAll(List.of(pixels, pixels, outputs, outputs));
    e.a.ldtilecfg(
        mem(e.a.constant("tiles of step " + index, new TileConfiguration(shapes).bytes())));
    e.a.mov(R10, step.window().strideX() * in.pitch());
    e.a.mov(R15, VECTOR);
    e.fromTable(RAX, Table.tensor(step.input()));
    e.a.mov(mem(RSP, INPUT), RAX);
    pointer(e, RSI, e.table.weights(index), Part.Entry.WEIGHTS);
    keep(e, PLAN, e.table.parameters(index), Part.Entry.INPUT);
    keep(e, BLOCK_PARAMETERS, e.table.parameters(index), Part.Entry.PARAMETERS);
    keep(e, OUTPUT, Table.tensor(step.output()), Part.Entry.OUTPUT);
    if (adds()) {
      keep(e, SECOND, Table.tensor(step.residual()), Part.Entry.SECOND);
    }
    e.a.mov(mem(RSP, TABLE), RDI);
    TileDecoder decoder = null;
    if (packing != null) {
      decoder = new TileDecoder(e, weights, packing, vectors <= 2);
      decoder.begin();
    }
    if (wholeBlocks() > 0) {
      blocks(e, Part.Entry.BLOCKS, vectors, decoder);
    }
    if (tailVectors() > 0) {
      blocks(e, Part.Entry.TAILS, tailVectors(), decoder);
    }
    e.a.tilerelease();
  }

  private void keep(Emitter e, int place, int buffer, Part.Entry offset) {
    pointer(e, RDX, buffer, offset);
    e.a.mov(mem(RSP, place), RDX);
  }

  /** The blocks of {@code mine} vectors: for each, all blocks of pixels. */
  private void blocks(Emitter e, Part.Entry count, int mine, @Nullable TileDecoder decoder) {
    boolean tail = count == Part.Entry.TAILS;
    boolean many = !tail && wholeBlocks() > 1;
    Label none = e.a.label("no block");
    e.fromTable(R9, e.table.part(index, count));
    e.a.test(R9, R9);
    e.a.je(none);
    if (many) {
      e.a.mov(mem(RSP, BLOCKS_LEFT), R9);
    }
    e.a.mov(R8, mem(RSP, PLAN));
    outputs(e);
    Label block = e.a.here("block");
    e.a.mov(RCX, mem(RSP, PLAN));
    Label done = e.a.label("no further pixels");
    boolean further = decoder == null || keepsTiles();
    if (further) {
      e.fromTable(R9, e.table.part(index, Part.Entry.ROWS));
      e.a.mov(mem(RSP, ROWS_LEFT), R9);
    }
    if (decoder != null && packing != null) {
      new TileBlock(e, this, mine).emitDecoding(decoder, packing, many);
      behind(e, many, further, done);
    }
    if (further) {
      Label pixels = e.a.here("pixels");
      new TileBlock(e, this, mine).emit();
      behind(e, many, true, null);
      e.a.jne(pixels);
    }
    e.a.bind(done);
    if (many || (!tail && tailVectors() > 0)) {
      next(e, mine);
    }
    if (many) {
      e.a.dec(mem(RSP, BLOCKS_LEFT).ofQword());
      e.a.jne(block);
    }
    TileBlock last = new TileBlock(e, this, mine);
    if (many || packing != null) {
      last.parameters();
    }
    last.finish();
    e.a.bind(none);
  }

  /**
   * After a block of pixels: it is the one to be finished next, and the next one follows.
   *
   * @param done where to go on behind the last of the first blocks, null for others
   */
  private void behind(Emitter e, boolean many, boolean further, @Nullable Label done) {
    if (many || done == null) {
      e.a.mov(R8, RCX);
    }
    if (many && (packing == null || done != null)) {
      outputs(e);
    } else if (packing != null) {
      e.a.mov(RDX, mem(RSP, BLOCK_PARAMETERS));
    }
    if (further) {
      e.a.add(RCX, plan.blockBytes(tiles, adds()));
      e.a.dec(mem(RSP, ROWS_LEFT).ofQword());
      if (done != null) {
        e.a.je(done);
      }
    }
  }

  /** Sets the places of the outputs that are finished next to those of the current block. */
  private void outputs(Emitter e) {
    e.a.mov(RDX, mem(RSP, BLOCK_PARAMETERS));
    e.a.mov(RBX, mem(RSP, OUTPUT));
    if (adds()) {
      e.a.mov(R12, mem(RSP, SECOND));
    }
  }

  /** Goes on to the next block of outputs. */
  private void next(Emitter e, int mine) {
    e.a.add(RSI, weightBytes(mine));
    e.a.add(mem(RSP, BLOCK_PARAMETERS).ofQword(), parameterBytes(mine));
    e.a.add(mem(RSP, OUTPUT).ofQword(), mine * LANES * epilogue.resultBytes());
    if (adds()) {
      e.a.add(mem(RSP, SECOND).ofQword(), mine * LANES);
    }
  }
}
