package org.sysmol.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.AtomicFile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/** The rows of results that are finished: a list in a JSON file, and tables in a page of text. */
final class ResultsFile {
  private static final String BEGIN = "<!-- rows: made by sysmol reproduce -->";
  private static final String END = "<!-- end of rows -->";

  private final Path json;
  private final Path page;

  /**
   * Results in a folder.
   *
   * @param folder of results.json and results.md
   */
  ResultsFile(Path folder) {
    json = folder.resolve("results.json");
    page = folder.resolve("results.md");
  }

  /** Finished rows in their order. */
  List<Map<String, Object>> rows() {
    if (!Files.exists(json)) {
      return new ArrayList<>();
    }
    try {
      return new ArrayList<>(
          JsonOutput.MAPPER.readValue(
              Files.readString(json), new TypeReference<List<Map<String, Object>>>() {}));
    } catch (IOException | JacksonException e) {
      throw SysmolException.badInput(
          "File " + json + " is not a list of results; put it right or delete it.", e);
    }
  }

  /** True if the row is finished. */
  boolean has(ResultRow row) {
    return rows().stream().anyMatch(r -> row.name().equals(r.get("row")));
  }

  /** Accuracy of a row's full-precision network, percent, where its row is finished. */
  Optional<Double> baseline(ResultRow row) {
    String name = row.baseline().map(ResultRow::name).orElse("");
    return rows().stream()
        .filter(r -> name.equals(r.get("row")))
        .map(r -> r.get("accuracy"))
        .filter(Number.class::isInstance)
        .map(accuracy -> ((Number) accuracy).doubleValue())
        .findFirst();
  }

  /** Adds or replaces a row, and writes the tables anew. Other processes may do so as well. */
  void put(Map<String, Object> result) {
    Path lock = json.resolveSibling(".results.lock");
    try (FileChannel channel =
            FileChannel.open(
                lock,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        FileLock _ = channel.lock()) {
      List<Map<String, Object>> rows = rows();
      rows.removeIf(r -> Objects.equals(r.get("row"), result.get("row")));
      rows.add(result);
      List<String> order = ResultRow.all().stream().map(ResultRow::name).toList();
      rows.sort(Comparator.comparingInt(r -> order.indexOf(String.valueOf(r.get("row")))));
      AtomicFile.write(
          json,
          (JsonOutput.MAPPER.writeValueAsString(rows) + "\n").getBytes(StandardCharsets.UTF_8));
      writePage(rows);
    } catch (IOException e) {
      throw SysmolException.failed(
          "Results can't be written to " + json + " (" + e.getMessage() + ").", e);
    }
  }

  private void writePage(List<Map<String, Object>> rows) throws IOException {
    String old =
        Files.exists(page) ? Files.readString(page) : "# Results\n\n" + BEGIN + "\n" + END + "\n";
    int begin = old.indexOf(BEGIN);
    int end = old.indexOf(END);
    if (begin < 0 || end < begin) {
      throw SysmolException.badInput(
          "Page " + page + " lacks the marks '" + BEGIN + "' and '" + END + "'; add them.");
    }
    String text =
        old.substring(0, begin + BEGIN.length())
            + "\n"
            + ResultTables.of(rows)
            + old.substring(end);
    AtomicFile.write(page, text.getBytes(StandardCharsets.UTF_8));
  }
}
