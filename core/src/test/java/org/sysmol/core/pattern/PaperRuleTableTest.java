package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Makes the tables of docs/patterns.md and checks that the page has them. */
class PaperRuleTableTest {
  /** The bits that all demands of a layer of so many channels come to. */
  private static TreeSet<Long> bits(String packing, int channels, int taps) {
    VectorRegisters registers = VectorRegisters.of(Packing.parse(packing));
    List<WeightVectors> vectors = List.of(new WeightVectors(taps, 1));
    TreeSet<Long> bits = new TreeSet<>();
    for (int n4 = 0; n4 <= channels; n4++) {
      for (int n2 = 0; n4 + n2 <= channels; n2++) {
        bits.add(registers.solve(new Demand(channels - n4 - n2, n2, n4), vectors).bits());
      }
    }
    return bits;
  }

  private static String cell(String packing, int channels, int taps) {
    TreeSet<Long> bits = bits(packing, channels, taps);
    StringBuilder text = new StringBuilder();
    if (bits.size() <= 4) {
      for (long b : bits) {
        text.append(text.isEmpty() ? "" : ", ").append(perChannel(b, channels));
      }
      return text.toString();
    }
    return "%d values from %s to %s"
        .formatted(
            bits.size(), perChannel(bits.first(), channels), perChannel(bits.last(), channels));
  }

  private static String perChannel(long bits, int channels) {
    String text = String.format(Locale.ROOT, "%.3f", (double) bits / channels);
    return text.replaceAll("\\.?0+$", "");
  }

  @Test
  void thePageSaysWhatLayersCanBe() throws IOException {
    String page = Files.readString(Path.of("../docs/patterns.md"));
    StringBuilder table = new StringBuilder();
    for (int channels : new int[] {16, 32, 48, 64, 96, 128, 192, 256, 384, 512}) {
      table.append(
          "| %d | %s | %s | %s |\n"
              .formatted(
                  channels,
                  cell("P4", channels, 1),
                  cell("P8", channels, 1),
                  cell("P45", channels, 1)));
    }
    assertThat(page).contains(table);
  }

  @Test
  void thePageSaysWhatSpanningAndLanesAllow() throws IOException {
    String page = Files.readString(Path.of("../docs/patterns.md"));
    StringBuilder table = new StringBuilder();
    for (int channels : new int[] {8, 16, 32, 64}) {
      table.append(
          "| %d | %s | %s | %s | %s |\n"
              .formatted(
                  channels,
                  cell("P4", channels, 1),
                  cell("P4+taps", channels, 9),
                  cell("P45+taps", channels, 9),
                  cell("lane", channels, 1)));
    }
    assertThat(page).contains(table);
  }

  @Test
  void thePageListsAll45() throws IOException {
    String page = Files.readString(Path.of("../docs/patterns.md"));
    for (Pattern p : Pattern.all()) {
      assertThat(page).contains(p.toString());
    }
  }
}
