package org.sysmol.hardware.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.program.Call;
import org.sysmol.hardware.program.NetworkListing;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.NetworkProgrammer;

/** What a timeline shows is what the pipeline did. */
class TimelineRecorderTest {
  private static final PackedNetwork NETWORK =
      SmolFile.read(Path.of("..", "zoo", "fashion-P4-2.0-s1.smol"));
  private static final Architecture ARCHITECTURE = Architecture.of(PatternSet.P4);
  private static final NetworkProgram PROGRAM = NetworkProgrammer.of(NETWORK, ARCHITECTURE);

  private static Timeline timeline(Core core, String step) {
    return new TimelineRecorder(PROGRAM, core).record(new float[NETWORK.image().size()], step);
  }

  private static List<Program> programs(String step) {
    return PROGRAM.steps().stream()
        .filter(s -> s.name().equals(step))
        .flatMap(s -> s.calls().stream())
        .map(Call::program)
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stem", "pool", "block1/conv1", "last", "classifier"})
  void instructionsKeepTheRulesOfTheCore(String step) {
    for (Core core : List.of(Core.OUT_OF_ORDER, Core.IN_ORDER)) {
      Timeline timeline = timeline(core, step);
      assertThat(timeline.shown()).hasSize(Math.min(48, timeline.instructions()));
      assertThat(Arrays.stream(timeline.unitInstructions()).sum())
          .isEqualTo(timeline.instructions());
      assertThat(timeline.cycles())
          .isGreaterThanOrEqualTo(timeline.instructions() / core.issueWidth());
      List<String> lines =
          programs(step).stream()
              .filter(p -> p.name().equals(timeline.program()))
              .flatMap(p -> p.lines().stream())
              .toList();
      Set<String> taken = new HashSet<>();
      long before = 0;
      int at = timeline.shown().getFirst().at();
      for (Timeline.Entry e : timeline.shown()) {
        assertThat(e.at()).isEqualTo(at++);
        assertThat(lines).contains(e.text());
        assertThat(e.entered()).isLessThanOrEqualTo(e.begun());
        assertThat(e.done()).isGreaterThan(e.begun()).isLessThanOrEqualTo(timeline.cycles());
        assertThat(taken.add(kind(e.unit()) + e.number() + " " + e.begun())).as(e.text()).isTrue();
        assertThat(e.number()).isBetween(0, units(core, e.unit()) - 1);
        assertThat(e.data() == Timeline.Place.NONE)
            .isEqualTo(e.unit() != Opcode.Unit.LOAD && e.unit() != Opcode.Unit.STORE);
        assertThat(e.begun()).isGreaterThanOrEqualTo(core.outOfOrder() ? e.entered() : before);
        before = e.begun();
      }
    }
  }

  private static String kind(Opcode.Unit unit) {
    return switch (unit) {
      case INTEGER, BRANCH, LOAD, STORE -> unit.name();
      default -> "vector";
    };
  }

  private static int units(Core core, Opcode.Unit unit) {
    return switch (unit) {
      case INTEGER -> core.integerUnits();
      case BRANCH -> 1;
      case LOAD -> core.loadUnits();
      case STORE -> core.storeUnits();
      default -> core.simdUnits();
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"block1/conv1", "last"})
  void mixedLayersAreShownMultiplying(String step) {
    Timeline timeline = timeline(Core.OUT_OF_ORDER, step);
    assertThat(timeline.program()).isEqualTo(step);
    assertThat(timeline.alike()).isBetween(1, timeline.calls());
    long mixed = timeline.shown().stream().filter(e -> e.unit() == Opcode.Unit.MIXED).count();
    // Four products for a load of activations and one of weights: far more than half.
    assertThat(mixed).isGreaterThan(24);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", ""})
  void otherStepsAreRefused(String step) {
    assertThatThrownBy(() -> timeline(Core.OUT_OF_ORDER, step))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "The network has no step '"
                + step
                + "' that executes instructions: use one of image, stem, pool,"
                + " block1/conv1/codes, block1/conv1, block1/project, block1/conv2,"
                + " block2/conv1/codes, block2/conv1, block2/conv2, last, mean, classifier.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fashion-P4-2.0-s1", "shapes-depthwise-FREE-2.5-s1"})
  void everyProgramIsListedOnce(String file) {
    PackedNetwork network = SmolFile.read(Path.of("..", "zoo", file + ".smol"));
    NetworkProgram program = NetworkProgrammer.of(network, ARCHITECTURE);
    String listing = NetworkListing.of(network, program, ARCHITECTURE);
    Set<String> texts = new HashSet<>();
    long instructions = 0;
    Set<Program> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    for (var step : program.steps()) {
      assertThat(listing).contains("// ==== " + step.name() + ": " + step.kind() + "\n");
      for (Call call : step.calls()) {
        if (seen.add(call.program())) {
          instructions += call.program().instructions().size();
          texts.add(call.program().listing());
        }
      }
    }
    for (String text : texts) {
      assertThat(listing).contains(text);
    }
    assertThat(listing.lines().filter(l -> l.startsWith("    ") && !l.startsWith("    //")))
        .hasSize(Math.toIntExact(instructions));
    assertThat(listing).contains("fewest instructions for a row of", "#3 (32,32,8)");
  }
}
