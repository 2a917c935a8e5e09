package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Makes the tables of docs/patterns.md and checks that the page has them. */
class PaperRuleTableTest {
  /** What all demands of a layer of so many channels come to: bits, and the registers they take. */
  private static TreeMap<Long, Integer> bits(PatternSet set, int channels) {
    PatternSolver solver = PatternSolver.of(set);
    TreeMap<Long, Integer> bits = new TreeMap<>();
    for (int n4 = 0; n4 <= channels; n4++) {
      for (int n2 = 0; n4 + n2 <= channels; n2++) {
        Placement p = solver.solve(new Demand(channels - n4 - n2, n2, n4));
        bits.merge(p.bits(), p.registers().size(), Math::min);
      }
    }
    return bits;
  }

  private static String cell(PatternSet set, int channels) {
    TreeMap<Long, Integer> bits = bits(set, channels);
    StringBuilder text = new StringBuilder();
    if (bits.size() <= 4) {
      for (long b : bits.keySet()) {
        text.append(text.isEmpty() ? "" : ", ").append(perChannel(b, channels));
      }
      return text.toString();
    }
    return "%d values from %s to %s"
        .formatted(
            bits.size(),
            perChannel(bits.firstKey(), channels),
            perChannel(bits.lastKey(), channels));
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
                  cell(PatternSet.P4, channels),
                  cell(PatternSet.P8, channels),
                  cell(PatternSet.P45, channels)));
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
