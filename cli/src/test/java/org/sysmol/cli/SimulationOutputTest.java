package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.report.page.Numbers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page and the listing of a simulation say what the simulation found. */
class SimulationOutputTest {
  private static final String NETWORK = "../zoo/fashion-P4-2.0-s1.smol";

  @TempDir private Path folder;
  private String error = "";

  private int run(String... arguments) {
    PrintStream err = System.err;
    PrintStream out = System.out;
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try (PrintStream to = new PrintStream(complained, true, StandardCharsets.UTF_8);
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream())) {
      System.setErr(to);
      System.setOut(nowhere);
      return Main.run(arguments);
    } finally {
      System.setErr(err);
      System.setOut(out);
      error = complained.toString(StandardCharsets.UTF_8);
    }
  }

  private static String row(JsonNode layer, String figure) {
    return "<th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%s</td>"
        .formatted(layer.get("name").asString(), layer.get("kind").asString(), figure);
  }

  @Test
  void figuresEqualTheRuns() throws IOException {
    Path page = folder.resolve("page.html");
    Path listing = folder.resolve("programs.s");
    Path json = folder.resolve("run.json");
    assertThat(
            run(
                "simulate",
                NETWORK,
                "--baseline",
                "int8,u2",
                "--report",
                page.toString(),
                "--listing",
                listing.toString(),
                "--loop",
                "block1/conv2",
                "--json",
                json.toString()))
        .as(() -> error)
        .isZero();
    JsonNode result = JsonMapper.builder().build().readTree(Files.readString(json));
    String html = Files.readString(page);
    String words = html.substring(0, html.indexOf("<script"));
    String programs = Files.readString(listing);
    assertThat(words)
        .contains("<dd class=\"value\">" + Numbers.count(result.get("cycles").asLong()) + "</dd>")
        .contains(Numbers.fixed(result.get("energy_uj").asDouble(), 2))
        .contains("Pipeline in block1/conv2", "The mixed unit of P4");
    for (String baseline : new String[] {"int8", "u2"}) {
      JsonNode ratio = result.get("ratio").get(baseline);
      assertThat(words)
          .contains(
              "%s times the cycles and %s times the energy of P4"
                  .formatted(
                      Numbers.fixed(ratio.get("cycles").asDouble(), 2),
                      Numbers.fixed(ratio.get("energy").asDouble(), 2)))
          .contains(Numbers.count(result.get("baselines").get(baseline).get("cycles").asLong()));
    }
    assertThat(words).contains("u2 is BETTER in both");
    for (JsonNode layer : result.get("layers")) {
      assertThat(words)
          .contains(row(layer, Numbers.count(layer.get("cycles").asLong())))
          .contains(row(layer, Numbers.fixed(layer.get("energy_uj").asDouble(), 3)));
      assertThat(programs).contains("// ==== " + layer.get("name").asString() + ": ");
    }
    // The instructions beside the timeline are lines of the listing.
    var shown =
        java.util.regex.Pattern.compile("class=\"start code\">([^<]*)</text>").matcher(words);
    int count = 0;
    for (; shown.find(); count++) {
      assertThat(programs).contains("    " + shown.group(1) + "\n");
    }
    assertThat(count).isEqualTo(48);
  }

  private void refused(int code, String sentence, String... arguments) {
    assertThat(run(arguments)).isEqualTo(code);
    assertThat(error).isEqualTo("sysmol: " + sentence + "\n");
  }

  @Test
  void whatCannotBeDoneIsRefusedBeforeTheSimulation() throws IOException {
    Path page = folder.resolve("page.html");
    Path missing = folder.resolve("missing").resolve("page.html");
    refused(
        2,
        "--loop says which loop the page shows: give --report FILE.html too, or leave it away.",
        "simulate",
        NETWORK,
        "--loop",
        "last");
    refused(
        2,
        "The network has no step 'nothing' that executes instructions: use one of image, stem,"
            + " pool, block1/conv1/codes, block1/conv1, block1/project, block1/conv2,"
            + " block2/conv1/codes, block2/conv1, block2/conv2, last, mean, classifier.",
        "simulate",
        NETWORK,
        "--report",
        page.toString(),
        "--loop",
        "nothing");
    refused(
        2,
        "--report %s can't be written because its folder does not exist: make the folder or choose another."
            .formatted(missing),
        "simulate",
        NETWORK,
        "--report",
        missing.toString());
    refused(
        2,
        "--listing %s is a folder: name a file in it.".formatted(folder),
        "simulate",
        NETWORK,
        "--listing",
        folder.toString());
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
