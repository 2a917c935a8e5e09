package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.RegisterCount;
import org.sysmol.core.pattern.Packing;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command that trains published results, short of training; and the files that it keeps. */
class ReproduceCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = new CommandLine(new ReproduceCommand());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(
        (problem, command, parsed) -> {
          command.getErr().println(problem.getMessage());
          return ((SysmolException) problem).exitCode();
        });
    return line.execute(arguments);
  }

  private static Map<String, Object> result(String row, double accuracy) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("row", row);
    map.put("smol", "zoo/" + row + ".smol");
    map.put("accuracy", accuracy);
    map.put("accuracy_fp32", 93.0);
    map.put("bits_all", 2.0);
    map.put("bits_of_registers", 2.1);
    map.put("bytes_fp32", 4000);
    map.put("bytes_file", 250);
    return map;
  }

  @Test
  void namesAreUniqueAndListed() {
    List<String> names = ResultRow.all().stream().map(ResultRow::name).toList();
    assertThat(names).doesNotHaveDuplicates().contains("fashion-P4-2.0-s1", "fashion-fp32-s3");
    assertThat(run("--list", "--to", folder.toString())).isZero();
    assertThat(out.toString().lines()).containsExactlyElementsOf(names);
  }

  @Test
  void publishedNetworksTakeTheRegistersThatTheirRowsSay() throws IOException {
    JsonNode rows =
        JsonMapper.builder().build().readTree(Files.readString(Path.of("../docs/results.json")));
    int counted = 0;
    for (JsonNode row : rows) {
      for (String name :
          List.of(
              "row",
              "network",
              "dataset",
              "patterns",
              "assign",
              "seed",
              "smol",
              "accuracy",
              "accuracy_fp32",
              "bits_all",
              "bytes_fp32",
              "bytes_file",
              "command")) {
        assertThat(row.has(name)).as("%s of %s", name, row.get("row")).isTrue();
      }
      if (row.has("smol") && !row.get("smol").isNull()) {
        PackedNetwork network = SmolFile.read(Path.of("..", row.get("smol").asString()));
        NetworkSize size = NetworkSize.of(network);
        String name = row.get("row").asString();
        assertThat(size.registers()).as(name).isEqualTo(row.get("registers").asLong());
        assertThat(size.bitsAll())
            .as(name)
            .isCloseTo(row.get("bits_all").asDouble(), within(0.0001));
        // What is stored in the file is what its packing comes to.
        RegisterCount again = RegisterCount.of(network, Packing.parse(network.patterns()));
        assertThat(NetworkSize.of(network, again)).as(name).isEqualTo(size);
        counted++;
      }
    }
    assertThat(counted).isPositive();
  }

  @Test
  void refusesUnknownRowsAndMissingData() {
    assertThat(run("--rows", "nonsense", "--to", folder.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("no row nonsense").contains("--list");
    Path missing = folder.resolve("missing");
    assertThat(
            run(
                "--rows",
                "fashion-fp32-s1",
                "--to",
                folder.toString(),
                "--work",
                folder.resolve("work").toString(),
                "--fashion-mnist",
                missing.toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("dataset-fashion-mnist");
  }

  @Test
  void rowsKeepTheirOrderAndTablesTheirText() throws IOException {
    ResultsFile results = new ResultsFile(folder);
    results.put(result("fashion-P4-2.0-s2", 92.6));
    Path page = folder.resolve("results.md");
    Files.writeString(page, "Before.\n" + Files.readString(page) + "After.\n");
    results.put(result("fashion-P4-2.0-s1", 92.0));
    results.put(result("fashion-P4-2.0-s1", 92.4));
    assertThat(results.rows())
        .extracting(r -> r.get("row"))
        .containsExactly("fashion-P4-2.0-s1", "fashion-P4-2.0-s2");
    String text = Files.readString(page);
    // Mean of 92.4 and 92.6 with the standard error of two; 4000 / 250 bytes.
    assertThat(text).startsWith("Before.").endsWith("After.\n");
    assertThat(text).contains("| fashion-P4-2.0 | 2 | 92.50 (0.10) | 93.00 | 0.50 (0.10) |");
    assertThat(text)
        .contains("16.0x")
        .contains("`fashion-P4-2.0-s1`")
        .contains("`fashion-P4-2.0-s2`");
    assertThat(run("--list", "--to", folder.toString(), "--rows", "fashion-P4-2.0-s1")).isZero();
  }

  @Test
  void aFinishedBaselineIsThatOfTheSameNetworkAndSeed() {
    ResultsFile results = new ResultsFile(folder);
    ResultRow row =
        ResultRow.all().stream().filter(r -> r.name().equals("fashion-U2-s2")).findFirst().get();
    Map<String, Object> other = result("fashion-fp32-s1", 93.2);
    other.putAll(Map.of("assign", "", "dataset", row.dataset(), "network", "wide", "seed", 1));
    results.put(other);
    assertThat(results.baseline(row)).isEmpty();
    Map<String, Object> same = result("fashion-fp32-s2", 92.76);
    same.putAll(Map.of("assign", "", "dataset", row.dataset(), "network", "wide", "seed", 2));
    results.put(same);
    assertThat(results.baseline(row)).contains(92.76);
  }

  @Test
  void longAndShortRowsAreNotComparedWithBaselinesOfAnotherLength() {
    ResultsFile results = new ResultsFile(folder);
    results.put(result("fashion-fp32-s1", 93.2));
    results.put(result("fashion-fp32-long-s1", 93.4));
    Map<String, Optional<Double>> baselines = new LinkedHashMap<>();
    for (String name :
        List.of(
            "fashion-U2-s1",
            "fashion-P4-2.0-long-s1",
            "fashion-P4-2.0-short-s1",
            "fashion-P4-2.0-average-s1",
            "fashion-P4-2.0-long-s2")) {
      ResultRow row =
          ResultRow.all().stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow();
      baselines.put(name, results.baseline(row));
    }
    assertThat(baselines)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "fashion-U2-s1", Optional.of(93.2),
                "fashion-P4-2.0-long-s1", Optional.of(93.4),
                "fashion-P4-2.0-short-s1", Optional.empty(),
                "fashion-P4-2.0-average-s1", Optional.of(93.2),
                "fashion-P4-2.0-long-s2", Optional.empty()));
  }

  @Test
  void aBrokenFileOfResultsIsNotOverwritten() throws IOException {
    Path json = folder.resolve("results.json");
    Files.writeString(json, "[{\"row\":");
    ResultsFile results = new ResultsFile(folder);
    assertThatThrownBy(() -> results.put(result("fashion-P4-2.0-s1", 92)))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("results.json");
    assertThat(Files.readString(json)).isEqualTo("[{\"row\":");
  }
}
