package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Operand;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The sums of one tile of a {@link DotConvolution}: one instruction multiplies four channels (or
 * two as words) of a pixel, broadcast, with as many weights of each lane's output.
 */
final class DotSums {
  private static final int UNROLL = 4;

  /** Registers beside sums and weights where bytes are widened: codes, product, two shuffles. */
  static final int WIDENING = 4;

  private final Emitter e;
  private final DotConvolution layer;
  private final Target target;
  private final Window window;
  private final NativeTensor in;
  private final Products products;
  private final int drainSteps;
  private final int pixels;
  private final int vectors;
  private final int sums;
  private final VectorRegister broadcast;
  private final VectorRegister product;

  /** True if a step's weights are read once for all pixels. */
  private final boolean keepsWeights;

  private int pending;
  private boolean drained;

  /** Code for a tile of {@code pixels} times {@code vectors} of outputs. */
  DotSums(Emitter e, DotConvolution layer, int pixels, int vectors) {
    this.e = e;
    this.layer = layer;
    this.pixels = pixels;
    this.vectors = vectors;
    target = e.target;
    window = layer.window;
    in = layer.in;
    products = layer.products();
    drainSteps = layer.drainSteps();
    sums = pixels * vectors;
    broadcast = target.vector(sums);
    keepsWeights = pixels > 1;
    product = target.vector(sums + 1 + (keepsWeights ? vectors : 0));
  }

  void emit() {
    e.a.mov(R13, RSI);
    if (keepsWeights && products == Products.WIDENED) {
      for (int half = 0; half < 2; half++) {
        e.a.load(target.vector(product.index() + 1 + half), shuffle(half));
      }
    }
    BitCounts counts = layer.counts();
    if (counts != null) {
      counts.sums(e, pixels, vectors);
    } else {
      for (int i = 0; i < sums; i++) {
        if (products != Products.PAIRS && in.zero() != 0) {
          e.a.load(target.vector(i), start(i));
        } else {
          e.a.zero(target.vector(i));
        }
      }
    }
    int runs = layer.order().offsets().size();
    for (int run = 0; run < runs; run++) {
      e.a.lea(R11, mem(RAX, layer.order().offsets().get(run)));
      int left = layer.order().runSteps();
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
    if (products == Products.PAIRS) {
      last();
    }
  }

  private Memory start(int i) {
    return layer.start(e, i % vectors);
  }

  private Memory strip(int i) {
    return e.scratch(i * target.vectorBytes());
  }

  /** Sums of 16 bits to those of 32 in the scratch, before they could overflow. */
  private void drain() {
    for (int i = 0; i < sums; i++) {
      widen(i);
      e.a.store(strip(i), target.vector(i));
      e.a.zero(target.vector(i));
    }
    drained = true;
    pending = 0;
  }

  private void last() {
    for (int i = 0; i < sums; i++) {
      widen(i);
    }
  }

  /** Makes a sum of 32 bits of one of 16, with what came before it. */
  private void widen(int i) {
    VectorRegister sum = target.vector(i);
    e.a.vpmaddwd(sum, sum, e.words(1));
    if (drained) {
      e.a.vpaddd(sum, sum, strip(i));
    } else if (in.zero() != 0) {
      e.a.vpaddd(sum, sum, start(i));
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
      e.a.add(R13, UNROLL * layer.stepBytes(vectors));
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
      e.a.add(R13, rest * layer.stepBytes(vectors));
    }
  }

  private void step(int s) {
    switch (products) {
      case DOT -> dot(s);
      case PAIRS -> pairs(s);
      case WIDENED -> widened(s);
      case WORDS -> words(s);
    }
  }

  private Memory weight(int s, int vector) {
    return mem(R13, s * layer.stepBytes(vectors) + vector * target.vectorBytes());
  }

  private Memory input(int s, int t) {
    return mem(R11, DotWeights.STEP * s + t * window.strideX() * in.pitch());
  }

  /** The step's weights by vector: in registers, or in memory where they are used once. */
  private Operand[] stepWeights(int s) {
    return stepWeights(s, 0);
  }

  private Operand[] stepWeights(int s, int first) {
    Operand[] all = new Operand[vectors];
    for (int v = 0; v < vectors; v++) {
      all[v] = weight(s, first + v);
      if (keepsWeights) {
        VectorRegister register = target.vector(sums + 1 + v);
        e.a.load(register, weight(s, first + v));
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

  private void words(int s) {
    Operand[] weights = stepWeights(s);
    for (int t = 0; t < pixels; t++) {
      e.a.vpbroadcastd(broadcast, input(s, t));
      addWords(t, weights);
    }
  }

  /** A shuffle makes words of two of the broadcast bytes, then of the other two. */
  private void widened(int s) {
    for (int half = 0; half < 2; half++) {
      Operand[] weights = stepWeights(s, half * vectors);
      for (int t = 0; t < pixels; t++) {
        e.a.vpbroadcastd(broadcast, input(s, t));
        Operand shuffle = keepsWeights ? target.vector(product.index() + 1 + half) : shuffle(half);
        e.a.vpshufb(broadcast, broadcast, shuffle);
        addWords(t, weights);
      }
    }
  }

  private Memory shuffle(int half) {
    int z = 0x80;
    return half == 0
        ? e.shuffle("low words", 0, z, 1, z, 4, z, 5, z, 8, z, 9, z, 12, z, 13, z)
        : e.shuffle("high words", 2, z, 3, z, 6, z, 7, z, 10, z, 11, z, 14, z, 15, z);
  }

  private void addWords(int t, Operand[] weights) {
    for (int v = 0; v < vectors; v++) {
      VectorRegister sum = target.vector(t * vectors + v);
      e.a.vpmaddwd(product, broadcast, weights[v]);
      e.a.vpaddd(sum, sum, product);
    }
  }
}
