package org.sysmol.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as tables for people: means over seeds, then every row. */
final class ResultTables {
  private ResultTables() {}

  /** Markdown. */
  static String of(List<Map<String, Object>> rows) {
    StringBuilder text = new StringBuilder();
    means(rows, text);
    text.append('\n');
    every(rows, text);
    return text.toString();
  }

  private static void means(List<Map<String, Object>> rows, StringBuilder text) {
    Map<String, List<Map<String, Object>>> alike = new LinkedHashMap<>();
    for (Map<String, Object> row : rows) {
      String name = String.valueOf(row.get("row"));
      alike
          .computeIfAbsent(name.substring(0, name.lastIndexOf("-s")), k -> new ArrayList<>())
          .add(row);
    }
    text.append(
        """
        | rows | seeds | accuracy, mean (standard error) | fp32 of the same seeds | lost, mean (standard error) | bits, all weights | of registers | file, bytes | smaller than fp32 |
        |---|---|---|---|---|---|---|---|---|
        """);
    alike.forEach(
        (name, group) -> {
          double[] accuracy = numbers(group, "accuracy");
          double[] fp32 = numbers(group, "accuracy_fp32");
          double[] lost = new double[accuracy.length];
          for (int i = 0; i < lost.length; i++) {
            lost[i] = fp32[i] - accuracy[i];
          }
          boolean packed = group.getFirst().get("smol") != null;
          text.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %d | %s | %.2f | %s | %.3f | %s | %s | %s |%n",
                  name,
                  group.size(),
                  meanAndError(accuracy),
                  mean(fp32),
                  packed ? meanAndError(lost) : "",
                  mean(numbers(group, "bits_all")),
                  packed
                      ? String.format(
                          Locale.ROOT, "%.3f", mean(numbers(group, "bits_of_registers")))
                      : "",
                  packed ? Math.round(mean(numbers(group, "bytes_file"))) : "",
                  packed
                      ? String.format(
                          Locale.ROOT,
                          "%.1fx",
                          mean(numbers(group, "bytes_fp32")) / mean(numbers(group, "bytes_file")))
                      : ""));
        });
  }

  private static void every(List<Map<String, Object>> rows, StringBuilder text) {
    text.append(
        """
        | row | accuracy | fp32 | bits: all, searched, by MACs | registers | file, bytes | seconds | machine |
        |---|---|---|---|---|---|---|---|
        """);
    for (Map<String, Object> row : rows) {
      boolean packed = row.get("smol") != null;
      text.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %.2f | %.2f | %s | %s | %s | %s | %s, class %s |%n",
              row.get("row"),
              number(row, "accuracy"),
              number(row, "accuracy_fp32"),
              packed
                  ? String.format(
                      Locale.ROOT,
                      "%.3f, %.3f, %.3f",
                      number(row, "bits_all"),
                      number(row, "bits_searched"),
                      number(row, "bits_searched_by_macs"))
                  : "32",
              packed ? row.get("registers") : "",
              packed ? row.get("bytes_file") : "",
              row.get("seconds"),
              row.get("processor"),
              row.get("cpu_class")));
    }
  }

  private static double number(Map<String, Object> row, String key) {
    return row.get(key) instanceof Number n ? n.doubleValue() : Double.NaN;
  }

  private static double[] numbers(List<Map<String, Object>> group, String key) {
    return group.stream().mapToDouble(r -> number(r, key)).toArray();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  /** The mean, and its standard error where there are several. */
  private static String meanAndError(double[] values) {
    double mean = mean(values);
    if (values.length < 2) {
      return String.format(Locale.ROOT, "%.2f", mean);
    }
    double squares = 0;
    for (double v : values) {
      squares += (v - mean) * (v - mean);
    }
    double error = Math.sqrt(squares / (values.length - 1) / values.length);
    return String.format(Locale.ROOT, "%.2f (%.2f)", mean, error);
  }
}
