package org.sysmol.runtime.x86;

/**
 * One method for each of the vector integer sums, products and extremes: it emits the instruction
 * of its name, destination first.
 */
abstract sealed class IntegerInstructions extends MoveInstructions permits LogicInstructions {

  public void vpaddb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDB, destination, source, second);
  }

  public void vpaddw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDW, destination, source, second);
  }

  public void vpaddd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDD, destination, source, second);
  }

  public void vpaddq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDQ, destination, source, second);
  }

  public void vpsubb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBB, destination, source, second);
  }

  public void vpsubw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBW, destination, source, second);
  }

  public void vpsubd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBD, destination, source, second);
  }

  public void vpsubq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBQ, destination, source, second);
  }

  public void vpaddsb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDSB, destination, source, second);
  }

  public void vpaddsw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDSW, destination, source, second);
  }

  public void vpaddusb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDUSB, destination, source, second);
  }

  public void vpaddusw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPADDUSW, destination, source, second);
  }

  public void vpsubsb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBSB, destination, source, second);
  }

  public void vpsubsw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBSW, destination, source, second);
  }

  public void vpsubusb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBUSB, destination, source, second);
  }

  public void vpsubusw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSUBUSW, destination, source, second);
  }

  public void vpmullw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMULLW, destination, source, second);
  }

  public void vpmulhw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMULHW, destination, source, second);
  }

  public void vpmulhuw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMULHUW, destination, source, second);
  }

  public void vpmulhrsw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMULHRSW, destination, source, second);
  }

  public void vpmulld(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMULLD, destination, source, second);
  }

  public void vpmaddwd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMADDWD, destination, source, second);
  }

  public void vpmaddubsw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMADDUBSW, destination, source, second);
  }

  public void vpdpbusd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPDPBUSD, destination, source, second);
  }

  public void vpdpbusds(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPDPBUSDS, destination, source, second);
  }

  public void vpdpwssd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPDPWSSD, destination, source, second);
  }

  public void vpdpwssds(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPDPWSSDS, destination, source, second);
  }

  public void vpsadbw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSADBW, destination, source, second);
  }

  public void vpavgb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPAVGB, destination, source, second);
  }

  public void vpmaxsb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMAXSB, destination, source, second);
  }

  public void vpmaxub(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMAXUB, destination, source, second);
  }

  public void vpmaxsw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMAXSW, destination, source, second);
  }

  public void vpmaxuw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMAXUW, destination, source, second);
  }

  public void vpmaxsd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMAXSD, destination, source, second);
  }

  public void vpmaxud(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMAXUD, destination, source, second);
  }

  public void vpminsb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMINSB, destination, source, second);
  }

  public void vpminub(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMINUB, destination, source, second);
  }

  public void vpminsw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMINSW, destination, source, second);
  }

  public void vpminuw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMINUW, destination, source, second);
  }

  public void vpminsd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMINSD, destination, source, second);
  }

  public void vpminud(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMINUD, destination, source, second);
  }

  public void vpabsb(Operand destination, Operand source) {
    emit(Mnemonic.VPABSB, destination, source);
  }

  public void vpabsw(Operand destination, Operand source) {
    emit(Mnemonic.VPABSW, destination, source);
  }

  public void vpabsd(Operand destination, Operand source) {
    emit(Mnemonic.VPABSD, destination, source);
  }

  public void vpsignb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSIGNB, destination, source, second);
  }

  public void vpsignw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSIGNW, destination, source, second);
  }

  public void vpsignd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSIGND, destination, source, second);
  }
}
