package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sysmol.runtime.EngineChoice;

class EngineOptionsTest {
  private static final String COMPILERS = "sysmol.compilers";

  private static final EngineChoice FALLEN_BACK =
      new EngineChoice(EngineChoice.named("scalar").engine(), List.of("machine-code: not here"));

  @AfterEach
  void asItWas() {
    System.clearProperty(COMPILERS);
  }

  private static String said(EngineChoice choice) {
    StringWriter text = new StringWriter();
    EngineOptions.report(choice, new PrintWriter(text, true));
    return text.toString();
  }

  /** Where the launcher took machine code for granted, what is slow and how to mend it is said. */
  @Test
  void aPortableEngineWithoutTheSecondCompilerSaysWhatItLacks() {
    assertThat(said(FALLEN_BACK)).contains("machine-code: not here").doesNotContain("Tiered");
    System.setProperty(COMPILERS, "1");
    assertThat(said(FALLEN_BACK))
        .contains("machine-code: not here")
        .contains("SYSMOL_JVM_FLAGS=-XX:TieredStopAtLevel=4");
    assertThat(said(EngineChoice.named("scalar"))).isEmpty();
  }
}
