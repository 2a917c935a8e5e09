package org.sysmol.runtime.x86;

import java.util.List;

/** Packs, permutations, widenings and narrowings. */
final class PermuteUnit {
  private PermuteUnit() {}

  static void describe(VectorUnit unit) {
    unit.add(Mnemonic.VPACKSSWB, step -> pack(step, 16, true));
    unit.add(Mnemonic.VPACKUSWB, step -> pack(step, 16, false));
    unit.add(Mnemonic.VPACKSSDW, step -> pack(step, 32, true));
    unit.add(Mnemonic.VPACKUSDW, step -> pack(step, 32, false));
    interleaves(unit);
    shuffles(unit);
    permutations(unit);
    parts(unit);
    widenings(unit);
    narrowings(unit);
    unit.add(Mnemonic.VPMOVMSKB, step -> signs(step, 8));
    unit.add(Mnemonic.VPMOVB2M, step -> signs(step, 8));
    unit.add(Mnemonic.VPMOVD2M, step -> signs(step, 32));
    unit.add(Mnemonic.VPMOVM2B, step -> spread(step, 8));
    unit.add(Mnemonic.VPMOVM2D, step -> spread(step, 32));
  }

  /** In each 128 bits: the first source below, the second above, both saturated to half. */
  private static void pack(VectorStep step, int bits, boolean signed) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    int half = 128 / bits;
    for (int i = 0; i < step.bytes() * 16 / bits; i++) {
      int group = i / (2 * half);
      byte[] from = i % (2 * half) < half ? a : b;
      long value = Lanes.signed(from, bits, group * half + i % half);
      long packed =
          signed ? Lanes.saturateSigned(value, bits / 2) : Lanes.saturateUnsigned(value, bits / 2);
      Lanes.set(step.out, bits / 2, i, packed);
    }
  }

  private static void interleaves(VectorUnit unit) {
    List<Mnemonic> low =
        List.of(
            Mnemonic.VPUNPCKLBW, Mnemonic.VPUNPCKLWD, Mnemonic.VPUNPCKLDQ, Mnemonic.VPUNPCKLQDQ);
    List<Mnemonic> high =
        List.of(
            Mnemonic.VPUNPCKHBW, Mnemonic.VPUNPCKHWD, Mnemonic.VPUNPCKHDQ, Mnemonic.VPUNPCKHQDQ);
    for (int i = 0; i < 4; i++) {
      int bits = 8 << i;
      unit.add(low.get(i), step -> interleave(step, bits, 0));
      unit.add(high.get(i), step -> interleave(step, bits, 64 / bits));
    }
    unit.add(Mnemonic.VUNPCKLPS, step -> interleave(step, 32, 0));
    unit.add(Mnemonic.VUNPCKHPS, step -> interleave(step, 32, 2));
  }

  private static void interleave(VectorStep step, int bits, int first) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    int perGroup = 128 / bits;
    for (int i = 0; i < step.bytes() * 8 / bits; i++) {
      int from = i / perGroup * perGroup + first + i % perGroup / 2;
      Lanes.set(step.out, bits, i, Lanes.signed(i % 2 == 0 ? a : b, bits, from));
    }
  }

  private static void shuffles(VectorUnit unit) {
    unit.add(
        Mnemonic.VPSHUFB,
        step -> {
          byte[] a = step.source(1);
          byte[] b = step.source(2);
          for (int i = 0; i < step.bytes(); i++) {
            step.out[i] = b[i] < 0 ? 0 : a[(i & ~15) + (b[i] & 15)];
          }
        });
    unit.add(
        Mnemonic.VPSHUFD,
        step -> {
          byte[] a = step.source(1);
          for (int i = 0; i < step.bytes() / 4; i++) {
            int from = (i & ~3) + (step.constant() >> (2 * (i & 3)) & 3);
            Lanes.set(step.out, 32, i, Lanes.dword(a, from));
          }
        });
    unit.add(
        Mnemonic.VSHUFPS,
        step -> {
          byte[] a = step.source(1);
          byte[] b = step.source(2);
          for (int i = 0; i < step.bytes() / 4; i++) {
            int from = (i & ~3) + (step.constant() >> (2 * (i & 3)) & 3);
            Lanes.set(step.out, 32, i, Lanes.dword((i & 2) == 0 ? a : b, from));
          }
        });
    unit.add(
        Mnemonic.VPALIGNR,
        step -> {
          byte[] high = step.source(1);
          byte[] low = step.source(2);
          for (int i = 0; i < step.bytes(); i++) {
            int from = (i & 15) + step.constant();
            byte[] source = from < 16 ? low : high;
            step.out[i] = from < 32 ? source[(i & ~15) + (from & 15)] : 0;
          }
        });
    VectorStep.Semantics blend =
        step -> {
          byte[] a = step.source(1);
          byte[] b = step.source(2);
          for (int i = 0; i < step.bytes() / 4; i++) {
            Lanes.set(step.out, 32, i, Lanes.dword((step.constant() >> i & 1) == 0 ? a : b, i));
          }
        };
    unit.add(Mnemonic.VPBLENDD, blend);
    unit.add(Mnemonic.VBLENDPS, blend);
    unit.addLanewise(Mnemonic.VPBLENDMB, step -> maskedBlend(step, 8));
    unit.addLanewise(Mnemonic.VPBLENDMD, step -> maskedBlend(step, 32));
  }

  private static void maskedBlend(VectorStep step, int bits) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    for (int i = 0; i < step.bytes() * 8 / bits; i++) {
      boolean second = (step.mask() >>> i & 1) != 0;
      Lanes.set(step.out, bits, i, Lanes.signed(second ? b : a, bits, i));
    }
  }

  private static void permutations(VectorUnit unit) {
    unit.add(Mnemonic.VPERMB, step -> permute(step, 8));
    unit.add(Mnemonic.VPERMW, step -> permute(step, 16));
    unit.add(Mnemonic.VPERMD, step -> permute(step, 32));
    unit.add(
        Mnemonic.VPERMQ,
        step -> {
          if (!(step.instruction.operands().getLast() instanceof Immediate)) {
            permute(step, 64);
            return;
          }
          byte[] a = step.source(1);
          for (int i = 0; i < step.bytes() / 8; i++) {
            int from = (i & ~3) + (step.constant() >> (2 * (i & 3)) & 3);
            Lanes.set(step.out, 64, i, Lanes.signed(a, 64, from));
          }
        });
    unit.add(Mnemonic.VPERMI2B, step -> permuteTwo(step, 8, 0, 1));
    unit.add(Mnemonic.VPERMI2W, step -> permuteTwo(step, 16, 0, 1));
    unit.add(Mnemonic.VPERMI2D, step -> permuteTwo(step, 32, 0, 1));
    unit.add(Mnemonic.VPERMT2B, step -> permuteTwo(step, 8, 1, 0));
    unit.add(Mnemonic.VPERMT2W, step -> permuteTwo(step, 16, 1, 0));
    unit.add(Mnemonic.VPERMT2D, step -> permuteTwo(step, 32, 1, 0));
    unit.add(Mnemonic.VALIGND, PermuteUnit::align);
    unit.add(
        Mnemonic.VPMULTISHIFTQB,
        step -> {
          byte[] counts = step.source(1);
          byte[] b = step.source(2);
          for (int i = 0; i < step.bytes(); i++) {
            step.out[i] = (byte) Long.rotateRight(Lanes.signed(b, 64, i / 8), counts[i]);
          }
        });
  }

  /** Lanes of the second source, then of the first, from the constant on. */
  private static void align(VectorStep step) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    int lanes = step.bytes() / 4;
    for (int i = 0; i < lanes; i++) {
      int from = i + (step.constant() & (lanes - 1));
      Lanes.set(step.out, 32, i, Lanes.dword(from < lanes ? b : a, from & (lanes - 1)));
    }
  }

  /** The first source holds indices, of which the upper bits are ignored. */
  private static void permute(VectorStep step, int bits) {
    byte[] indices = step.source(1);
    byte[] b = step.source(2);
    int lanes = step.bytes() * 8 / bits;
    for (int i = 0; i < lanes; i++) {
      int from = (int) Lanes.signed(indices, bits, i) & (lanes - 1);
      Lanes.set(step.out, bits, i, Lanes.signed(b, bits, from));
    }
  }

  /** One more bit of the index chooses between two tables. */
  private static void permuteTwo(VectorStep step, int bits, int indexOperand, int lowOperand) {
    byte[] indices = step.source(indexOperand);
    byte[] low = step.source(lowOperand);
    byte[] high = step.source(2);
    int lanes = step.bytes() * 8 / bits;
    for (int i = 0; i < lanes; i++) {
      int index = (int) Lanes.signed(indices, bits, i);
      byte[] table = (index & lanes) == 0 ? low : high;
      Lanes.set(step.out, bits, i, Lanes.signed(table, bits, index & (lanes - 1)));
    }
  }

  private static void parts(VectorUnit unit) {
    unit.add(Mnemonic.VEXTRACTI128, step -> extract(step, 16));
    unit.add(Mnemonic.VEXTRACTI32X4, step -> extract(step, 16));
    unit.add(Mnemonic.VEXTRACTI64X4, step -> extract(step, 32));
    unit.add(Mnemonic.VINSERTI128, step -> insert(step, 16));
    unit.add(Mnemonic.VINSERTI32X4, step -> insert(step, 16));
    unit.add(Mnemonic.VINSERTI64X4, step -> insert(step, 32));
    unit.add(
        Mnemonic.VPERM2I128,
        step -> {
          for (int half = 0; half < 2; half++) {
            int choice = step.constant() >> (4 * half);
            if ((choice & 8) == 0) {
              byte[] from = step.source((choice & 2) == 0 ? 1 : 2);
              System.arraycopy(from, 16 * (choice & 1), step.out, 16 * half, 16);
            }
          }
        });
    unit.add(
        Mnemonic.VSHUFI32X4,
        step -> {
          int parts = step.bytes() / 16;
          int bits = parts / 2;
          for (int i = 0; i < parts; i++) {
            byte[] from = step.source(i < parts / 2 ? 1 : 2);
            int part = step.constant() >> (bits * i) & (parts - 1);
            System.arraycopy(from, 16 * part, step.out, 16 * i, 16);
          }
        });
  }

  private static void extract(VectorStep step, int size) {
    int part = step.constant() & (step.bytes() / size - 1);
    System.arraycopy(step.source(1), part * size, step.out, 0, size);
  }

  private static void insert(VectorStep step, int size) {
    int part = step.constant() & (step.bytes() / size - 1);
    System.arraycopy(step.source(1), 0, step.out, 0, step.bytes());
    System.arraycopy(step.source(2), 0, step.out, part * size, size);
  }

  private static void widenings(VectorUnit unit) {
    widening(unit, Mnemonic.VPMOVSXBW, Mnemonic.VPMOVZXBW, 8, 16);
    widening(unit, Mnemonic.VPMOVSXBD, Mnemonic.VPMOVZXBD, 8, 32);
    widening(unit, Mnemonic.VPMOVSXBQ, Mnemonic.VPMOVZXBQ, 8, 64);
    widening(unit, Mnemonic.VPMOVSXWD, Mnemonic.VPMOVZXWD, 16, 32);
    widening(unit, Mnemonic.VPMOVSXWQ, Mnemonic.VPMOVZXWQ, 16, 64);
    widening(unit, Mnemonic.VPMOVSXDQ, Mnemonic.VPMOVZXDQ, 32, 64);
  }

  private static void widening(
      VectorUnit unit, Mnemonic signed, Mnemonic unsigned, int from, int to) {
    unit.addLanewise(
        signed,
        step -> {
          byte[] a = step.source(1);
          for (int i = 0; i < step.bytes() * 8 / to; i++) {
            Lanes.set(step.out, to, i, Lanes.signed(a, from, i));
          }
        });
    unit.addLanewise(
        unsigned,
        step -> {
          byte[] a = step.source(1);
          for (int i = 0; i < step.bytes() * 8 / to; i++) {
            Lanes.set(step.out, to, i, Lanes.unsigned(a, from, i));
          }
        });
  }

  private static void narrowings(VectorUnit unit) {
    narrowing(unit, List.of(Mnemonic.VPMOVDB, Mnemonic.VPMOVSDB, Mnemonic.VPMOVUSDB), 32, 8);
    narrowing(unit, List.of(Mnemonic.VPMOVDW, Mnemonic.VPMOVSDW, Mnemonic.VPMOVUSDW), 32, 16);
    narrowing(unit, List.of(Mnemonic.VPMOVWB, Mnemonic.VPMOVSWB, Mnemonic.VPMOVUSWB), 16, 8);
  }

  /** Cut off, limited with a sign, limited without a sign. */
  private static void narrowing(VectorUnit unit, List<Mnemonic> three, int from, int to) {
    for (int kind = 0; kind < 3; kind++) {
      int chosen = kind;
      unit.add(
          three.get(kind),
          step -> {
            byte[] a = step.source(1);
            for (int i = 0; i < step.bytes() * 8 / from; i++) {
              long value =
                  switch (chosen) {
                    case 0 -> Lanes.signed(a, from, i);
                    case 1 -> Lanes.saturateSigned(Lanes.signed(a, from, i), to);
                    default -> Lanes.saturateUnsigned(Lanes.unsigned(a, from, i), to);
                  };
              Lanes.set(step.out, to, i, value);
            }
          });
    }
  }

  private static void signs(VectorStep step, int bits) {
    byte[] a = step.source(1);
    long mask = 0;
    for (int i = 0; i < step.bytes() * 8 / bits; i++) {
      mask |= Lanes.signed(a, bits, i) < 0 ? 1L << i : 0;
    }
    Lanes.set(step.out, 64, 0, mask);
  }

  private static void spread(VectorStep step, int bits) {
    long mask = Lanes.signed(step.source(1), 64, 0);
    for (int i = 0; i < step.bytes() * 8 / bits; i++) {
      Lanes.set(step.out, bits, i, -(mask >>> i & 1));
    }
  }
}
