package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.TileRegister.tmm;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.sysmol.runtime.x86.TileConfiguration.Shape;

/** What the processor would fault on, and what has no encoding. */
class TileFaultsTest {
  private static final Set<Feature> TILES = EnumSet.of(Feature.AMX_TILE, Feature.AMX_INT8);

  private static Program program(Consumer<Assembler> body) {
    Assembler a = new Assembler(TILES);
    body.accept(a);
    return a.finish();
  }

  private static void refuses(String message, Consumer<Assembler> body) {
    Program program = program(body);
    InterpretedMemory memory = new InterpretedMemory();
    long address = memory.readable("input", MemorySegment.ofArray(new byte[64]));
    assertThatThrownBy(() -> new Interpreter(memory).call(program, address))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(message);
  }

  private static void configure(Assembler a, Shape... shapes) {
    a.ldtilecfg(mem(a.constant("shapes", TileConfiguration.of(shapes).bytes())));
  }

  @Test
  void whatTheProcessorFaultsOnIsAnError() {
    refuses(
        "'tilezero tmm0', after 0 instructions: needs a tile configuration, but there is none.",
        a -> a.tilezero(tmm(0)));
    refuses(
        "uses tmm1, which is not configured.",
        a -> {
          configure(a, new Shape(1, 4));
          a.tilezero(tmm(1));
        });
    refuses(
        "needs a tile configuration, but there is none.",
        a -> {
          configure(a, new Shape(1, 4));
          a.tilerelease();
          a.tilezero(tmm(0));
        });
    refuses(
        "has tiles that do not belong together: tmm0 with 2 rows of 8 bytes, tmm1 with 2 rows of"
            + " 12 bytes, tmm2 with 4 rows of 8 bytes.",
        a -> {
          configure(a, new Shape(2, 8), new Shape(2, 12), new Shape(4, 8));
          a.tdpbusd(tmm(0), tmm(1), tmm(2));
        });
    for (Shape[] wrong :
        List.of(
            new Shape[] {new Shape(2, 8), new Shape(3, 12), new Shape(3, 8)},
            new Shape[] {new Shape(2, 8), new Shape(2, 12), new Shape(3, 12)},
            new Shape[] {new Shape(2, 7), new Shape(2, 12), new Shape(3, 7)},
            new Shape[] {new Shape(2, 8), new Shape(2, 13), new Shape(3, 8)})) {
      assertThatThrownBy(
              () ->
                  new Interpreter(new InterpretedMemory())
                      .call(
                          program(
                              a -> {
                                configure(a, wrong);
                                a.tdpbuud(tmm(0), tmm(1), tmm(2));
                              })))
          .hasMessageContaining("has tiles that do not belong together");
    }
    refuses(
        "reads 4 bytes at 0x100000000000040, outside of every region; that is offset 64 of"
            + " 'input', which has 64 bytes.",
        a -> {
          configure(a, new Shape(3, 4));
          a.mov(RCX, 32);
          a.tileloadd(tmm(0), mem(RDI, RCX, 1, 0));
        });
    refuses(
        "returns without tilerelease.",
        a -> {
          configure(a, new Shape(3, 4));
          a.ret();
        });
  }

  @Test
  void wrongConfigurationsAreErrors() {
    byte[] right = TileConfiguration.of(new Shape(3, 8)).bytes();
    assertThat(TileConfiguration.read(right).shape(tmm(0))).isEqualTo(new Shape(3, 8));
    assertThat(TileConfiguration.read(right).shape(tmm(7))).isEqualTo(Shape.UNUSED);
    assertThat(TileConfiguration.read(TileConfiguration.full().bytes()))
        .isEqualTo(TileConfiguration.full());
    int refused = 0;
    for (int at = 0; at < 64; at++) {
      byte[] wrong = right.clone();
      // Too many rows, too long rows, or anything where nothing may be.
      wrong[at] = 65;
      refuses(
          at == 0
              ? "reads a wrong configuration: There is no palette 65."
              : at == 1
                  ? "reads a wrong configuration: Tiles must start at row 0, not 65."
                  : at == 16
                      ? "reads a wrong configuration: No tile has 3 rows of 65 bytes."
                      : at == 48
                          ? "reads a wrong configuration: No tile has 65 rows of 8 bytes."
                          : ".",
          a -> a.ldtilecfg(mem(a.constant("shapes", wrong))));
      refused++;
    }
    assertThat(refused).isEqualTo(64);
    refuses(
        "reads a wrong configuration: Byte 63 of a tile configuration must be 0.",
        a -> {
          byte[] wrong = right.clone();
          wrong[63] = 1;
          a.ldtilecfg(mem(a.constant("shapes", wrong)));
        });
    assertThatThrownBy(() -> new Shape(0, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Shape(4, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Shape(17, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Shape(16, 65)).hasMessage("No tile has 16 rows of 65 bytes.");
  }

  @Test
  void theAssemblerRefusesWhatHasNoEncoding() {
    Assembler a = new Assembler(TILES);
    assertThatThrownBy(() -> a.tdpbusd(tmm(0), tmm(1), tmm(1)))
        .hasMessage("The instruction tdpbusd [tmm0, tmm1, tmm1] needs three different tiles.");
    assertThatThrownBy(() -> a.tileloadd(tmm(0), mem(RDI)))
        .hasMessage(
            "The instruction tileloadd [tmm0, [rdi]] has no encoding; its operands can be"
                + " (REG:TILE, RM_MEMORY:TILE_ROWS).");
    assertThatThrownBy(() -> tmm(8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Assembler(Set.of(Feature.AMX_TILE)).tdpbssd(tmm(0), tmm(1), tmm(2)))
        .hasMessageContaining("needs an extension that is not among");
  }
}
