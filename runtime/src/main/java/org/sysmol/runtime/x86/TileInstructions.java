package org.sysmol.runtime.x86;

/**
 * One method for each of the tile instructions (AMX): it emits the instruction of its name,
 * destination first.
 *
 * <p>Tiles are loaded and stored row by row: an address {@code mem(base, stride, 1, 0)} puts row
 * {@code r} at {@code base + r * stride}; the stride must be a register. A product takes a tile of
 * rows times K bytes and one of K/4 rows, each with four bytes of every column side by side, and
 * adds to a tile of rows times columns of 32 bits; the three tiles must differ.
 */
abstract sealed class TileInstructions extends FloatInstructions permits Assembler {

  /** Shapes all tiles by 64 bytes of memory, see {@link TileConfiguration}, and clears them. */
  public void ldtilecfg(Operand source) {
    emit(Mnemonic.LDTILECFG, source);
  }

  public void sttilecfg(Operand destination) {
    emit(Mnemonic.STTILECFG, destination);
  }

  /** Gives the tiles back; every program that configured them must end with it. */
  public void tilerelease() {
    emit(Mnemonic.TILERELEASE);
  }

  public void tilezero(Operand destination) {
    emit(Mnemonic.TILEZERO, destination);
  }

  public void tileloadd(Operand destination, Operand source) {
    emit(Mnemonic.TILELOADD, destination, source);
  }

  /** A load whose data are not expected to be used again soon. */
  public void tileloaddt1(Operand destination, Operand source) {
    emit(Mnemonic.TILELOADDT1, destination, source);
  }

  public void tilestored(Operand destination, Operand source) {
    emit(Mnemonic.TILESTORED, destination, source);
  }

  /** Sums of products of bytes without a sign ({@code rows}) and with one ({@code columns}). */
  public void tdpbusd(Operand destination, Operand rows, Operand columns) {
    emit(Mnemonic.TDPBUSD, destination, rows, columns);
  }

  /** Sums of products of bytes with signs. */
  public void tdpbssd(Operand destination, Operand rows, Operand columns) {
    emit(Mnemonic.TDPBSSD, destination, rows, columns);
  }

  /** Sums of products of bytes with a sign ({@code rows}) and without one ({@code columns}). */
  public void tdpbsud(Operand destination, Operand rows, Operand columns) {
    emit(Mnemonic.TDPBSUD, destination, rows, columns);
  }

  /** Sums of products of bytes without signs. */
  public void tdpbuud(Operand destination, Operand rows, Operand columns) {
    emit(Mnemonic.TDPBUUD, destination, rows, columns);
  }
}
