package org.sysmol.runtime.x86;

/** Encodings of the tile instructions (AMX); {@link Form} says how to read a line. */
final class TileForms {
  private TileForms() {}

  static final String TABLE =
      """
      ldtilecfg    vex.np.0f38.w0  49/0  M0        -  amx_tile
      sttilecfg    vex.66.0f38.w0  49/0  M0        -  amx_tile
      tilerelease  vex.np.0f38.w0  49c0  -         -  amx_tile
      tilezero     vex.f2.0f38.w0  49    rT        -  amx_tile
      tileloadd    vex.f2.0f38.w0  4b    rT,MS     -  amx_tile
      tileloaddt1  vex.66.0f38.w0  4b    rT,MS     -  amx_tile
      tilestored   vex.f3.0f38.w0  4b    MS,rT     -  amx_tile
      tdpbusd      vex.66.0f38.w0  5e    rT,nT,vT  -  amx_int8
      tdpbssd      vex.f2.0f38.w0  5e    rT,nT,vT  -  amx_int8
      tdpbsud      vex.f3.0f38.w0  5e    rT,nT,vT  -  amx_int8
      tdpbuud      vex.np.0f38.w0  5e    rT,nT,vT  -  amx_int8
      """;
}
