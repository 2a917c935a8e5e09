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

import org.jspecify.annotations.Nullable;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The code for one block of pixels and outputs of a {@link TileConvolution}, with that for the sums
 * of the block before between its products.
 */
final class TileBlock {
  private static final int VECTOR = 64;

  /** Steps beyond which the code loops over them. */
  static final int MOST_UNROLLED = 80;

  /** The tiles of pixels and of weights, two of each. */
  static final int PIXELS = 4;

  private static final int WEIGHTS = 6;
  private static final GeneralRegister[] WINDOWS = {RAX, R11, R13, R14};

  /** The first of the registers that hold parameters; those below are for the arithmetic. */
  private static final int PARAMETERS = 12;

  private final Emitter e;
  private final TileConvolution layer;
  private final TileWeights weights;
  private final int tiles;
  private final int vectors;
  private int finished;

  /** Code for blocks of {@code vectors} of outputs. */
  TileBlock(Emitter e, TileConvolution layer, int vectors) {
    this.e = e;
    this.layer = layer;
    this.vectors = vectors;
    weights = layer.weights;
    tiles = layer.tiles;
  }

  /** A block whose weights are tiles in memory: bytes, or decoded by the first block of pixels. */
  void emit() {
    boolean packed = layer.packing != null;
    GeneralRegister tilesAt = packed ? RDX : RSI;
    int first = packed ? 0 : weights.startBytes(vectors);
    parameters();
    begin();
    if (packed) {
      e.a.lea(RDX, e.scratch(layer.decodedAt()));
    }
    int all = products(weights.steps());
    if (weights.steps() <= MOST_UNROLLED) {
      for (int s = 0; s < weights.steps(); s++) {
        Memory at = mem(tilesAt, R15, 1, first + s * stepTiles());
        step(s, weights.offset(s), at, done -> finish((int) ((long) pieces() * done / all)));
      }
    } else {
      finish(pieces());
      runs(
          () -> {
            for (int s = 0; s < weights.runSteps(); s++) {
              step(s, weights.inRun(s), mem(tilesAt, R15, 1, first + s * stepTiles()), done -> {});
            }
          },
          () -> e.a.add(tilesAt, weights.runSteps() * stepTiles()));
      // A single run moved nothing.
      if (!packed && weights.runs() > 1) {
        e.a.sub(RSI, weights.steps() * stepTiles());
      }
    }
    store();
  }

  /**
   * The first block of pixels, where the weights are packed: it decodes them a few steps before
   * they are used. Where there are further blocks, all tiles are kept in the scratch, else a few.
   *
   * @param finishes whether there are sums of a block before
   */
  void emitDecoding(TileDecoder decoder, TilePacking packing, boolean finishes) {
    int runs = weights.runs();
    int runSteps = weights.runSteps();
    int ahead = packing.ahead();
    if (finishes) {
      parameters();
    }
    begin();
    e.a.lea(RDX, e.scratch(layer.decodedAt()));
    for (int s = 0; s < ahead; s++) {
      for (int row = 0; row < decoder.rows(vectors); row++) {
        decoder.row(s, row, packedStep(packing, s), tilesOf(packing, s));
      }
    }
    int pixels = finishes ? layer.pixelsOfARun() : 0;
    if (finishes) {
      e.a.lea(RDI, e.scratch(layer.sumsAt(0)));
    }
    runs(
        () -> {
          finished = 0;
          for (int s = 0; s < runSteps; s++) {
            decodingStep(decoder, packing, s, pixels * vectors);
          }
        },
        () -> {
          e.a.add(RSI, packing.runBytes(vectors));
          if (layer.keepsTiles()) {
            e.a.add(RDX, runSteps * stepTiles());
          }
          if (finishes) {
            e.a.add(RDI, pixels * VECTOR);
            e.a.add(R8, 4 * pixels);
          }
        });
    if (runs > 1) {
      e.a.sub(RSI, runs * packing.runBytes(vectors));
    }
    if (finishes) {
      e.a.mov(RDI, mem(RSP, TileConvolution.TABLE));
    }
    store();
  }

  private void decodingStep(TileDecoder decoder, TilePacking packing, int s, int pieces) {
    int next = s + packing.ahead();
    boolean decodes = next < weights.runSteps() || weights.runs() > 1;
    int rows = decodes ? decoder.rows(vectors) : 0;
    int own = products(1);
    int all = products(weights.runSteps());
    int[] decoded = {0};
    Memory tilesAt = tilesOf(packing, s);
    step(
        s,
        weights.inRun(s),
        new Memory(tilesAt.base(), R15, 1, tilesAt.displacement(), null, 0, false),
        done -> {
          for (; decoded[0] < rows * (done - s * own) / own; decoded[0]++) {
            int runStep = next % weights.runSteps();
            decoder.row(runStep, decoded[0], packedStep(packing, next), tilesOf(packing, next));
          }
          for (; finished < (int) ((long) pieces * done / all); finished++) {
            int pixel = finished / vectors;
            int j = finished % vectors;
            piece(
                mem(RDI, layer.sumsAt(j) - layer.sumsAt(0) + pixel * VECTOR),
                layer.plan.outputAt(tiles, pixel),
                layer.plan.secondAt(tiles, pixel),
                j);
          }
        });
  }

  /** Where the packed weights of a step of this or the next run are. */
  private Memory packedStep(TilePacking packing, int s) {
    int at = weights.startBytes(vectors);
    for (int before = 0; before < s; before++) {
      at += packing.stepBytes(before % weights.runSteps(), vectors);
    }
    return mem(RSI, at);
  }

  /** Where the tiles of a step of this or the next run are decoded to. */
  private Memory tilesOf(TilePacking packing, int s) {
    return mem(RDX, (layer.keepsTiles() ? s : s % packing.ring()) * stepTiles());
  }

  private int stepTiles() {
    return vectors * weights.tileBytes();
  }

  private int products(int steps) {
    return steps * tiles * vectors;
  }

  /** Sums at their beginnings, and the windows of the tiles. */
  private void begin() {
    if (layer.in.zero() != 0) {
      // A distance of 0 makes all rows of a tile alike.
      e.a.mov(R9, 0);
    }
    for (int i = 0; i < tiles * vectors; i++) {
      if (layer.in.zero() != 0) {
        e.a.tileloadd(tmm(i), mem(RSI, R9, 1, i % vectors * VECTOR));
      } else {
        e.a.tilezero(tmm(i));
      }
    }
    for (int i = 0; i < tiles; i++) {
      e.a.mov(WINDOWS[i].dword(), mem(RCX, TilePlan.inputAt(i)));
      e.a.add(WINDOWS[i], mem(RSP, TileConvolution.INPUT));
    }
  }

  private void store() {
    for (int i = 0; i < tiles; i++) {
      for (int j = 0; j < vectors; j++) {
        Memory to = mem(RDI, R15, 1, e.table.scratch() + sum(i * layer.plan.rows(), j));
        e.a.tilestored(to, tmm(i * vectors + j));
      }
    }
  }

  /** Receives the number of products emitted so far. */
  private interface Between {
    void after(int products);
  }

  /** The products of a step. Neighbouring loads go to different registers. */
  private void step(int s, int input, Memory tilesAt, Between between) {
    for (int i = 0; i < tiles; i++) {
      var pixels = tmm(PIXELS + (s * tiles + i) % 2);
      e.a.tileloadd(pixels, mem(WINDOWS[i], R10, 1, input));
      for (int j = 0; j < vectors; j++) {
        var outputs = tmm(WEIGHTS + (s * vectors + j) % 2);
        if (i == 0) {
          e.a.tileloadd(outputs, tilesAt.plus(j * weights.tileBytes()));
        }
        e.a.tdpbusd(tmm(i * vectors + j), pixels, outputs);
        between.after((s * tiles + i) * vectors + j + 1);
      }
    }
  }

  /**
   * Window rows and the runs of a row one after the other, windows moving with them.
   *
   * @param move moves the other pointers to the next run; left out where there is but one
   */
  private void runs(Runnable body, Runnable move) {
    int inRow = weights.rowRuns();
    Label row = loop(layer.step.window().kernelHeight(), TileConvolution.WINDOW_ROWS_LEFT);
    Label run = loop(inRow, TileConvolution.RUNS_LEFT);
    body.run();
    if (weights.runs() > 1) {
      move.run();
    }
    if (run != null) {
      windows(weights.runPitch());
      again(run, TileConvolution.RUNS_LEFT);
    }
    if (row != null) {
      windows(weights.rowPitch() - (run == null ? 0 : inRow * weights.runPitch()));
      again(row, TileConvolution.WINDOW_ROWS_LEFT);
    }
  }

  private @Nullable Label loop(int count, int counter) {
    if (count == 1) {
      return null;
    }
    e.a.mov(mem(RSP, counter).ofQword(), count);
    return e.a.here("runs");
  }

  private void again(Label loop, int counter) {
    e.a.dec(mem(RSP, counter).ofQword());
    e.a.jne(loop);
  }

  private void windows(int bytes) {
    for (int i = 0; i < tiles; i++) {
      e.a.add(WINDOWS[i], bytes);
    }
  }

  private int sum(int pixel, int j) {
    return layer.sumsAt(j) + (layer.plan.before() + pixel) * VECTOR;
  }

  /** Vectors of sums to finish. */
  private int pieces() {
    return tiles * layer.plan.rows() * vectors;
  }

  /** Finishes all sums of the block before, without products between them. */
  void finish() {
    int pixels = tiles * layer.plan.rows();
    int first = layer.plan.before();
    e.a.lea(RDI, e.scratch(sum(0, 0)));
    e.a.mov(RAX, pixels);
    Label pixel = e.a.here("pixel");
    for (int j = 0; j < vectors; j++) {
      piece(
          mem(RDI, sum(0, j) - sum(0, 0)),
          layer.plan.outputAt(tiles, first),
          layer.plan.secondAt(tiles, first),
          j);
      finished++;
    }
    e.a.add(RDI, VECTOR);
    e.a.add(R8, 4);
    e.a.dec(RAX);
    e.a.jne(pixel);
    e.a.mov(RDI, mem(RSP, TileConvolution.TABLE));
  }

  private void finish(int end) {
    for (; finished < end; finished++) {
      int pixel = finished / vectors;
      int j = finished % vectors;
      int place = layer.plan.before() + pixel;
      piece(
          e.scratch(sum(pixel, j)),
          layer.plan.outputAt(tiles, place),
          layer.plan.secondAt(tiles, place),
          j);
    }
  }

  /** Finishes a vector of sums, the {@code j}th of a pixel. */
  private void piece(Memory sums, int outputAt, int secondAt, int j) {
    VectorRegister x = e.target.vector(finished % 4 * 2);
    VectorRegister scratch = e.target.vector(finished % 4 * 2 + 1);
    if (j == 0) {
      e.a.mov(R9.dword(), mem(R8, outputAt));
      if (layer.adds()) {
        e.a.mov(RBP.dword(), mem(R8, secondAt));
      }
    }
    e.a.vcvtdq2ps(x, sums);
    Epilogue.Parameters parameters = which -> parameter(j, which);
    Epilogue.affine(e, x, parameters);
    if (layer.adds()) {
      Memory codes = mem(R12, RBP, 1, j * TileConvolution.LANES);
      Epilogue.stream(e, scratch, codes, layer.second, layer.secondStep);
      e.a.vaddps(x, x, scratch);
    }
    int to = j * TileConvolution.LANES * layer.epilogue.resultBytes();
    layer.epilogue.store(e, x, scratch, parameters, mem(RBX, R9, 1, to));
  }

  private VectorRegister parameter(int j, int which) {
    return e.target.vector(PARAMETERS + j * (Epilogue.PARAMETERS - 1) + which - Epilogue.SCALE);
  }

  /** Loads the parameters of the outputs that are being finished. */
  void parameters() {
    int end = layer.out.real() ? Epilogue.INVERSE : Epilogue.PARAMETERS;
    for (int j = 0; j < vectors; j++) {
      for (int which = Epilogue.SCALE; which < end; which++) {
        e.a.load(parameter(j, which), mem(RDX, (j * Epilogue.PARAMETERS + which) * VECTOR));
      }
    }
  }
}
