package org.sysmol.runtime.x86;

/**
 * One method for each of the vector integer logic, shifts, comparisons and counts of bits: it emits
 * the instruction of its name, destination first.
 */
abstract sealed class LogicInstructions extends IntegerInstructions permits PermuteInstructions {

  public void vpand(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPAND, destination, source, second);
  }

  public void vpandd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPANDD, destination, source, second);
  }

  public void vpandq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPANDQ, destination, source, second);
  }

  public void vpandn(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPANDN, destination, source, second);
  }

  public void vpandnd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPANDND, destination, source, second);
  }

  public void vpandnq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPANDNQ, destination, source, second);
  }

  public void vpor(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPOR, destination, source, second);
  }

  public void vpord(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPORD, destination, source, second);
  }

  public void vporq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPORQ, destination, source, second);
  }

  public void vpxor(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPXOR, destination, source, second);
  }

  public void vpxord(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPXORD, destination, source, second);
  }

  public void vpxorq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPXORQ, destination, source, second);
  }

  public void vpternlogd(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPTERNLOGD, destination, source, second, new Immediate(immediate));
  }

  public void vpternlogq(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPTERNLOGQ, destination, source, second, new Immediate(immediate));
  }

  public void vpsllw(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSLLW, destination, source, new Immediate(immediate));
  }

  public void vpsrlw(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRLW, destination, source, new Immediate(immediate));
  }

  public void vpsraw(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRAW, destination, source, new Immediate(immediate));
  }

  public void vpslld(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSLLD, destination, source, new Immediate(immediate));
  }

  public void vpsrld(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRLD, destination, source, new Immediate(immediate));
  }

  public void vpsrad(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRAD, destination, source, new Immediate(immediate));
  }

  public void vpsllq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSLLQ, destination, source, new Immediate(immediate));
  }

  public void vpsrlq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRLQ, destination, source, new Immediate(immediate));
  }

  public void vpsraq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRAQ, destination, source, new Immediate(immediate));
  }

  public void vpslldq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSLLDQ, destination, source, new Immediate(immediate));
  }

  public void vpsrldq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSRLDQ, destination, source, new Immediate(immediate));
  }

  public void vpsllvd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSLLVD, destination, source, second);
  }

  public void vpsrlvd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSRLVD, destination, source, second);
  }

  public void vpsravd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSRAVD, destination, source, second);
  }

  public void vpsllvq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSLLVQ, destination, source, second);
  }

  public void vpsrlvq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSRLVQ, destination, source, second);
  }

  public void vpsllvw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSLLVW, destination, source, second);
  }

  public void vpsrlvw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSRLVW, destination, source, second);
  }

  public void vpsravw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSRAVW, destination, source, second);
  }

  public void vpcmpeqb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPCMPEQB, destination, source, second);
  }

  public void vpcmpeqw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPCMPEQW, destination, source, second);
  }

  public void vpcmpeqd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPCMPEQD, destination, source, second);
  }

  public void vpcmpgtb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPCMPGTB, destination, source, second);
  }

  public void vpcmpgtw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPCMPGTW, destination, source, second);
  }

  public void vpcmpgtd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPCMPGTD, destination, source, second);
  }

  public void vpcmpb(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPCMPB, destination, source, second, new Immediate(immediate));
  }

  public void vpcmpub(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPCMPUB, destination, source, second, new Immediate(immediate));
  }

  public void vpcmpw(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPCMPW, destination, source, second, new Immediate(immediate));
  }

  public void vpcmpuw(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPCMPUW, destination, source, second, new Immediate(immediate));
  }

  public void vpcmpd(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPCMPD, destination, source, second, new Immediate(immediate));
  }

  public void vpcmpud(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPCMPUD, destination, source, second, new Immediate(immediate));
  }

  public void vptestmb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTMB, destination, source, second);
  }

  public void vptestmw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTMW, destination, source, second);
  }

  public void vptestmd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTMD, destination, source, second);
  }

  public void vptestmq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTMQ, destination, source, second);
  }

  public void vptestnmb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTNMB, destination, source, second);
  }

  public void vptestnmw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTNMW, destination, source, second);
  }

  public void vptestnmd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTNMD, destination, source, second);
  }

  public void vptestnmq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPTESTNMQ, destination, source, second);
  }

  public void vpopcntd(Operand destination, Operand source) {
    emit(Mnemonic.VPOPCNTD, destination, source);
  }

  public void vpopcntq(Operand destination, Operand source) {
    emit(Mnemonic.VPOPCNTQ, destination, source);
  }

  public void vgf2p8affineqb(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VGF2P8AFFINEQB, destination, source, second, new Immediate(immediate));
  }
}
