package org.sysmol.core.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.PatternSet;

class ArchitectureFileTest {
  @TempDir private Path folder;

  private static Architecture parse(String text) {
    return ArchitectureFile.parse(text, "Text", "unnamed");
  }

  private static void refused(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(SysmolException.class)
        .hasMessage(message)
        .satisfies(e -> assertThat(((SysmolException) e).exitCode()).isEqualTo(2));
  }

  @Test
  void whatIsNotSetIsAsInP4() {
    assertThat(parse(""))
        .isEqualTo(Architecture.of("unnamed", Packing.of(PatternSet.P4)))
        .isEqualTo(parse("\n# nothing but a comment\r\n\t \n"));
    assertThat(parse("patterns = U2\n").precisions()).containsExactly(2);
  }

  @Test
  void everyKeyIsHonoured() {
    Architecture a =
        parse(
            """
            # A chip.
            name             = my chip, 2nd   # with a comment
            register-bits    = 256
            lane-bits        = 16
            patterns         = 0,64,0; (0,0,32)
            precisions       = 2, 4
            accumulator-bits = 16
            span-taps        = yes
            charge           = registers
            """);
    assertThat(a)
        .isEqualTo(
            new Architecture(
                "my chip, 2nd",
                256,
                16,
                List.of(2, 4),
                PatternSet.parse("0,64,0;0,0,32"),
                16,
                true,
                false,
                Core.OUT_OF_ORDER));
    assertThat(a.packing().text()).isEqualTo("0,64,0;0,0,32+taps+256");
    Architecture lanes = parse("patterns = p45\ncharge=lanes");
    assertThat(lanes.wholeLanes()).isTrue();
    assertThat(lanes.packing()).isEqualTo(Packing.parse("lane"));
  }

  @Test
  void everyKeyOfTheCoreIsHonoured() {
    Core core =
        parse("core = in-order\nl1-kib = 16\nmemory-gb-per-s = 3.2\nbase-unit = matrix").core();
    assertThat(core.outOfOrder()).isFalse();
    assertThat(core.issueWidth()).isEqualTo(Core.IN_ORDER.issueWidth());
    assertThat(core.l1()).isEqualTo(new Core.Cache(16, 4, 64, 0));
    assertThat(core.memoryGigabytesPerSecond()).isEqualTo(3.2);
    assertThat(core.baseUnit()).isEqualTo(Core.BaseUnit.MATRIX);
    // Every number but those of one kind: so that none can be swapped for another unseen.
    StringBuilder text = new StringBuilder("core = out-of-order\n");
    int value = 1;
    for (String key : CoreText.keys()) {
      switch (key) {
        case "core", "base-unit", "line-bytes", "memory-gb-per-s", "l1-kib", "l2-kib" -> {}
        case "l1-ways" -> text.append(key).append(" = 8\n");
        case "l2-ways" -> text.append(key).append(" = 16\n");
        default -> text.append(key).append(" = ").append(small(key) ? 3 : value++).append('\n');
      }
    }
    Core all = parse(text.toString()).core();
    assertThat(CoreText.text(all)).contains(text.toString().lines().toList());
    assertThat(parse(CoreText.text(all)).core()).isEqualTo(all);
  }

  private static boolean small(String key) {
    return key.endsWith("-units") || key.equals("prefetch-lines");
  }

  @Test
  void whatIsWrongInACoreIsRefused() {
    refused("core = fast", "Text, line 1: core is 'fast'; use one of out-of-order, in-order.");
    refused("\nissue-width = 0", "Text, line 2: A core has issue-width 0: use 1 to 16.");
    refused("clock-mhz = -5", "Text, line 1: A core has clock-mhz -5: use 1 to 10000.");
    refused(
        "core = in-order\nwindow = 7",
        "Text, line 2: A core has window 7 but starts instructions in order: use 1.");
    refused(
        "window = many", "Text, line 1: window is 'many'; use a whole number of at most 9 digits.");
    refused(
        "memory-gb-per-s = x", "Text, line 1: memory-gb-per-s is 'x'; use a number such as 12.8.");
    refused("base-unit = sve", "Text, line 1: base-unit is 'sve'; use dot or matrix.");
    refused("l1-kib = 48", "Text: A cache has 48 KiB in 4 ways: use powers of two.");
  }

  @Test
  void whatIsWrittenReadsAsTheSame() {
    List<Architecture> all = new ArrayList<>(Architecture.presets());
    all.add(Architecture.named("P4+taps"));
    all.add(Architecture.named("lane+taps+512"));
    all.add(Architecture.named("32,32,8;64,0,16+256"));
    for (Architecture a : all) {
      Path file = folder.resolve("a.arch");
      ArchitectureFile.write(a, file);
      assertThat(ArchitectureFile.read(file)).isEqualTo(a);
      assertThat(Architecture.named(file.toString())).isEqualTo(a);
      assertThat(ArchitectureFile.text(parse(ArchitectureFile.text(a))))
          .isEqualTo(ArchitectureFile.text(a));
    }
    PatternSet mine = new PatternSet("mine", PatternSet.P4.patterns(), false);
    assertThatThrownBy(() -> ArchitectureFile.text(Architecture.of(mine)))
        .isInstanceOf(SysmolException.class);
  }

  @Test
  void aFileWithoutANameIsCalledAsItsFile() throws IOException {
    Path file = folder.resolve("my.chip.arch");
    Files.write(file, "\uFEFFspan-taps = yes".getBytes(StandardCharsets.UTF_8));
    assertThat(ArchitectureFile.read(file))
        .isEqualTo(Architecture.of("my.chip", Packing.parse("P4+taps")));
  }

  @Test
  void linesThatAreNoSettingsAreRefused() {
    refused(
        "\nregister bits = 128",
        "Text, line 2: 'register bits = 128' is no setting; write key = value, or start the line with # for a comment.");
    refused(
        "name",
        "Text, line 1: 'name' is no setting; write key = value, or start the line with # for a comment.");
    refused(
        "name = # none", "Text, line 1: name has no value; give it one or leave the line away.");
    refused(
        "register-bit = 128",
        "Text, line 1: there is no key register-bit; the keys are name, register-bits, lane-bits, patterns, precisions, accumulator-bits, span-taps, charge, "
            + String.join(", ", CoreText.keys())
            + ".");
    refused(
        "name = a\n\nname = a", "Text, line 3: name was set in line 1 already; keep one of them.");
    refused("name = a\u0000b", "Text, line 1: there is a control character; write plain text.");
    refused(
        "x".repeat(100),
        "Text, line 1: '"
            + "x".repeat(60)
            + "...' is no setting; write key = value, or start the line with # for a comment.");
  }

  @Test
  void valuesThatNoChipHasAreRefused() {
    refused("register-bits = 192", "Text, line 1: register-bits is '192'; use 128 or 256 or 512.");
    refused(
        "register-bits = 99999999999",
        "Text, line 1: register-bits is '99999999999'; use 128 or 256 or 512.");
    refused("lane-bits = 8", "Text, line 1: lane-bits is '8'; use 16.");
    refused("accumulator-bits = 32", "Text, line 1: accumulator-bits is '32'; use 16.");
    refused("span-taps = maybe", "Text, line 1: span-taps is 'maybe'; use yes or no.");
    refused("charge = bits", "Text, line 1: charge is 'bits'; use lanes or registers.");
    refused("patterns = lane", "Text, line 1: patterns is 'lane'; use P45 with charge = lanes.");
    for (String bad : List.of("P5", "32,64,8", "0,64,0;0,64,0", "P4+taps", "1,2", "0,64,0;")) {
      refused(
          "# first\npatterns = " + bad,
          "Text, line 2: patterns is '"
              + bad
              + "'; use one of U4, U2, P4, P8, P45, FREE, or a list of patterns, each once, such as 128,0,0; 0,64,0; 32,32,8.");
    }
    for (String bad : List.of("3", "2 1", "1 1", "1,,2", "all")) {
      refused(
          "precisions = " + bad,
          "Text, line 1: precisions is '"
              + bad
              + "'; use some of 1, 2 and 4, each once, ascending, such as 1 2 4.");
    }
  }

  @Test
  void valuesThatDoNotGoTogetherAreRefused() {
    refused(
        "precisions = 2 4",
        "Text: Architecture unnamed allows precisions [2, 4], but its pattern set P4 holds [1, 2, 4]: add what is missing or choose another set.");
    refused(
        "patterns = U2\nprecisions = 1 2",
        "Text: Architecture unnamed allows precisions [1, 2], but its pattern set U2 has slots for [2] only: leave the others away or choose another set.");
    refused(
        "charge = lanes",
        "Text: Whole lanes cannot be charged with pattern set P4, since its lanes are not chosen one by one: use P45, U2, U4 or all patterns of two precisions.");
    refused(
        "name = " + "x".repeat(600),
        "Text: An architecture's name has at most 512 characters, none of them # or a control character, and no spaces around it: choose another.");
  }

  @Test
  void filesThatAreNoTextAreRefused() throws IOException {
    Path missing = folder.resolve("missing.arch");
    assertThatThrownBy(() -> ArchitectureFile.read(missing))
        .hasMessage(
            "Architecture file "
                + missing
                + " can't be read (NoSuchFileException); name a file that is there.");
    Path binary = folder.resolve("binary.arch");
    Files.write(binary, new byte[] {(byte) 0xC3, 0x28});
    assertThatThrownBy(() -> ArchitectureFile.read(binary))
        .hasMessage(
            "Architecture file " + binary + " is not text in UTF-8; write it with a text editor.");
    Path large = folder.resolve("large.arch");
    Files.writeString(large, "#".repeat(KeyValueText.MAX_BYTES + 1));
    assertThatThrownBy(() -> ArchitectureFile.read(large))
        .hasMessage(
            "Architecture file "
                + large
                + " is longer than 65536 bytes; it is no description, or has too many comments.");
    Files.writeString(large, "#".repeat(KeyValueText.MAX_BYTES));
    assertThat(ArchitectureFile.read(large).patterns()).isEqualTo(PatternSet.P4);
    assertThatThrownBy(() -> ArchitectureFile.read(folder)).isInstanceOf(SysmolException.class);
  }

  @Test
  void namesArePresetsPackingsOrFiles() {
    assertThat(Architecture.named("p8")).isEqualTo(Architecture.of(PatternSet.P8));
    assertThat(Architecture.named(" LANE ").name()).isEqualTo("lane");
    assertThat(Architecture.named("P4 + taps").name()).isEqualTo("P4+taps");
    assertThatThrownBy(() -> Architecture.named("chip"))
        .hasMessage(
            "'chip' is no architecture: use one of U4, U2, P4, P8, P45, FREE, lane, register, a packing such as P4+taps, or a file whose name has a dot or a slash.");
    assertThatThrownBy(() -> Architecture.named("P4+tips")).hasMessageStartingWith("'+tips' in");
    assertThatThrownBy(() -> Architecture.named("chip\u0000.arch"))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("can't be the name of an architecture file");
    assertThatThrownBy(() -> Architecture.named("chip.arch"))
        .hasMessageStartingWith("Architecture file chip.arch can't be read");
  }
}
