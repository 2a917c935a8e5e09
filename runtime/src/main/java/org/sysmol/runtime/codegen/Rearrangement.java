package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.runtime.x86.MaskRegister;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Mnemonic;
import org.sysmol.runtime.x86.Operand;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Code that brings the bytes of a pixel into another order: the pixel is at rax, its bytes go to
 * the scratch, {@link #table} is at r9. Bytes of several pixels can be joined.
 *
 * <p>Each vector of the result is put together from the pieces of the pixel that it takes bytes
 * from: pairs of vectors by {@code vpermi2b}, or 16 bytes by {@code vpshufb}. Channels sorted by
 * precision come from a few pieces only, those that a vector takes nothing from cost nothing.
 */
final class Rearrangement {
  private static final MaskRegister SOME = MaskRegister.k(1);
  private static final MaskRegister PARTIAL = MaskRegister.k(2);

  /** Bytes of a table's entry with AVX-512: indexes, and the mask of the outputs they are for. */
  private static final int PERMUTATION = 128;

  /** Pieces of 16 bytes that stay in registers, from this one on. */
  private static final int FIRST_KEPT = 3;

  private final int[] gather;
  private final int pitch;
  private final Target target;
  private final int vector;
  private final int piece;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * What one vector of the result takes from one piece.
   *
   * @param result number of the vector
   * @param source number of the piece
   */
  private record Entry(int result, int source) {}

  /**
   * Code for a tensor's pixels.
   *
   * @param gather by place in the result the place in the pixel, or -1
   * @param pitch bytes of the pixel
   */
  Rearrangement(int[] gather, int pitch, Target target) {
    this.gather = gather;
    this.pitch = pitch;
    this.target = target;
    vector = target.vectorBytes();
    piece = target.wide() ? 2 * vector : 16;
    for (int result = 0; result * vector < gather.length; result++) {
      for (int source = 0; source * piece < pitch; source++) {
        Entry entry = new Entry(result, source);
        if (Arrays.stream(part(entry)).anyMatch(from -> from >= 0)) {
          entries.add(entry);
        }
      }
    }
  }

  /** By place in the entry's vector the place in its piece, or -1. */
  private int[] part(Entry entry) {
    int[] from = new int[vector];
    for (int i = 0; i < vector; i++) {
      int c = entry.result * vector + i;
      boolean mine = c < gather.length && gather[c] >= 0 && gather[c] / piece == entry.source;
      from[i] = mine ? gather[c] % piece : -1;
    }
    return from;
  }

  /** In words, how. */
  String reason() {
    return target.wide() ? "permutations of 64 bytes" : "shuffles of 16 bytes";
  }

  /** Bytes of scratch. */
  int scratchBytes() {
    return NativeTensor.roundUp(gather.length, vector);
  }

  /** Before all pixels; uses rcx. */
  void begin(Emitter e) {
    if (target.wide() && partial() == 48) {
      e.a.mov(RCX, (1L << 48) - 1);
      e.a.kmovq(PARTIAL, RCX);
    }
  }

  /** A pixel; uses registers 0 to 15. */
  void pixel(Emitter e) {
    pixel(e, null);
  }

  /**
   * A pixel whose bytes join those of other pixels; uses registers 0 to 15.
   *
   * @param written by vector of the result whether the scratch has it already, updated; null where
   *     there are no other pixels
   */
  void pixel(Emitter e, boolean @Nullable [] written) {
    if (keeps()) {
      for (int source = 0; source * piece < pitch; source++) {
        int wanted = source;
        if (entries.stream().anyMatch(entry -> entry.source == wanted)) {
          sixteen(e, source, target.vector(FIRST_KEPT + source));
        }
      }
    }
    VectorRegister all = target.vector(0);
    VectorRegister some = target.vector(1);
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      boolean first = i == 0 || entries.get(i - 1).result != entry.result;
      if (target.wide()) {
        permute(e, i, first ? all : some);
      } else {
        shuffle(e, i, first ? all : some);
      }
      if (target.wide() && (!first || (written != null && sparse(entry.result)))) {
        e.a.kmovq(SOME, mem(R9, PERMUTATION * i + 64).ofQword());
        e.a.emit(
            Mnemonic.VMOVDQU8, first ? all.zeroed(SOME) : all.merged(SOME), first ? all : some);
      } else if (!first) {
        e.a.bitOr(all, all, some);
      }
      if (i + 1 == entries.size() || entries.get(i + 1).result != entry.result) {
        if (written != null && written[entry.result]) {
          e.a.bitOr(all, all, e.scratch(vector * entry.result));
        }
        if (written != null) {
          written[entry.result] = true;
        }
        e.a.store(e.scratch(vector * entry.result), all);
      }
    }
  }

  /** True if a vector of the result has places that take no byte. */
  private boolean sparse(int result) {
    int end = Math.min(gather.length, (result + 1) * vector);
    return Arrays.stream(gather, result * vector, end).anyMatch(from -> from < 0);
  }

  private boolean keeps() {
    return !target.wide() && FIRST_KEPT + Math.ceilDiv(pitch, piece) <= target.vectorRegisters();
  }

  private void shuffle(Emitter e, int i, VectorRegister into) {
    VectorRegister from = target.vector(2);
    int source = entries.get(i).source;
    if (keeps()) {
      from = target.vector(FIRST_KEPT + source);
    } else {
      sixteen(e, source, from);
    }
    e.a.vpshufb(into, from, mem(R9, vector * i));
  }

  /** A piece of 16 bytes, or the last eight, in both halves. */
  private void sixteen(Emitter e, int source, VectorRegister into) {
    Memory from = mem(RAX, piece * source);
    if (pitch - piece * source >= piece) {
      e.a.vbroadcasti128(into, from);
    } else {
      e.a.vpbroadcastq(into, from.ofQword());
    }
  }

  private void permute(Emitter e, int i, VectorRegister into) {
    int[] from = part(entries.get(i));
    boolean low = Arrays.stream(from).anyMatch(place -> place >= 0 && place < 64);
    boolean high = Arrays.stream(from).anyMatch(place -> place >= 64);
    int source = 2 * entries.get(i).source;
    e.a.load(into, mem(R9, PERMUTATION * i));
    if (low && high) {
      e.a.load(target.vector(2), mem(RAX, 64 * source));
      e.a.vpermi2b(into, target.vector(2), sixtyFour(e, source + 1));
    } else {
      e.a.vpermb(into, into, sixtyFour(e, high ? source + 1 : source));
    }
  }

  /** Bytes of the pixel's last vector. */
  private int partial() {
    return pitch % 64;
  }

  /** A vector of the pixel: in memory, or in a register where the pixel ends within it. */
  private Operand sixtyFour(Emitter e, int source) {
    Memory from = mem(RAX, 64 * source);
    if (64 * (source + 1) <= pitch) {
      return from;
    }
    VectorRegister register = target.vector(3);
    if (partial() == 48) {
      e.a.emit(Mnemonic.VMOVDQU8, register.zeroed(PARTIAL), from);
    } else {
      e.a.load(register.as(8 * partial()), from);
    }
    return register;
  }

  /** Indexes by entry. */
  byte[] table() {
    int bytes = target.wide() ? PERMUTATION : vector;
    ByteBuffer to = ByteBuffer.allocate(entries.size() * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < entries.size(); i++) {
      int[] from = part(entries.get(i));
      long mask = 0;
      for (int c = 0; c < vector; c++) {
        to.put(bytes * i + c, (byte) (from[c] < 0 ? 0x80 : from[c]));
        mask |= from[c] < 0 ? 0 : 1L << c;
      }
      if (target.wide()) {
        to.putLong(PERMUTATION * i + 64, mask);
      }
    }
    return to.array();
  }
}
