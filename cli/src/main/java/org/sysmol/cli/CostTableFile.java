package org.sysmol.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.cost.CostKind;
import org.sysmol.runtime.cost.CostTable;
import org.sysmol.runtime.cost.Peak;
import org.sysmol.runtime.machine.CpuClass;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A cost table as a JSON file (docs/performance.md): what {@code explain --cost-table} writes. */
final class CostTableFile {
  private static final int MOST_BYTES = 1 << 20;
  private static final double MOST = 1e12;

  private final Path file;

  private CostTableFile(Path file) {
    this.file = file;
  }

  /** A table as JSON has it. */
  static Map<String, Object> json(CostTable table) {
    List<Map<String, Object>> costs = new ArrayList<>();
    for (CostTable.Cost cost : table.costs()) {
      costs.add(
          JsonOutput.object(
              "kind", cost.kind().text(),
              "unit", cost.kind().countsMacs() ? "mac" : "code",
              "bits", cost.bits(),
              "input_channels", cost.inputs(),
              "output_channels", cost.outputs(),
              "output_pixels", cost.pixels(),
              "ns_per_unit", cost.nanoseconds()));
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", CostTable.VERSION);
    map.put("cpu", table.cpu());
    map.put("cpu_class", table.cpuClass().text());
    map.put("threads", 1);
    map.put("peak", peak(table.peak()));
    map.put("kernels", kernels(table.kernels()));
    map.put("costs", costs);
    return map;
  }

  private static Map<String, Object> kernels(KernelCosts costs) {
    return JsonOutput.object(
        "product_ps", costs.product(),
        "transformed_product_ps", costs.transformedProduct(),
        "transforms_ps", costs.transforms(),
        "one_bit_ps", costs.oneBit(),
        "two_bits_ps", costs.twoBits(),
        "segment_ps", costs.segment());
  }

  /** What a processor reaches as JSON has it. */
  static Map<String, Object> peak(Peak peak) {
    return JsonOutput.object(
        "bytes_gmacs", peak.bytes(),
        "bits_gmacs", peak.bits(),
        "near_cache_gbytes", peak.near(),
        "next_cache_gbytes", peak.middle(),
        "memory_gbytes", peak.memory());
  }

  /**
   * Reads a table.
   *
   * @throws SysmolException (bad input) if the file is no table of this version, whole and sensible
   */
  static CostTable read(Path file) {
    return new CostTableFile(file).table();
  }

  private CostTable table() {
    JsonNode root;
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw bad("it is longer than " + MOST_BYTES + " bytes");
      }
      root = JsonOutput.MAPPER.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw bad("it can't be read: " + e.getMessage());
    } catch (JacksonException e) {
      throw bad("it is not JSON: " + firstSentence(e.getOriginalMessage()));
    }
    int version = whole(root, "version");
    if (version != CostTable.VERSION) {
      throw bad("it is of version " + version + ", and this is " + CostTable.VERSION);
    }
    JsonNode peak = part(root, "peak");
    JsonNode kernels = part(root, "kernels");
    List<CostTable.Cost> costs = new ArrayList<>();
    for (JsonNode cost : part(root, "costs")) {
      costs.add(
          new CostTable.Cost(
              kind(text(cost, "kind")),
              whole(cost, "bits"),
              whole(cost, "input_channels"),
              whole(cost, "output_channels"),
              whole(cost, "output_pixels"),
              positive(cost, "ns_per_unit")));
    }
    String cpuClass = text(root, "cpu_class");
    CostTable table =
        new CostTable(
            text(root, "cpu"),
            Arrays.stream(CpuClass.values())
                .filter(c -> c.text().equals(cpuClass))
                .findFirst()
                .orElseThrow(() -> bad("there is no class " + cpuClass)),
            new Peak(
                positive(peak, "bytes_gmacs"),
                number(peak, "bits_gmacs"),
                positive(peak, "near_cache_gbytes"),
                positive(peak, "next_cache_gbytes"),
                positive(peak, "memory_gbytes")),
            new KernelCosts(
                positive(kernels, "product_ps"),
                positive(kernels, "transformed_product_ps"),
                positive(kernels, "transforms_ps"),
                positive(kernels, "one_bit_ps"),
                positive(kernels, "two_bits_ps"),
                positive(kernels, "segment_ps"),
                true),
            costs);
    table
        .missing()
        .ifPresent(
            what -> {
              throw bad("it has no costs of " + what);
            });
    return table;
  }

  /** Without what the library says of its own settings. */
  private static String firstSentence(String message) {
    int end = message.indexOf("[Source:");
    String text = (end < 0 ? message : message.substring(0, end)).replaceAll("\\s+", " ").strip();
    return text.isEmpty() ? "it can't be understood" : text;
  }

  private CostKind kind(String text) {
    Optional<CostKind> kind =
        Arrays.stream(CostKind.values()).filter(k -> k.text().equals(text)).findFirst();
    return kind.orElseThrow(() -> bad("there is no kind " + text));
  }

  private JsonNode part(JsonNode of, String name) {
    JsonNode part = of.get(name);
    if (part == null) {
      throw bad("it has no " + name);
    }
    return part;
  }

  private String text(JsonNode of, String name) {
    JsonNode part = part(of, name);
    if (!part.isString() || part.asString().length() > 256) {
      throw bad(name + " is no text of up to 256 characters");
    }
    return part.asString();
  }

  private int whole(JsonNode of, String name) {
    JsonNode part = part(of, name);
    if (!part.isInt() || part.asInt() < 1) {
      throw bad(name + " is no number of at least 1: " + part);
    }
    return part.asInt();
  }

  private double positive(JsonNode of, String name) {
    double value = number(of, name);
    if (value == 0) {
      throw bad(name + " is 0");
    }
    return value;
  }

  private double number(JsonNode of, String name) {
    JsonNode part = part(of, name);
    double value = part.isNumber() ? part.asDouble() : Double.NaN;
    // Written so that NaN is refused.
    if (!(value >= 0 && value < MOST)) {
      throw bad(name + " is no sensible figure: " + part);
    }
    return value;
  }

  private SysmolException bad(@Nullable String why) {
    return SysmolException.badInput(
        "The cost table "
            + file
            + " can't be used, for "
            + why
            + "; export one with explain --cost-table.");
  }
}
