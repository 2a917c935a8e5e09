package org.sysmol.runtime.x86;

/**
 * Encodings of packs, permutations, widenings and narrowings; {@link Form} says how to read a line.
 */
final class PermuteForms {
  private PermuteForms() {}

  static final String TABLE =
      """
      vpacksswb       vex.66.0f.wig     63  rV,vV,mV        -    avx2
      vpacksswb       evex.66.0f.wig    63  rV,vV,mV        k8   avx512bw
      vpackuswb       vex.66.0f.wig     67  rV,vV,mV        -    avx2
      vpackuswb       evex.66.0f.wig    67  rV,vV,mV        k8   avx512bw
      vpackssdw       vex.66.0f.wig     6b  rV,vV,mV        -    avx2
      vpackssdw       evex.66.0f.w0     6b  rV,vV,mV/32     k16  avx512bw
      vpackusdw       vex.66.0f38.wig   2b  rV,vV,mV        -    avx2
      vpackusdw       evex.66.0f38.w0   2b  rV,vV,mV/32     k16  avx512bw
      vpunpcklbw      vex.66.0f.wig     60  rV,vV,mV        -    avx2
      vpunpcklbw      evex.66.0f.wig    60  rV,vV,mV        k8   avx512bw
      vpunpcklwd      vex.66.0f.wig     61  rV,vV,mV        -    avx2
      vpunpcklwd      evex.66.0f.wig    61  rV,vV,mV        k16  avx512bw
      vpunpckldq      vex.66.0f.wig     62  rV,vV,mV        -    avx2
      vpunpckldq      evex.66.0f.w0     62  rV,vV,mV/32     k32  avx512f
      vpunpcklqdq     vex.66.0f.wig     6c  rV,vV,mV        -    avx2
      vpunpcklqdq     evex.66.0f.w1     6c  rV,vV,mV/64     k64  avx512f
      vpunpckhbw      vex.66.0f.wig     68  rV,vV,mV        -    avx2
      vpunpckhbw      evex.66.0f.wig    68  rV,vV,mV        k8   avx512bw
      vpunpckhwd      vex.66.0f.wig     69  rV,vV,mV        -    avx2
      vpunpckhwd      evex.66.0f.wig    69  rV,vV,mV        k16  avx512bw
      vpunpckhdq      vex.66.0f.wig     6a  rV,vV,mV        -    avx2
      vpunpckhdq      evex.66.0f.w0     6a  rV,vV,mV/32     k32  avx512f
      vpunpckhqdq     vex.66.0f.wig     6d  rV,vV,mV        -    avx2
      vpunpckhqdq     evex.66.0f.w1     6d  rV,vV,mV/64     k64  avx512f
      vpshufb         vex.66.0f38.wig   00  rV,vV,mV        -    avx2
      vpshufb         evex.66.0f38.wig  00  rV,vV,mV        k8   avx512bw
      vpshufd         vex.66.0f.wig     70  rV,mV,i8        -    avx2
      vpshufd         evex.66.0f.w0     70  rV,mV/32,i8     k32  avx512f
      vpalignr        vex.66.0f3a.wig   0f  rV,vV,mV,i8     -    avx2
      vpalignr        evex.66.0f3a.wig  0f  rV,vV,mV,i8     k8   avx512bw
      valignd         evex.66.0f3a.w0   03  rV,vV,mV/32,i8  k32  avx512f
      vpblendd        vex.66.0f3a.w0    02  rV,vV,mV,i8     -    avx2
      vperm2i128      vex.66.0f3a.w0    46  rY,vY,mY,i8     -    avx2
      vpermd          vex.66.0f38.w0    36  rY,vY,mY        -    avx2
      vpermd          evex.66.0f38.w0   36  rU,vU,mU/32     k32  avx512f
      vpermq          vex.66.0f3a.w1    00  rY,mY,i8        -    avx2
      vpermq          evex.66.0f3a.w1   00  rU,mU/64,i8     k64  avx512f
      vpermq          evex.66.0f38.w1   36  rU,vU,mU/64     k64  avx512f
      vpermb          evex.66.0f38.w0   8d  rV,vV,mV        k8   avx512_vbmi
      vpermw          evex.66.0f38.w1   8d  rV,vV,mV        k16  avx512bw
      vpermi2b        evex.66.0f38.w0   75  rV,vV,mV        k8   avx512_vbmi
      vpermi2w        evex.66.0f38.w1   75  rV,vV,mV        k16  avx512bw
      vpermi2d        evex.66.0f38.w0   76  rV,vV,mV/32     k32  avx512f
      vpermt2b        evex.66.0f38.w0   7d  rV,vV,mV        k8   avx512_vbmi
      vpermt2w        evex.66.0f38.w1   7d  rV,vV,mV        k16  avx512bw
      vpermt2d        evex.66.0f38.w0   7e  rV,vV,mV/32     k32  avx512f
      vpmultishiftqb  evex.66.0f38.w1   83  rV,vV,mV/64     k8   avx512_vbmi
      vpblendmb       evex.66.0f38.w0   66  rV,vV,mV        k8   avx512bw
      vpblendmd       evex.66.0f38.w0   64  rV,vV,mV/32     k32  avx512f
      vshufi32x4      evex.66.0f3a.w0   43  rU,vU,mU/32,i8  k32  avx512f
      vextracti128    vex.66.0f3a.w0    39  mX,rY,i8        -    avx2
      vinserti128     vex.66.0f3a.w0    38  rY,vY,mX,i8     -    avx2
      vextracti32x4   evex.66.0f3a.w0   39  mX,rU,i8        k32  avx512f
      vextracti64x4   evex.66.0f3a.w1   3b  mY,rZ,i8        k64  avx512f
      vinserti32x4    evex.66.0f3a.w0   38  rU,vU,mX,i8     k32  avx512f
      vinserti64x4    evex.66.0f3a.w1   3a  rZ,vZ,mY,i8     k64  avx512f
      vpmovmskb       vex.66.0f.wig     d7  rD,nV           -    avx2
      vpmovm2b        evex.f3.0f38.w0   28  rV,nK           -    avx512bw
      vpmovb2m        evex.f3.0f38.w0   29  rK,nV           -    avx512bw
      vpmovm2d        evex.f3.0f38.w0   38  rV,nK           -    avx512dq
      vpmovd2m        evex.f3.0f38.w0   39  rK,nV           -    avx512dq
      vpmovsxbw       vex.66.0f38.wig   20  rV,mH           -    avx2
      vpmovsxbw       evex.66.0f38.wig  20  rV,mH           k16  avx512bw
      vpmovsxbd       vex.66.0f38.wig   21  rV,mQ           -    avx2
      vpmovsxbd       evex.66.0f38.wig  21  rV,mQ           k32  avx512f
      vpmovsxbq       vex.66.0f38.wig   22  rV,mE           -    avx2
      vpmovsxbq       evex.66.0f38.wig  22  rV,mE           k64  avx512f
      vpmovsxwd       vex.66.0f38.wig   23  rV,mH           -    avx2
      vpmovsxwd       evex.66.0f38.wig  23  rV,mH           k32  avx512f
      vpmovsxwq       vex.66.0f38.wig   24  rV,mQ           -    avx2
      vpmovsxwq       evex.66.0f38.wig  24  rV,mQ           k64  avx512f
      vpmovsxdq       vex.66.0f38.wig   25  rV,mH           -    avx2
      vpmovsxdq       evex.66.0f38.w0   25  rV,mH           k64  avx512f
      vpmovzxbw       vex.66.0f38.wig   30  rV,mH           -    avx2
      vpmovzxbw       evex.66.0f38.wig  30  rV,mH           k16  avx512bw
      vpmovzxbd       vex.66.0f38.wig   31  rV,mQ           -    avx2
      vpmovzxbd       evex.66.0f38.wig  31  rV,mQ           k32  avx512f
      vpmovzxbq       vex.66.0f38.wig   32  rV,mE           -    avx2
      vpmovzxbq       evex.66.0f38.wig  32  rV,mE           k64  avx512f
      vpmovzxwd       vex.66.0f38.wig   33  rV,mH           -    avx2
      vpmovzxwd       evex.66.0f38.wig  33  rV,mH           k32  avx512f
      vpmovzxwq       vex.66.0f38.wig   34  rV,mQ           -    avx2
      vpmovzxwq       evex.66.0f38.wig  34  rV,mQ           k64  avx512f
      vpmovzxdq       vex.66.0f38.wig   35  rV,mH           -    avx2
      vpmovzxdq       evex.66.0f38.w0   35  rV,mH           k64  avx512f
      vpmovdb         evex.f3.0f38.w0   31  mQ,rV           k8   avx512f
      vpmovsdb        evex.f3.0f38.w0   21  mQ,rV           k8   avx512f
      vpmovusdb       evex.f3.0f38.w0   11  mQ,rV           k8   avx512f
      vpmovdw         evex.f3.0f38.w0   33  mH,rV           k16  avx512f
      vpmovsdw        evex.f3.0f38.w0   23  mH,rV           k16  avx512f
      vpmovusdw       evex.f3.0f38.w0   13  mH,rV           k16  avx512f
      vpmovwb         evex.f3.0f38.w0   30  mH,rV           k8   avx512bw
      vpmovswb        evex.f3.0f38.w0   20  mH,rV           k8   avx512bw
      vpmovuswb       evex.f3.0f38.w0   10  mH,rV           k8   avx512bw
      """;
}
