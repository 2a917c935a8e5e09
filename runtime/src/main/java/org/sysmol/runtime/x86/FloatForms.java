package org.sysmol.runtime.x86;

/**
 * Encodings of binary32 vector arithmetic and conversions; {@link Form} says how to read a line.
 */
final class FloatForms {
  private FloatForms() {}

  static final String TABLE =
      """
      vaddps       vex.np.0f.wig    58  rV,vV,mV        -    avx
      vaddps       evex.np.0f.w0    58  rV,vV,mV/32     k32  avx512f
      vmulps       vex.np.0f.wig    59  rV,vV,mV        -    avx
      vmulps       evex.np.0f.w0    59  rV,vV,mV/32     k32  avx512f
      vsubps       vex.np.0f.wig    5c  rV,vV,mV        -    avx
      vsubps       evex.np.0f.w0    5c  rV,vV,mV/32     k32  avx512f
      vminps       vex.np.0f.wig    5d  rV,vV,mV        -    avx
      vminps       evex.np.0f.w0    5d  rV,vV,mV/32     k32  avx512f
      vdivps       vex.np.0f.wig    5e  rV,vV,mV        -    avx
      vdivps       evex.np.0f.w0    5e  rV,vV,mV/32     k32  avx512f
      vmaxps       vex.np.0f.wig    5f  rV,vV,mV        -    avx
      vmaxps       evex.np.0f.w0    5f  rV,vV,mV/32     k32  avx512f
      vandps       vex.np.0f.wig    54  rV,vV,mV        -    avx
      vandps       evex.np.0f.w0    54  rV,vV,mV/32     k32  avx512dq
      vandnps      vex.np.0f.wig    55  rV,vV,mV        -    avx
      vandnps      evex.np.0f.w0    55  rV,vV,mV/32     k32  avx512dq
      vorps        vex.np.0f.wig    56  rV,vV,mV        -    avx
      vorps        evex.np.0f.w0    56  rV,vV,mV/32     k32  avx512dq
      vxorps       vex.np.0f.wig    57  rV,vV,mV        -    avx
      vxorps       evex.np.0f.w0    57  rV,vV,mV/32     k32  avx512dq
      vcvtdq2ps    vex.np.0f.wig    5b  rV,mV           -    avx
      vcvtdq2ps    evex.np.0f.w0    5b  rV,mV/32        k32  avx512f
      vcvtps2dq    vex.66.0f.wig    5b  rV,mV           -    avx
      vcvtps2dq    evex.66.0f.w0    5b  rV,mV/32        k32  avx512f
      vcvttps2dq   vex.f3.0f.wig    5b  rV,mV           -    avx
      vcvttps2dq   evex.f3.0f.w0    5b  rV,mV/32        k32  avx512f
      vcvtudq2ps   evex.f2.0f.w0    7a  rV,mV/32        k32  avx512f
      vroundps     vex.66.0f3a.wig  08  rV,mV,i8        -    avx
      vrndscaleps  evex.66.0f3a.w0  08  rV,mV/32,i8     k32  avx512f
      vcmpps       vex.np.0f.wig    c2  rV,vV,mV,i8     -    avx
      vcmpps       evex.np.0f.w0    c2  rK,vV,mV/32,i8  k32  avx512f
      vunpcklps    vex.np.0f.wig    14  rV,vV,mV        -    avx
      vunpcklps    evex.np.0f.w0    14  rV,vV,mV/32     k32  avx512f
      vunpckhps    vex.np.0f.wig    15  rV,vV,mV        -    avx
      vunpckhps    evex.np.0f.w0    15  rV,vV,mV/32     k32  avx512f
      vblendps     vex.66.0f3a.wig  0c  rV,vV,mV,i8     -    avx
      vshufps      vex.np.0f.wig    c6  rV,vV,mV,i8     -    avx
      vshufps      evex.np.0f.w0    c6  rV,vV,mV/32,i8  k32  avx512f
      """;
}
