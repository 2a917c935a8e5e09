package org.sysmol.hardware.rtl;

/** How often each bit is 1 in the four nibbles of a lane's activations: 0 to 4, three bits each. */
final class NibbleCounts {
  private NibbleCounts() {}

  /** The count of bit {@code j}: wires of this name and {@code _0}, {@code _1}, {@code _2}. */
  static String name(int j) {
    return "d" + j;
  }

  /** Emits all four counts from {@code n}. */
  static void emit(VerilogText text) {
    text.comment("The activations' digits: bit j of all four nibbles counted.");
    for (int j = 0; j < 4; j++) {
      String s = name(j);
      text.line("wire %s_x = n[%d] ^ n[%d] ^ n[%d];".formatted(s, j, j + 4, j + 8));
      text.line(
          "wire %s_y = n[%d] & n[%d] | n[%d] & (n[%d] ^ n[%d]);"
              .formatted(s, j, j + 4, j + 8, j, j + 4));
      text.line("wire %s_0 = %s_x ^ n[%d];", s, s, j + 12);
      text.line("wire %s_z = %s_x & n[%d];", s, s, j + 12);
      text.line("wire %s_1 = %s_y ^ %s_z;", s, s, s);
      text.line("wire %s_2 = %s_y & %s_z;", s, s, s);
    }
  }
}
