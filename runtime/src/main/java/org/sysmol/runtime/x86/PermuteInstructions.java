package org.sysmol.runtime.x86;

/**
 * One method for each of the packs, permutations, widenings and narrowings: it emits the
 * instruction of its name, destination first.
 */
abstract sealed class PermuteInstructions extends LogicInstructions permits FloatInstructions {

  public void vpacksswb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPACKSSWB, destination, source, second);
  }

  public void vpackuswb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPACKUSWB, destination, source, second);
  }

  public void vpackssdw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPACKSSDW, destination, source, second);
  }

  public void vpackusdw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPACKUSDW, destination, source, second);
  }

  public void vpunpcklbw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKLBW, destination, source, second);
  }

  public void vpunpcklwd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKLWD, destination, source, second);
  }

  public void vpunpckldq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKLDQ, destination, source, second);
  }

  public void vpunpcklqdq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKLQDQ, destination, source, second);
  }

  public void vpunpckhbw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKHBW, destination, source, second);
  }

  public void vpunpckhwd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKHWD, destination, source, second);
  }

  public void vpunpckhdq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKHDQ, destination, source, second);
  }

  public void vpunpckhqdq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPUNPCKHQDQ, destination, source, second);
  }

  public void vpshufb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPSHUFB, destination, source, second);
  }

  public void vpshufd(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPSHUFD, destination, source, new Immediate(immediate));
  }

  public void vpalignr(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPALIGNR, destination, source, second, new Immediate(immediate));
  }

  public void valignd(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VALIGND, destination, source, second, new Immediate(immediate));
  }

  public void vpblendd(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPBLENDD, destination, source, second, new Immediate(immediate));
  }

  public void vperm2i128(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VPERM2I128, destination, source, second, new Immediate(immediate));
  }

  public void vpermd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMD, destination, source, second);
  }

  public void vpermq(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VPERMQ, destination, source, new Immediate(immediate));
  }

  public void vpermq(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMQ, destination, source, second);
  }

  public void vpermb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMB, destination, source, second);
  }

  public void vpermw(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMW, destination, source, second);
  }

  public void vpermi2b(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMI2B, destination, source, second);
  }

  public void vpermi2w(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMI2W, destination, source, second);
  }

  public void vpermi2d(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMI2D, destination, source, second);
  }

  public void vpermt2b(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMT2B, destination, source, second);
  }

  public void vpermt2w(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMT2W, destination, source, second);
  }

  public void vpermt2d(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPERMT2D, destination, source, second);
  }

  public void vpmultishiftqb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPMULTISHIFTQB, destination, source, second);
  }

  public void vpblendmb(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPBLENDMB, destination, source, second);
  }

  public void vpblendmd(Operand destination, Operand source, Operand second) {
    emit(Mnemonic.VPBLENDMD, destination, source, second);
  }

  public void vshufi32x4(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VSHUFI32X4, destination, source, second, new Immediate(immediate));
  }

  public void vextracti128(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VEXTRACTI128, destination, source, new Immediate(immediate));
  }

  public void vinserti128(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VINSERTI128, destination, source, second, new Immediate(immediate));
  }

  public void vextracti32x4(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VEXTRACTI32X4, destination, source, new Immediate(immediate));
  }

  public void vextracti64x4(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.VEXTRACTI64X4, destination, source, new Immediate(immediate));
  }

  public void vinserti32x4(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VINSERTI32X4, destination, source, second, new Immediate(immediate));
  }

  public void vinserti64x4(Operand destination, Operand source, Operand second, int immediate) {
    emit(Mnemonic.VINSERTI64X4, destination, source, second, new Immediate(immediate));
  }

  public void vpmovmskb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVMSKB, destination, source);
  }

  public void vpmovm2b(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVM2B, destination, source);
  }

  public void vpmovb2m(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVB2M, destination, source);
  }

  public void vpmovm2d(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVM2D, destination, source);
  }

  public void vpmovd2m(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVD2M, destination, source);
  }

  public void vpmovsxbw(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSXBW, destination, source);
  }

  public void vpmovsxbd(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSXBD, destination, source);
  }

  public void vpmovsxbq(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSXBQ, destination, source);
  }

  public void vpmovsxwd(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSXWD, destination, source);
  }

  public void vpmovsxwq(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSXWQ, destination, source);
  }

  public void vpmovsxdq(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSXDQ, destination, source);
  }

  public void vpmovzxbw(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVZXBW, destination, source);
  }

  public void vpmovzxbd(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVZXBD, destination, source);
  }

  public void vpmovzxbq(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVZXBQ, destination, source);
  }

  public void vpmovzxwd(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVZXWD, destination, source);
  }

  public void vpmovzxwq(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVZXWQ, destination, source);
  }

  public void vpmovzxdq(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVZXDQ, destination, source);
  }

  public void vpmovdb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVDB, destination, source);
  }

  public void vpmovsdb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSDB, destination, source);
  }

  public void vpmovusdb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVUSDB, destination, source);
  }

  public void vpmovdw(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVDW, destination, source);
  }

  public void vpmovsdw(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSDW, destination, source);
  }

  public void vpmovusdw(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVUSDW, destination, source);
  }

  public void vpmovwb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVWB, destination, source);
  }

  public void vpmovswb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVSWB, destination, source);
  }

  public void vpmovuswb(Operand destination, Operand source) {
    emit(Mnemonic.VPMOVUSWB, destination, source);
  }
}
