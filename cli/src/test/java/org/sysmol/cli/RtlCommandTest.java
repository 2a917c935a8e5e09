package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RtlCommandTest {
  @TempDir Path folder;

  @Test
  void writesUnitsTestbenchesVectorsAndScripts() throws IOException {
    Path out = folder.resolve("new/rtl");
    assertThat(Main.run("rtl", "--arch", "U2", "--out", out.toString(), "--vectors", "20"))
        .isZero();
    for (String unit : new String[] {"base_unit", "mixed_unit", "extended_unit", "sum_unit"}) {
      assertThat(out.resolve(unit + ".v")).content().contains("module " + unit + "(");
      assertThat(out.resolve(unit + ".ys")).content().contains("synth -flatten -top " + unit);
      long lines = Files.readAllLines(out.resolve(unit + ".hex")).size();
      assertThat(out.resolve(unit + "_testbench.v"))
          .content()
          .contains("VECTORS = " + lines + ";", "$readmemh(\"" + unit + ".hex\"");
    }
    assertThat(out.resolve("cells.lib")).exists();
    assertThat(out.resolve("abc.script")).exists();
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThat(Main.run("rtl")).isEqualTo(2);
    assertThat(Main.run("rtl", "--check", "--vectors", "0")).isEqualTo(2);
    String out = folder.toString();
    assertThat(Main.run("rtl", "--synth", "--vectors", "9")).isEqualTo(2);
    assertThat(Main.run("rtl", "--out", out, "--liberty", "cells.lib")).isEqualTo(2);
    assertThat(Main.run("rtl", "--out", out, "--network", "a.smol")).isEqualTo(2);
    assertThat(Main.run("rtl", "--out", out, "--prove-seconds", "9")).isEqualTo(2);
    assertThat(Main.run("rtl", "--prove", "--prove-seconds", "0")).isEqualTo(2);
    assertThat(Main.run("rtl", "--out", folder.toString(), "--arch", "P5")).isEqualTo(2);
  }
}
