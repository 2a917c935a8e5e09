package org.sysmol.runtime.codegen;

/** How the products of four bytes of codes with their weights are added to the sum of a lane. */
enum Products {
  /** {@code vpdpbusd}: bytes into 32 bits. */
  DOT("vpdpbusd"),
  /** {@code vpmaddubsw}: pairs of products added up in 16 bits as long as the bounds allow. */
  PAIRS("vpmaddubsw"),
  /** {@code vpmaddwd} on bytes widened to 16 bits: for sums of pairs beyond 16 bits. */
  WIDENED("vpmaddwd"),
  /** {@code vpmaddwd} on what is stored as words. */
  WORDS("vpmaddwd");

  private final String instruction;

  Products(String instruction) {
    this.instruction = instruction;
  }

  /** The instruction that multiplies. */
  String instruction() {
    return instruction;
  }
}
