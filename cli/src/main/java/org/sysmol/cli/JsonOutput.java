package org.sysmol.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.AtomicFile;
import picocli.CommandLine.Option;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The option {@code --json FILE} of every command that has a result. */
final class JsonOutput {
  /** Writes indented, and reads. */
  static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private @Nullable String file;

  /**
   * Takes the option, and refuses a file that the result could not be written to at the end, or
   * that holds something else than JSON, such as the network that is read.
   */
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the result as JSON to FILE; - is standard output.")
  void file(@Nullable String name) {
    if (name != null && !name.equals("-")) {
      check("--json", Path.of(name));
    }
    file = name;
  }

  /** Refuses, before any work, a file that JSON could not or should not be written to. */
  static void check(String option, Path file) {
    OutputPath.check(option, file);
    if (!Files.isRegularFile(file)) {
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      int first = in.read();
      if (first >= 0 && first != '{' && first != '[') {
        throw SysmolException.badInput(
            "%s %s is there and is no JSON, so it is not written over; choose another name."
                .formatted(option, file));
      }
    } catch (IOException e) {
      throw SysmolException.badInput(
          "%s %s can't be read (%s); choose another name.".formatted(option, file, e.getMessage()),
          e);
    }
  }

  /** True if standard output belongs to the JSON alone. */
  boolean toStandardOutput() {
    return "-".equals(file);
  }

  /** An object of JSON whose keys stay in this order: key, value, key, value. */
  static Map<String, Object> object(@Nullable Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  /** Writes the result if it was asked for. */
  void write(Map<String, ?> result, PrintWriter out) {
    if (file == null) {
      return;
    }
    if (toStandardOutput()) {
      out.println(text(result));
      out.flush();
    } else {
      writeFile(result, Path.of(file));
    }
  }

  /** Writes a result to a file, whole or not at all. */
  static void writeFile(Map<String, ?> result, Path file) {
    AtomicFile.write(file, (text(result) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Map<String, ?> result) {
    return MAPPER.writeValueAsString(result);
  }
}
