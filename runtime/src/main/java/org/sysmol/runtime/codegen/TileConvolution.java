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
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.TileRegister.tmm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.TileConfiguration;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * A dense convolution by tiles (AMX): a tile's rows are pixels, its columns outputs; {@link
 * TilePlan} says which pixels, {@link TileWeights} in which order inputs meet weights.
 *
 * <p>Sums go through the stack. While the products of one block of pixels run, vector instructions
 * between them finish the sums of the block before; the first time these are what the stack
 * happened to hold, stored where the block's own results will replace them.
 *
 * <p>Registers: rax, r11, r13, r14 the windows of a block's tiles; rcx its part of the plan, rsi
 * its weights; r8, rdx, rbx, r12 plan, parameters, output and added tensor of the block that is
 * being finished, r9 and rbp its pixels; r10 the distance of pixels, r15 that of a tile's rows in
 * memory. Counters and pointers that change seldom lie on the stack behind the sums.
 */
final class TileConvolution extends LayerCode {
  private static final int LANES = 16;
  private static final int VECTOR = 64;
  private static final int TILE = TileConfiguration.MOST_ROWS * VECTOR;
  private static final GeneralRegister[] WINDOWS = {RAX, R11, R13, R14};

  /** Pixels fewer than this, altogether or by tile, are better off one by one. */
  private static final int FEWEST_PIXELS = 4;

  /** Steps beyond which the code loops over them. */
  private static final int MOST_UNROLLED = 80;

  /** The tiles of pixels and of weights, two of each. */
  private static final int PIXELS = 4;

  private static final int WEIGHTS = 6;

  /** The first of the registers that hold parameters; those below are the epilogue's own. */
  private static final int PARAMETERS = 12;

  // Places on the stack.
  private static final int SUMS = 0;
  private static final int ROWS_LEFT = TilePlan.MOST_SUMS * TILE;
  private static final int BLOCKS_LEFT = ROWS_LEFT + 8;
  private static final int INPUT = ROWS_LEFT + 16;
  private static final int PLAN = ROWS_LEFT + 24;
  private static final int BLOCK_PARAMETERS = ROWS_LEFT + 32;
  private static final int OUTPUT = ROWS_LEFT + 40;
  private static final int SECOND = ROWS_LEFT + 48;
  private static final int SCRATCH = ROWS_LEFT + 64;

  private final Step.Convolution step;
  private final Target target;
  private final NativeTensor in;
  private final NativeTensor out;
  private final NativeTensor second;
  private final float secondStep;
  private final boolean real;
  private final Epilogue epilogue;
  private final TilePlan plan;
  private final TileWeights weights;

  /** Tiles of pixels and vectors of outputs of a whole block. */
  private final int tiles;

  private final int vectors;

  TileConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(index);
    this.step = step;
    this.target = target;
    in = layout.tensor(step.input());
    out = layout.tensor(step.output());
    second = layout.tensor(step.residual() < 0 ? step.input() : step.residual());
    secondStep = step.residual() < 0 ? 0f : network.tensors().get(step.residual()).step();
    var packedOut = network.tensors().get(step.output());
    real = packedOut.encoding() instanceof Encoding.Real;
    epilogue = new Epilogue(packedOut, out, step.clamp(), target);
    plan = new TilePlan(in, step.window());
    weights = new TileWeights(step, in);
    tiles = plan.blockTiles(allVectors());
    vectors = Math.min(allVectors(), TilePlan.MOST_SUMS / tiles);
  }

  /** True if this generator can run the layer and is the better one. */
  static boolean supports(Step.Convolution step, NetworkLayout layout, Target target) {
    if (!target.tiles() || step.groups() > 1) {
      return false;
    }
    int tiles = new TilePlan(layout.tensor(step.input()), step.window()).tiles();
    return step.window().outputs() >= FEWEST_PIXELS * tiles;
  }

  private int allVectors() {
    return Math.ceilDiv(out.channels(), LANES);
  }

  private int wholeBlocks() {
    return allVectors() / vectors;
  }

  private int tailVectors() {
    return allVectors() % vectors;
  }

  /** Tiles of pixels times vectors of outputs of a whole block, for tests. */
  String shape() {
    return tiles + " times " + vectors + (weights.steps() > MOST_UNROLLED ? " in loops" : "");
  }

  private boolean adds() {
    return step.residual() >= 0;
  }

  @Override
  String kernel() {
    return target.cpuClass().text()
        + " tdpbusd "
        + step.window().kernelHeight()
        + "x"
        + step.window().kernelWidth();
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
  long multiplyAccumulates() {
    return (long) step.window().outputs()
        * step.weights().outputs()
        * step.weights().taps()
        * step.weights().channelsPerOutput();
  }

  @Override
  int scratchBytes() {
    return SCRATCH;
  }

  @Override
  byte[] weights() {
    return weights.bytes(BlockedLayer.starts(step, in, out.channels()), vectors);
  }

  /** The plan, then the epilogue's parameters. */
  @Override
  byte[] parameters() {
    byte[] table = plan.table(tiles, out, adds() ? second : null);
    int[] values = epilogue.parameters(null, step.affine());
    ByteBuffer to =
        ByteBuffer.allocate(planBytes() + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    to.put(table).position(planBytes());
    to.asIntBuffer().put(values);
    return to.array();
  }

  private int pixelBlocks() {
    return Math.ceilDiv(plan.tiles(), tiles);
  }

  private int planBytes() {
    return NativeTensor.roundUp(pixelBlocks() * plan.blockBytes(tiles, adds()), VECTOR);
  }

  private static int parameterBytes(int vectors) {
    return vectors * Epilogue.PARAMETERS * VECTOR;
  }

  /** Rows of a part are blocks of pixels; its input is the place in the plan. */
  @Override
  Part part(int part, int parts) {
    int blocks = wholeBlocks() + (tailVectors() > 0 ? 1 : 0);
    Part.Share rows = new Part.Share(0, pixelBlocks());
    Part.Share mine = new Part.Share(0, blocks);
    if (worst(pixelBlocks(), parts) <= worst(blocks, parts)) {
      rows = Part.Share.of(pixelBlocks(), part, parts);
    } else {
      mine = Part.Share.of(blocks, part, parts);
    }
    boolean idle = rows.size() == 0;
    int whole = Math.max(0, Math.min(mine.end(), wholeBlocks()) - mine.begin());
    int channel = mine.begin() * vectors * LANES;
    return new Part(
        idle ? 0 : whole,
        idle || mine.end() <= wholeBlocks() ? 0 : 1,
        rows.size(),
        (long) rows.begin() * plan.blockBytes(tiles, adds()),
        (long) channel * epilogue.resultBytes(),
        channel,
        (long) mine.begin() * weights.blockBytes(vectors),
        planBytes() + (long) mine.begin() * parameterBytes(vectors),
        0,
        0);
  }

  /** The largest share of a thread, as a fraction of the whole. */
  private static double worst(int count, int parts) {
    return (double) Math.ceilDiv(count, parts) / count;
  }

  @Override
  void emit(Emitter e) {
    Halo.fill(e, out, step.output());
    var sums = new TileConfiguration.Shape(plan.rows(), VECTOR);
    var pixels = new TileConfiguration.Shape(plan.rows(), weights.stepBytes());
    var outputs = new TileConfiguration.Shape(weights.stepBytes() / 4, VECTOR);
    List<TileConfiguration.Shape> shapes = new ArrayList<>(Collections.nCopies(PIXELS, sums));
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
    if (wholeBlocks() > 0) {
      blocks(e, Part.Entry.BLOCKS, vectors);
    }
    if (tailVectors() > 0) {
      blocks(e, Part.Entry.TAILS, tailVectors());
    }
    e.a.tilerelease();
  }

  private void pointer(Emitter e, GeneralRegister register, int buffer, Part.Entry offset) {
    e.fromTable(register, buffer);
    e.a.add(register, mem(RDI, e.table.part(index, offset)));
  }

  private void keep(Emitter e, int place, int buffer, Part.Entry offset) {
    pointer(e, RDX, buffer, offset);
    e.a.mov(mem(RSP, place), RDX);
  }

  /** The blocks of {@code mine} vectors: for each, all blocks of pixels. */
  private void blocks(Emitter e, Part.Entry count, int mine) {
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
    e.fromTable(R9, e.table.part(index, Part.Entry.ROWS));
    e.a.mov(mem(RSP, ROWS_LEFT), R9);
    Label pixels = e.a.here("pixels");
    new Block(e, mine).emit();
    e.a.mov(R8, RCX);
    if (many) {
      outputs(e);
    }
    e.a.add(RCX, plan.blockBytes(tiles, adds()));
    e.a.dec(mem(RSP, ROWS_LEFT).ofQword());
    e.a.jne(pixels);
    if (many || (!tail && tailVectors() > 0)) {
      next(e, mine);
    }
    if (many) {
      e.a.dec(mem(RSP, BLOCKS_LEFT).ofQword());
      e.a.jne(block);
    }
    Block last = new Block(e, mine);
    if (many) {
      last.parameters();
    }
    last.finish(last.pieces());
    e.a.bind(none);
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
    e.a.add(RSI, weights.blockBytes(mine));
    e.a.add(mem(RSP, BLOCK_PARAMETERS).ofQword(), parameterBytes(mine));
    e.a.add(mem(RSP, OUTPUT).ofQword(), mine * LANES * epilogue.resultBytes());
    if (adds()) {
      e.a.add(mem(RSP, SECOND).ofQword(), mine * LANES);
    }
  }

  /** The code for one block of pixels and outputs, and for the sums of the one before. */
  private final class Block {
    private final Emitter e;
    private final int mine;
    private int finished;

    Block(Emitter e, int mine) {
      this.e = e;
      this.mine = mine;
    }

    void emit() {
      parameters();
      begin();
      if (weights.steps() <= MOST_UNROLLED) {
        for (int s = 0; s < weights.steps(); s++) {
          step(s, weights.offset(s), s * mine * weights.tileBytes(), products());
        }
      } else {
        finish(pieces());
        loops();
      }
      finish(pieces());
      for (int i = 0; i < tiles * mine; i++) {
        e.a.tilestored(mem(RSP, R15, 1, SUMS + i * TILE), tmm(i));
      }
    }

    private int products() {
      return weights.steps() * tiles * mine;
    }

    /** Sums at their beginnings, and the windows of the tiles. */
    private void begin() {
      if (in.zero() != 0) {
        // A distance of 0 makes all rows of a tile alike.
        e.a.mov(R9, 0);
      }
      for (int i = 0; i < tiles * mine; i++) {
        if (in.zero() != 0) {
          e.a.tileloadd(tmm(i), mem(RSI, R9, 1, i % mine * VECTOR));
        } else {
          e.a.tilezero(tmm(i));
        }
      }
      for (int i = 0; i < tiles; i++) {
        e.a.mov(WINDOWS[i].dword(), mem(RCX, TilePlan.inputAt(i)));
        e.a.add(WINDOWS[i], mem(RSP, INPUT));
      }
    }

    /**
     * The products of a step. Neighbouring loads go to different registers.
     *
     * @param of products of all steps, over which the epilogue is spread; 0 for none
     */
    private void step(int s, int input, int weight, int of) {
      for (int i = 0; i < tiles; i++) {
        var pixels = tmm(PIXELS + (s * tiles + i) % 2);
        e.a.tileloadd(pixels, mem(WINDOWS[i], R10, 1, input));
        for (int j = 0; j < mine; j++) {
          var outputs = tmm(WEIGHTS + (s * mine + j) % 2);
          if (i == 0) {
            int at = weights.startBytes(mine) + weight + j * weights.tileBytes();
            e.a.tileloadd(outputs, mem(RSI, R15, 1, at));
          }
          e.a.tdpbusd(tmm(i * mine + j), pixels, outputs);
          if (of > 0) {
            int done = (s * tiles + i) * mine + j + 1;
            finish((int) ((long) pieces() * done / of));
          }
        }
      }
    }

    /** Window rows, runs of a row, and the steps of a run one after the other. */
    private void loops() {
      int runs = weights.rowRuns();
      int height = step.window().kernelHeight();
      int runWeights = weights.runSteps() * mine * weights.tileBytes();
      e.a.mov(R9, height);
      Label row = e.a.here("window row");
      e.a.mov(RBP, runs);
      Label run = e.a.here("run");
      for (int s = 0; s < weights.runSteps(); s++) {
        step(s, weights.inRun(s), s * mine * weights.tileBytes(), 0);
      }
      move(weights.runPitch());
      e.a.add(RSI, runWeights);
      e.a.dec(RBP);
      e.a.jne(run);
      move(weights.rowPitch() - runs * weights.runPitch());
      e.a.dec(R9);
      e.a.jne(row);
      e.a.sub(RSI, height * runs * runWeights);
    }

    private void move(int bytes) {
      for (int i = 0; i < tiles; i++) {
        e.a.add(WINDOWS[i], bytes);
      }
    }

    /** Vectors of sums to finish. */
    int pieces() {
      return tiles * plan.rows() * mine;
    }

    /** Finishes the sums before the {@code end}th vector that are not finished yet. */
    void finish(int end) {
      for (; finished < end; finished++) {
        int pixel = finished / mine;
        piece(pixel / plan.rows(), pixel % plan.rows(), finished % mine);
      }
    }

    private void piece(int tile, int row, int j) {
      VectorRegister x = target.vector(finished % 4 * 2);
      VectorRegister scratch = target.vector(finished % 4 * 2 + 1);
      if (j == 0) {
        e.a.mov(R9.dword(), mem(R8, plan.outputAt(tiles, tile, row)));
        if (adds()) {
          e.a.mov(RBP.dword(), mem(R8, plan.secondAt(tiles, tile, row)));
        }
      }
      e.a.vcvtdq2ps(x, mem(RSP, SUMS + (tile * mine + j) * TILE + row * VECTOR));
      Epilogue.Parameters parameters = which -> parameter(j, which);
      Epilogue.affine(e, x, parameters);
      if (adds()) {
        Epilogue.stream(e, scratch, mem(R12, RBP, 1, j * LANES), second, secondStep);
        e.a.vaddps(x, x, scratch);
      }
      int to = j * LANES * epilogue.resultBytes();
      epilogue.store(e, x, scratch, parameters, mem(RBX, R9, 1, to));
    }

    private VectorRegister parameter(int j, int which) {
      return target.vector(PARAMETERS + j * (Epilogue.PARAMETERS - 1) + which - Epilogue.SCALE);
    }

    /** Loads the parameters of the block that is being finished. */
    void parameters() {
      int end = real ? Epilogue.INVERSE : Epilogue.PARAMETERS;
      for (int j = 0; j < mine; j++) {
        for (int which = Epilogue.SCALE; which < end; which++) {
          e.a.load(parameter(j, which), mem(RDX, (j * Epilogue.PARAMETERS + which) * VECTOR));
        }
      }
    }
  }
}
