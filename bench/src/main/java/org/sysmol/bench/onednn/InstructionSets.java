package org.sysmol.bench.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2_vnni_2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx_fp16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_fp16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_sse41;

/** oneDNN's instruction sets: the numbers that it answers with, and its names of them. */
final class InstructionSets {
  private InstructionSets() {}

  /** The library's name of one of its numbers; the number itself if it is newer than this list. */
  static String name(int number) {
    return switch (number) {
      case dnnl_cpu_isa_sse41 -> "sse41";
      case dnnl_cpu_isa_avx -> "avx";
      case dnnl_cpu_isa_avx2 -> "avx2";
      case dnnl_cpu_isa_avx2_vnni -> "avx2_vnni";
      case dnnl_cpu_isa_avx2_vnni_2 -> "avx2_vnni_2";
      case dnnl_cpu_isa_avx512_core -> "avx512_core";
      case dnnl_cpu_isa_avx512_core_vnni -> "avx512_core_vnni";
      case dnnl_cpu_isa_avx512_core_bf16 -> "avx512_core_bf16";
      case dnnl_cpu_isa_avx512_core_fp16 -> "avx512_core_fp16";
      case dnnl_cpu_isa_avx512_core_amx -> "avx512_core_amx";
      case dnnl_cpu_isa_avx512_core_amx_fp16 -> "avx512_core_amx_fp16";
      default -> "0x" + Integer.toHexString(number);
    };
  }
}
