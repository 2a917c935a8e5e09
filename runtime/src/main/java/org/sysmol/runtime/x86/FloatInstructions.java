package org.sysmol.runtime.x86;

/**
 * One method for each of the binary32 vector arithmetic and conversions: it emits the instruction
 * of its name, destination first.
 */
abstract sealed class FloatInstructions extends PermuteInstructions permits TileInstructions {

  public void vaddps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VADDPS, destination, source, second);
  }

  public void vmulps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VMULPS, destination, source, second);
  }

  public void vsubps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VSUBPS, destination, source, second);
  }

  public void vminps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VMINPS, destination, source, second);
  }

  public void vdivps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VDIVPS, destination, source, second);
  }

  public void vmaxps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VMAXPS, destination, source, second);
  }

  public void vandps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VANDPS, destination, source, second);
  }

  public void vandnps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VANDNPS, destination, source, second);
  }

  public void vorps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VORPS, destination, source, second);
  }

  public void vxorps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VXORPS, destination, source, second);
  }

  public void vcvtdq2ps(Operand destination, Operand source) {
    emit(Mnemonic.VCVTDQ2PS, destination, source);
  }

  public void vcvtps2dq(Operand destination, Operand source) {
    emit(Mnemonic.VCVTPS2DQ, destination, source);
  }

  public void vcvttps2dq(Operand destination, Operand source) {
    emit(Mnemonic.VCVTTPS2DQ, destination, source);
  }

  public void vcvtudq2ps(Operand destination, Operand source) {
    emit(Mnemonic.VCVTUDQ2PS, destination, source);
  }

  public void vroundps(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VROUNDPS, destination, source, new Immediate(immediate));
  }

  public void vrndscaleps(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VRNDSCALEPS, destination, source, new Immediate(immediate));
  }

  public void vcmpps(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VCMPPS, destination, source, second, new Immediate(immediate));
  }

  public void vunpcklps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VUNPCKLPS, destination, source, second);
  }

  public void vunpckhps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VUNPCKHPS, destination, source, second);
  }

  public void vblendps(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VBLENDPS, destination, source, second, new Immediate(immediate));
  }

  public void vshufps(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VSHUFPS, destination, source, second, new Immediate(immediate));
  }
}
