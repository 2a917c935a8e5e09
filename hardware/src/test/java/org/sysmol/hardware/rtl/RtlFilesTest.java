package org.sysmol.hardware.rtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

class RtlFilesTest {
  @ParameterizedTest
  @ValueSource(strings = {"U4", "U2", "P4", "P8", "P45", "FREE", "16,56,0;0,56,4", "P4+256"})
  void textIsVerilog2005AndTheSameEachTime(String name) {
    Map<String, String> files = RtlFiles.units(Architecture.named(name));
    assertThat(files).isEqualTo(RtlFiles.units(Architecture.named(name)));
    assertThat(files.keySet())
        .containsExactly("base_unit.v", "mixed_unit.v", "extended_unit.v", "sum_unit.v");
    files.forEach(
        (file, text) -> {
          assertThat(text)
              .as(file)
              .contains("module " + file.substring(0, file.length() - 2) + "(")
              .doesNotContainPattern(
                  "\\b(logic|always_ff|always_comb|cross|package|import)\\b|'\\{");
          assertThat(text.split("(?m)^module ").length)
              .as(file)
              .isEqualTo(text.split("(?m)^endmodule").length);
        });
  }

  @Test
  void onlyWhatASetCanHaveIsBuilt() {
    String fours = RtlFiles.units(Architecture.named("U4")).get("mixed_unit.v");
    String twos = RtlFiles.units(Architecture.named("U2")).get("mixed_unit.v");
    String all = RtlFiles.units(Architecture.named("P45")).get("mixed_unit.v");
    assertThat(fours).contains("module lane_mixed_4(").doesNotContain("input wire m2", "p0,");
    assertThat(twos).contains("module lane_mixed_2(");
    assertThat(all).contains("module lane_mixed_421(", "6'd43: decoded", "p0, p1, p2, p3");
    // A 2-bit lane has half the cells of a 4-bit lane.
    assertThat(cells(fours)).isEqualTo(64);
    assertThat(cells(twos)).isEqualTo(32);
    assertThat(cells(all)).isEqualTo(64);
    // Lanes of a set may differ: the first of these is never 1 bit wide, the last never 4.
    assertThat(RtlFiles.units(Architecture.named("16,56,0;0,56,4")).get("mixed_unit.v"))
        .contains("mac_42 lane_0_0(", "mac_2 lane_0_3(", "mac_21 lane_0_7(");
  }

  private static long cells(String text) {
    return text.lines().filter(line -> line.matches(" *wire x\\d_\\d_\\d = .*")).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"U4", "U2", "P4", "P45", "16,56,0;0,56,4", "P4+256"})
  void lintIsClean(String name) {
    assumeTrue(
        ExternalProgram.VERILATOR.present(),
        "Lint is left out: verilator is not installed (Debian package verilator).");
    RtlFiles.units(Architecture.named(name))
        .forEach(
            (file, text) -> {
              try (WorkFolder folder = WorkFolder.create()) {
                folder.write(file, text);
                String top = file.substring(0, file.length() - 2);
                // Several modules stand in one file, by design.
                String said =
                    ExternalProgram.VERILATOR.run(
                        folder.path(),
                        5,
                        List.of(
                            "--lint-only",
                            "-Wall",
                            "-Wno-DECLFILENAME",
                            "--top-module",
                            top,
                            file));
                assertThat(said).as(file).doesNotContain("%Warning");
              }
            });
  }
}
