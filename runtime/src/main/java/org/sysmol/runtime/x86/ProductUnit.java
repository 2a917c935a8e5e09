package org.sysmol.runtime.x86;

/** Products of narrow lanes that are summed into wider ones. */
final class ProductUnit {
  private ProductUnit() {}

  static void describe(VectorUnit unit) {
    unit.add(Mnemonic.VPMADDWD, ProductUnit::wordPairs);
    unit.add(Mnemonic.VPMADDUBSW, ProductUnit::bytePairs);
    unit.add(Mnemonic.VPSADBW, ProductUnit::differences);
    unit.addLanewise(Mnemonic.VPDPBUSD, step -> bytes(step, false));
    unit.addLanewise(Mnemonic.VPDPBUSDS, step -> bytes(step, true));
    unit.addLanewise(Mnemonic.VPDPWSSD, step -> words(step, false));
    unit.addLanewise(Mnemonic.VPDPWSSDS, step -> words(step, true));
  }

  /** The sum of two products wraps for one case only: four times -32768. */
  private static void wordPairs(VectorStep step) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    for (int i = 0; i < step.bytes() / 4; i++) {
      Lanes.set(step.out, 32, i, wordProduct(a, b, i));
    }
  }

  private static long wordProduct(byte[] a, byte[] b, int lane) {
    return Lanes.signed(a, 16, 2 * lane) * Lanes.signed(b, 16, 2 * lane)
        + Lanes.signed(a, 16, 2 * lane + 1) * Lanes.signed(b, 16, 2 * lane + 1);
  }

  /** The first source has no sign, the second has; the sum saturates. */
  private static void bytePairs(VectorStep step) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    for (int i = 0; i < step.bytes() / 2; i++) {
      int sum = (a[2 * i] & 0xFF) * b[2 * i] + (a[2 * i + 1] & 0xFF) * b[2 * i + 1];
      Lanes.set(step.out, 16, i, Lanes.saturateSigned(sum, 16));
    }
  }

  private static void differences(VectorStep step) {
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    for (int i = 0; i < step.bytes(); i++) {
      long sum = Lanes.signed(step.out, 64, i / 8);
      Lanes.set(step.out, 64, i / 8, sum + Math.abs((a[i] & 0xFF) - (b[i] & 0xFF)));
    }
  }

  /** Four products of a byte without and a byte with a sign are added to the destination. */
  private static void bytes(VectorStep step, boolean saturate) {
    byte[] sums = step.source(0);
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    for (int i = 0; i < step.bytes() / 4; i++) {
      long sum = Lanes.dword(sums, i);
      for (int j = 4 * i; j < 4 * i + 4; j++) {
        sum += (a[j] & 0xFF) * b[j];
      }
      Lanes.set(step.out, 32, i, saturate ? Lanes.saturateSigned(sum, 32) : sum);
    }
  }

  private static void words(VectorStep step, boolean saturate) {
    byte[] sums = step.source(0);
    byte[] a = step.source(1);
    byte[] b = step.source(2);
    for (int i = 0; i < step.bytes() / 4; i++) {
      long sum = Lanes.dword(sums, i) + wordProduct(a, b, i);
      Lanes.set(step.out, 32, i, saturate ? Lanes.saturateSigned(sum, 32) : sum);
    }
  }
}
