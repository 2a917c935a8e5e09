package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

/** Which processors have bfloat16, by what Linux says of them. */
class Bfloat16Test {
  @Test
  void wholeNamesOfTheFirstProcessorCount() {
    assertThat(Bfloat16.saysSo(List.of("processor\t: 0", "flags\t\t: fpu avx512_bf16 sse")))
        .isTrue();
    assertThat(Bfloat16.saysSo(List.of("flags\t\t: fpu amx_bf16"))).isTrue();
    assertThat(Bfloat16.saysSo(List.of("flags\t\t: fpu avx2 avx512f avx512_bf16x"))).isFalse();
    assertThat(Bfloat16.saysSo(List.of("bugs\t: avx512_bf16", "flags\t: fpu avx2"))).isFalse();
    assertThat(Bfloat16.saysSo(List.of())).isFalse();
  }

  @Test
  void gpusAreRefused() {
    assertThatThrownBy(() -> Bfloat16.require(Device.CUDA))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Convolutions in bfloat16 are for training on the CPU; train without --bf16, or with"
                + " --device cpu.");
  }
}
