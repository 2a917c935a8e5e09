package org.sysmol.runtime.x86;

/**
 * One method for each of the vector integer arithmetic, logic, shifts and comparisons: it emits the
 * instruction of its name, destination first.
 */
abstract sealed class IntegerInstructions extends MoveInstructions permits PermuteInstructions {

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
}
