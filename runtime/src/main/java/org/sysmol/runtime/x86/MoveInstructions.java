package org.sysmol.runtime.x86;

/**
 * One method for each of the vector loads, stores, broadcasts and mask moves: it emits the
 * instruction of its name, destination first.
 */
abstract sealed class MoveInstructions extends ScalarInstructions permits IntegerInstructions {

  public void vmovdqu(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQU, destination, source);
  }

  public void vmovdqa(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQA, destination, source);
  }

  public void vmovdqu8(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQU8, destination, source);
  }

  public void vmovdqu16(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQU16, destination, source);
  }

  public void vmovdqu32(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQU32, destination, source);
  }

  public void vmovdqu64(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQU64, destination, source);
  }

  public void vmovdqa32(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQA32, destination, source);
  }

  public void vmovdqa64(Operand destination, Operand source) {
    emit(Mnemonic.VMOVDQA64, destination, source);
  }

  public void vmovups(Operand destination, Operand source) {
    emit(Mnemonic.VMOVUPS, destination, source);
  }

  public void vmovaps(Operand destination, Operand source) {
    emit(Mnemonic.VMOVAPS, destination, source);
  }

  public void vmovntdq(Operand destination, Operand source) {
    emit(Mnemonic.VMOVNTDQ, destination, source);
  }

  public void vmovd(Operand destination, Operand source) {
    emit(Mnemonic.VMOVD, destination, source);
  }

  public void vmovq(Operand destination, Operand source) {
    emit(Mnemonic.VMOVQ, destination, source);
  }

  public void vmovss(Operand destination, Operand source) {
    emit(Mnemonic.VMOVSS, destination, source);
  }

  public void vpbroadcastb(Operand destination, Operand source) {
    emit(Mnemonic.VPBROADCASTB, destination, source);
  }

  public void vpbroadcastw(Operand destination, Operand source) {
    emit(Mnemonic.VPBROADCASTW, destination, source);
  }

  public void vpbroadcastd(Operand destination, Operand source) {
    emit(Mnemonic.VPBROADCASTD, destination, source);
  }

  public void vpbroadcastq(Operand destination, Operand source) {
    emit(Mnemonic.VPBROADCASTQ, destination, source);
  }

  public void vbroadcastss(Operand destination, Operand source) {
    emit(Mnemonic.VBROADCASTSS, destination, source);
  }

  public void vbroadcasti128(Operand destination, Operand source) {
    emit(Mnemonic.VBROADCASTI128, destination, source);
  }

  public void vbroadcasti32x4(Operand destination, Operand source) {
    emit(Mnemonic.VBROADCASTI32X4, destination, source);
  }

  public void vbroadcasti64x4(Operand destination, Operand source) {
    emit(Mnemonic.VBROADCASTI64X4, destination, source);
  }

  public void vpextrb(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPEXTRB, destination, source, new Immediate(immediate));
  }

  public void vpextrw(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPEXTRW, destination, source, new Immediate(immediate));
  }

  public void vpextrd(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPEXTRD, destination, source, new Immediate(immediate));
  }

  public void vpextrq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPEXTRQ, destination, source, new Immediate(immediate));
  }

  public void vpinsrb(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPINSRB, destination, source, second, new Immediate(immediate));
  }

  public void vpinsrw(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPINSRW, destination, source, second, new Immediate(immediate));
  }

  public void vpinsrd(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPINSRD, destination, source, second, new Immediate(immediate));
  }

  public void vpinsrq(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPINSRQ, destination, source, second, new Immediate(immediate));
  }

  public void vpmaskmovd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMASKMOVD, destination, source, second);
  }

  public void vmaskmovps(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VMASKMOVPS, destination, source, second);
  }

  public void vzeroupper() {
    emit(Mnemonic.VZEROUPPER);
  }

  public void kmovb(Operand destination, Operand source) {
    emit(Mnemonic.KMOVB, destination, source);
  }

  public void kmovw(Operand destination, Operand source) {
    emit(Mnemonic.KMOVW, destination, source);
  }

  public void kmovd(Operand destination, Operand source) {
    emit(Mnemonic.KMOVD, destination, source);
  }

  public void kmovq(Operand destination, Operand source) {
    emit(Mnemonic.KMOVQ, destination, source);
  }
}
