package org.sysmol.runtime.x86;

/**
 * Encodings of vector loads, stores, broadcasts and mask moves; {@link Form} says how to read a
 * line.
 */
final class MoveForms {
  private MoveForms() {}

  static final String TABLE =
      """
      vmovdqu          vex.f3.0f.wig    6f  rV,mV          -    avx
      vmovdqu          vex.f3.0f.wig    7f  mV,rV          -    avx
      vmovdqa          vex.66.0f.wig    6f  rV,mV          -    avx
      vmovdqa          vex.66.0f.wig    7f  mV,rV          -    avx
      vmovdqu8         evex.f2.0f.w0    6f  rV,mV          k8   avx512bw
      vmovdqu8         evex.f2.0f.w0    7f  mV,rV          k8   avx512bw
      vmovdqu16        evex.f2.0f.w1    6f  rV,mV          k16  avx512bw
      vmovdqu16        evex.f2.0f.w1    7f  mV,rV          k16  avx512bw
      vmovdqu32        evex.f3.0f.w0    6f  rV,mV          k32  avx512f
      vmovdqu32        evex.f3.0f.w0    7f  mV,rV          k32  avx512f
      vmovdqu64        evex.f3.0f.w1    6f  rV,mV          k64  avx512f
      vmovdqu64        evex.f3.0f.w1    7f  mV,rV          k64  avx512f
      vmovdqa32        evex.66.0f.w0    6f  rV,mV          k32  avx512f
      vmovdqa32        evex.66.0f.w0    7f  mV,rV          k32  avx512f
      vmovdqa64        evex.66.0f.w1    6f  rV,mV          k64  avx512f
      vmovdqa64        evex.66.0f.w1    7f  mV,rV          k64  avx512f
      vmovups          vex.np.0f.wig    10  rV,mV          -    avx
      vmovups          vex.np.0f.wig    11  mV,rV          -    avx
      vmovups          evex.np.0f.w0    10  rV,mV          k32  avx512f
      vmovups          evex.np.0f.w0    11  mV,rV          k32  avx512f
      vmovaps          vex.np.0f.wig    28  rV,mV          -    avx
      vmovaps          vex.np.0f.wig    29  mV,rV          -    avx
      vmovaps          evex.np.0f.w0    28  rV,mV          k32  avx512f
      vmovaps          evex.np.0f.w0    29  mV,rV          k32  avx512f
      vmovntdq         vex.66.0f.wig    e7  MV,rV          -    avx
      vmovntdq         evex.66.0f.w0    e7  MV,rV          -    avx512f
      vmovd            vex.66.0f.w0     6e  rX,mD          -    avx
      vmovd            vex.66.0f.w0     7e  mD,rX          -    avx
      vmovd            evex.66.0f.w0    6e  rX,mD          -    avx512f
      vmovd            evex.66.0f.w0    7e  mD,rX          -    avx512f
      vmovq            vex.f3.0f.wig    7e  rX,mX64        -    avx
      vmovq            vex.66.0f.wig    d6  mX64,rX        -    avx
      vmovq            vex.66.0f.w1     6e  rX,nG          -    avx
      vmovq            vex.66.0f.w1     7e  nG,rX          -    avx
      vmovq            evex.f3.0f.w1    7e  rX,mX64        -    avx512f
      vmovq            evex.66.0f.w1    d6  mX64,rX        -    avx512f
      vmovq            evex.66.0f.w1    6e  rX,nG          -    avx512f
      vmovq            evex.66.0f.w1    7e  nG,rX          -    avx512f
      vmovss           vex.f3.0f.wig    10  rX,M32         -    avx
      vmovss           vex.f3.0f.wig    11  M32,rX         -    avx
      vmovss           evex.f3.0f.w0    10  rX,M32         -    avx512f
      vmovss           evex.f3.0f.w0    11  M32,rX         -    avx512f
      vpbroadcastb     vex.66.0f38.w0   78  rV,mX8         -    avx2
      vpbroadcastb     evex.66.0f38.w0  78  rV,mX8         k8   avx512bw
      vpbroadcastb     evex.66.0f38.w0  7a  rV,nD          k8   avx512bw
      vpbroadcastw     vex.66.0f38.w0   79  rV,mX16        -    avx2
      vpbroadcastw     evex.66.0f38.w0  79  rV,mX16        k16  avx512bw
      vpbroadcastw     evex.66.0f38.w0  7b  rV,nD          k16  avx512bw
      vpbroadcastd     vex.66.0f38.w0   58  rV,mX32        -    avx2
      vpbroadcastd     evex.66.0f38.w0  58  rV,mX32        k32  avx512f
      vpbroadcastd     evex.66.0f38.w0  7c  rV,nD          k32  avx512f
      vpbroadcastq     vex.66.0f38.w0   59  rV,mX64        -    avx2
      vpbroadcastq     evex.66.0f38.w1  59  rV,mX64        k64  avx512f
      vpbroadcastq     evex.66.0f38.w1  7c  rV,nG          k64  avx512f
      vbroadcastss     vex.66.0f38.w0   18  rV,mX32        -    avx2
      vbroadcastss     evex.66.0f38.w0  18  rV,mX32        k32  avx512f
      vbroadcasti128   vex.66.0f38.w0   5a  rY,M128        -    avx2
      vbroadcasti32x4  evex.66.0f38.w0  5a  rU,M128        k32  avx512f
      vbroadcasti64x4  evex.66.0f38.w1  5b  rZ,M256        k64  avx512f
      vpextrb          vex.66.0f3a.w0   14  mD8,rX,i8      -    avx
      vpextrw          vex.66.0f3a.w0   15  mD16,rX,i8     -    avx
      vpextrd          vex.66.0f3a.w0   16  mD,rX,i8       -    avx
      vpextrq          vex.66.0f3a.w1   16  mG,rX,i8       -    avx
      vpinsrb          vex.66.0f3a.w0   20  rX,vX,mD8,i8   -    avx
      vpinsrw          vex.66.0f.w0     c4  rX,vX,mD16,i8  -    avx
      vpinsrd          vex.66.0f3a.w0   22  rX,vX,mD,i8    -    avx
      vpinsrq          vex.66.0f3a.w1   22  rX,vX,mG,i8    -    avx
      vpmaskmovd       vex.66.0f38.w0   8c  rV,vV,MV       -    avx2
      vpmaskmovd       vex.66.0f38.w0   8e  MV,vV,rV       -    avx2
      vmaskmovps       vex.66.0f38.w0   2c  rV,vV,MV       -    avx
      vmaskmovps       vex.66.0f38.w0   2e  MV,vV,rV       -    avx
      vzeroupper       vex.np.0f.wig    77  -              -    avx
      kmovb            vex.66.0f.w0     90  rK,mK8         -    avx512dq
      kmovb            vex.66.0f.w0     91  M8,rK          -    avx512dq
      kmovb            vex.66.0f.w0     92  rK,nD          -    avx512dq
      kmovb            vex.66.0f.w0     93  rD,nK          -    avx512dq
      kmovw            vex.np.0f.w0     90  rK,mK16        -    avx512f
      kmovw            vex.np.0f.w0     91  M16,rK         -    avx512f
      kmovw            vex.np.0f.w0     92  rK,nD          -    avx512f
      kmovw            vex.np.0f.w0     93  rD,nK          -    avx512f
      kmovd            vex.66.0f.w1     90  rK,mK32        -    avx512bw
      kmovd            vex.66.0f.w1     91  M32,rK         -    avx512bw
      kmovd            vex.f2.0f.w0     92  rK,nD          -    avx512bw
      kmovd            vex.f2.0f.w0     93  rD,nK          -    avx512bw
      kmovq            vex.np.0f.w1     90  rK,mK64        -    avx512bw
      kmovq            vex.np.0f.w1     91  M64,rK         -    avx512bw
      kmovq            vex.f2.0f.w1     92  rK,nG          -    avx512bw
      kmovq            vex.f2.0f.w1     93  rG,nK          -    avx512bw
      """;
}
