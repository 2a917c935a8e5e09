package org.sysmol.hardware.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.PatternSet;

/** What the shortcut leaves out changes little, and the core's parts matter as they should. */
class SteadyStateTest {
  private static final PackedNetwork NETWORK =
      SmolFile.read(Path.of("..", "zoo", "fashion-P4-2.0-s1.smol"));

  private static float[] image() {
    float[] image = new float[NETWORK.image().size()];
    Random random = new Random(1);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextGaussian();
    }
    return image;
  }

  private static NetworkRun run(Core core, Simulator.Shortcut shortcut) {
    return Simulation.run(
        NETWORK, Architecture.of(PatternSet.P4).withCore(core), image(), shortcut);
  }

  @Test
  void theShortcutIsWithinAPercent() {
    for (Core core : List.of(Core.OUT_OF_ORDER, Core.IN_ORDER)) {
      NetworkRun fast = run(core, Simulator.Shortcut.STEADY_STATE);
      NetworkRun full = run(core, Simulator.Shortcut.NONE);
      assertThat((double) fast.cycles() / full.cycles()).isCloseTo(1, within(0.01));
      // Everything is executed either way.
      assertThat(fast.result()).isEqualTo(full.result());
      assertThat(fast.work().allInstructions()).isEqualTo(full.work().allInstructions());
      assertThat(fast.work().memoryLines()).isEqualTo(full.work().memoryLines());
    }
    for (Simulation.Baseline baseline : Simulation.Baseline.values()) {
      List<Long> cycles = new ArrayList<>();
      for (Simulator.Shortcut shortcut : Simulator.Shortcut.values()) {
        cycles.add(
            Simulation.run(NETWORK, Architecture.of(PatternSet.P4), baseline, image(), shortcut)
                .cycles());
      }
      assertThat((double) cycles.get(0) / cycles.get(1)).isCloseTo(1, within(0.01));
    }
  }

  @Test
  void aBetterCoreNeedsFewerCycles() {
    long usual = run(Core.OUT_OF_ORDER, Simulator.Shortcut.STEADY_STATE).cycles();
    long inOrder = run(Core.IN_ORDER, Simulator.Shortcut.STEADY_STATE).cycles();
    assertThat(inOrder).isGreaterThan(usual);
    assertThat(withText("simd-units = 1")).isGreaterThan(usual);
    assertThat(withText("issue-width = 1")).isGreaterThan(usual * 3 / 2);
    assertThat(withText("window = 4")).isGreaterThan(usual);
    assertThat(withText("latency-mixed = 20\nlatency-accumulate = 20")).isGreaterThan(usual);
    assertThat(withText("latency-convert = 60")).isGreaterThan(usual);
    assertThat(withText("convert-cycles = 20")).isGreaterThan(usual);
    assertThat(withText("l1-kib = 2\nl2-kib = 8")).isGreaterThan(usual);
    assertThat(withText("prefetch-lines = 0")).isGreaterThan(usual);
    assertThat(withText("memory-ns = 900")).isGreaterThan(usual);
    assertThat(withText("memory-gb-per-s = 0.5")).isGreaterThan(usual);
  }

  private static long withText(String text) {
    Core core = org.sysmol.core.architecture.ArchitectureFile.parse(text, "Text", "test").core();
    return run(core, Simulator.Shortcut.STEADY_STATE).cycles();
  }

  @Test
  void instructionsAreThoseThatTheNetworkNeeds() {
    // The last layer, 3x3 on 128 channels of 2 and 1 bit to 256: two registers of a cell.
    NetworkRun run = run(Core.OUT_OF_ORDER, Simulator.Shortcut.STEADY_STATE);
    StepResult last =
        run.steps().stream().filter(s -> s.name().equals("last")).findFirst().orElseThrow();
    // And of each row of 4 pixels the sums of 6 columns of 3 cells, for all outputs alike.
    int sums = 4 * 6 * 3 * 2;
    assertThat(last.work().instructions(org.sysmol.hardware.isa.Opcode.Unit.MIXED))
        .isEqualTo(4 * 4 * 256 * 9 * 2 + sums);
    assertThat(last.products()[2] + last.products()[1]).isEqualTo(4L * 4 * 256 * 9 * 128);
    // Lanes of 1 and of 2 bits, eight to a register.
    assertThat(last.work().lanes())
        .containsExactly(0, 8 * (4 * 4 * 256 * 9 + sums / 2), 8 * (4 * 4 * 256 * 9 + sums / 2));
  }
}
