package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.MaskRegister.k;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.VectorRegister.xmm;
import static org.sysmol.runtime.x86.VectorRegister.ymm;
import static org.sysmol.runtime.x86.VectorRegister.zmm;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The choice of encodings and what the assembler refuses. */
class AssemblerTest {
  private static final Set<Feature> AVX2 = EnumSet.of(Feature.AVX, Feature.AVX2);

  @Test
  void everyInstructionHasAMethodThatEmitsIt() throws Exception {
    for (Mnemonic mnemonic : Mnemonic.values()) {
      Method[] methods =
          Arrays.stream(Assembler.class.getMethods())
              .filter(method -> method.getName().equalsIgnoreCase(mnemonic.name().replace("_", "")))
              .toArray(Method[]::new);
      assertThat(methods).as(mnemonic.text()).isNotEmpty();
    }
  }

  @Test
  void theFirstAllowedEncodingIsTaken() {
    Set<Feature> both = EnumSet.allOf(Feature.class);
    Set<Feature> noAvxVnni = EnumSet.complementOf(EnumSet.of(Feature.AVX_VNNI));
    Operand[] operands = {ymm(1), ymm(2), ymm(3)};
    assertThat(Instruction.of(both, Mnemonic.VPDPBUSD, operands).form().prefix())
        .isEqualTo(Form.Prefix.VEX);
    Instruction evex = Instruction.of(noAvxVnni, Mnemonic.VPDPBUSD, operands);
    assertThat(evex.form().prefix()).isEqualTo(Form.Prefix.EVEX);
    assertThat(evex.features()).containsExactly(Feature.AVX512VL, Feature.AVX512_VNNI);
    assertThat(Instruction.of(both, Mnemonic.VPADDD, ymm(1), ymm(2), ymm(16)).form().prefix())
        .isEqualTo(Form.Prefix.EVEX);
  }

  @Test
  void extensionsThatWereNotAllowedAreRefused() {
    Assembler a = new Assembler(AVX2);
    assertThatThrownBy(() -> a.vpaddd(zmm(1), zmm(2), zmm(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The instruction vpaddd [zmm1, zmm2, zmm3] needs an extension that is not among"
                + " [X86_64, AVX, AVX2].");
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    Assembler a = new Assembler(EnumSet.allOf(Feature.class));
    assertThatThrownBy(() -> a.vpaddd(ymm(1), xmm(2), ymm(3)))
        .hasMessage(
            "The instruction vpaddd [ymm1, xmm2, ymm3] has no encoding; its operands can be"
                + " (REG:FULL, VVVV:FULL, RM:FULL).");
    assertThatThrownBy(() -> a.vpaddb(zmm(1), zmm(2), mem(RSI).broadcast()))
        .hasMessageContaining("has no encoding");
    assertThatThrownBy(() -> a.vpermd(xmm(1), xmm(2), xmm(3)))
        .hasMessageContaining("has no encoding");
    assertThatThrownBy(() -> a.vpsadbw(zmm(1).merged(k(1)), zmm(2), zmm(3)))
        .hasMessageContaining("has no encoding");
    assertThatThrownBy(() -> a.mov(mem(RSI), 1)).hasMessageContaining("has no encoding");
    assertThatThrownBy(() -> a.shl(RAX, 256)).hasMessageContaining("has no encoding");
  }

  @Test
  void registersAndAddressesThatDoNotExistAreRefused() {
    assertThatThrownBy(() -> zmm(32)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> k(8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> zmm(1).merged(k(0))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mem(RAX, RSP, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mem(RAX, RSI, 3, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mem(RAX.dword())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void labelsAreBoundOnce() {
    Assembler a = new Assembler(AVX2);
    Label loop = a.here("loop");
    assertThatThrownBy(() -> a.bind(loop)).hasMessage("The label loop has two places.");
    a.jmp(a.label("nowhere"));
    assertThatThrownBy(a::finish).hasMessage("The label nowhere was never bound.");
  }

  @Test
  void theListingIsReadable() {
    Assembler a = new Assembler(EnumSet.allOf(Feature.class));
    Label table = a.constant("table", new byte[64]);
    a.comment("sixteen pixels");
    Label loop = a.here("loop");
    a.vpmaddubsw(ymm(3), ymm(2), mem(RSI, 32));
    a.vpaddd(zmm(1).zeroed(k(2)), zmm(3), mem(RSI, RAX, 4, -64).broadcast());
    a.vpermb(zmm(4), zmm(5), mem(table));
    a.jne(loop);
    assertThat(a.finish().listing())
        .isEqualTo(
            """
                ; sixteen pixels
            loop:
                vpmaddubsw ymm3, ymm2, ymmword [rsi+0x20]
                vpaddd zmm1{k2}{z}, zmm3, dword bcst [rsi+rax*4-0x40]
                vpermb zmm4, zmm5, zmmword [table]
                jne loop
            table: 64 bytes
            """);
    assertThat(Encoder.listing(a.finish()))
        .containsPattern("c4e26d045e20 +vpmaddubsw")
        .containsPattern("62f2.*vpermb");
  }

  @Test
  void vectorsOfAnyWidthHaveOneNameForLogic() {
    Assembler a = new Assembler(EnumSet.allOf(Feature.class));
    a.zero(zmm(3));
    a.zero(zmm(30));
    a.bitXor(ymm(1), ymm(2), ymm(3));
    a.bitXor(zmm(1), zmm(2), zmm(3));
    a.bitAnd(ymm(1), ymm(17), ymm(3));
    a.load(zmm(1), mem(RSI));
    a.store(mem(RSI), ymm(1));
    a.copy(xmm(20), xmm(1));
    assertThat(a.finish().listing().lines().map(String::strip))
        .containsExactly(
            "vpxor xmm3, xmm3, xmm3",
            "vpxord zmm30, zmm30, zmm30",
            "vpxor ymm1, ymm2, ymm3",
            "vpxord zmm1, zmm2, zmm3",
            "vpandd ymm1, ymm17, ymm3",
            "vmovdqu32 zmm1, zmmword [rsi]",
            "vmovdqu ymmword [rsi], ymm1",
            "vmovdqa32 xmm20, xmm1");
  }
}
