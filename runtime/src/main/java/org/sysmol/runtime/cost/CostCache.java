package org.sysmol.runtime.cost;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.cost.CostTable.Cost;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * Keeps cost tables between runs, one for each processor, class and version, as lines of text. What
 * can't be read, or is of another processor or version, is measured anew, said aloud.
 */
public final class CostCache {
  private static final String MAGIC = "sysmol costs";
  private static final int MOST_BYTES = 1 << 20;

  /** Lines that are not points. */
  private static final int HEADER = 6;

  private final Path folder;
  private final String cpu;
  private final Function<CpuClass, CostTable> measurement;
  private final Consumer<String> say;

  CostCache(
      Path folder, String cpu, Function<CpuClass, CostTable> measurement, Consumer<String> say) {
    this.folder = folder;
    this.cpu = cpu;
    this.measurement = measurement;
    this.say = say;
  }

  /**
   * The user's cache: {@code sysmol} under {@code XDG_CACHE_HOME}, or else {@code ~/.cache}.
   *
   * @param say receives a sentence when something takes long or went wrong
   */
  public static CostCache ofUser(Consumer<String> say) {
    return new CostCache(
        folder(System.getenv(), System.getProperty("user.home")),
        CpuFeatures.detect().name(),
        CostMeasurement::measure,
        say);
  }

  /** The folder; XDG's variable counts only if it is an absolute path. */
  static Path folder(Map<String, String> environment, String home) {
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = Path.of(xdg).isAbsolute() ? Path.of(xdg) : Path.of(home, ".cache");
    return base.resolve("sysmol");
  }

  /** Where the table of a class is kept. */
  public Path file(CpuClass cpuClass) {
    String name = cpu.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return folder.resolve(
        "costs-" + name + "-" + cpuClass.text() + "-v" + CostTable.VERSION + ".txt");
  }

  /**
   * The table of a class, kept or measured.
   *
   * @param refresh whether to measure anyway
   */
  public CostTable get(CpuClass cpuClass, boolean refresh) {
    Path file = file(cpuClass);
    if (!refresh && Files.exists(file)) {
      try {
        return read(file, cpuClass);
      } catch (IOException | RuntimeException e) {
        say.accept(
            "The kept costs in "
                + file
                + " can't be used ("
                + e.getMessage()
                + "); measuring anew.");
      }
    }
    say.accept(
        "Measuring what layers cost on class " + cpuClass.text() + ", once for this machine.");
    CostTable table = measurement.apply(cpuClass);
    try {
      Files.createDirectories(folder);
      AtomicFile.write(file, text(table).getBytes(StandardCharsets.UTF_8));
    } catch (IOException | SysmolException e) {
      say.accept("The costs can't be kept for the next time: " + e.getMessage());
    }
    return table;
  }

  /** The table of a class if one is kept that can be used; nothing is measured. */
  public Optional<CostTable> kept(CpuClass cpuClass) {
    try {
      return Optional.of(read(file(cpuClass), cpuClass));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static String text(CostTable table) {
    StringBuilder text = new StringBuilder();
    text.append(MAGIC).append(' ').append(CostTable.VERSION).append('\n');
    text.append(table.cpu()).append('\n').append(table.cpuClass().text()).append('\n');
    Peak p = table.peak();
    text.append(p.bytes()).append(' ').append(p.bits()).append(' ').append(p.near());
    text.append(' ').append(p.middle()).append(' ').append(p.memory()).append('\n');
    KernelCosts k = table.kernels();
    text.append(k.product()).append(' ').append(k.transformedProduct()).append(' ');
    text.append(k.transforms()).append(' ').append(k.oneBit()).append(' ').append(k.twoBits());
    text.append(' ').append(k.segment()).append('\n');
    for (Cost c : table.costs()) {
      text.append(c.kind().name()).append(' ').append(c.bits()).append(' ').append(c.inputs());
      text.append(' ').append(c.outputs()).append(' ').append(c.pixels());
      text.append(' ').append(c.nanoseconds()).append('\n');
    }
    return text.append("end ").append(table.costs().size()).append('\n').toString();
  }

  private CostTable read(Path file, CpuClass cpuClass) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException("it is too long");
    }
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    require(lines.size() > HEADER, "it is too short");
    require(lines.getFirst().equals(MAGIC + " " + CostTable.VERSION), "it is of another version");
    require(lines.get(1).equals(cpu), "it is of another processor");
    require(lines.get(2).equals(cpuClass.text()), "it is of another class");
    int count = lines.size() - HEADER;
    require(lines.getLast().equals("end " + count), "its end is missing");
    String[] peaks = lines.get(3).split(" ", -1);
    require(peaks.length == 5, "its peaks are not five");
    double[] peak = new double[peaks.length];
    for (int i = 0; i < peak.length; i++) {
      peak[i] = i == 1 && peaks[i].equals("0.0") ? 0 : positive(peaks[i]);
    }
    String[] kernels = lines.get(4).split(" ", -1);
    require(kernels.length == 6, "its costs of kernels are not six");
    double[] k = new double[kernels.length];
    for (int i = 0; i < k.length; i++) {
      k[i] = positive(kernels[i]);
    }
    List<Cost> costs = new ArrayList<>();
    for (String line : lines.subList(HEADER - 1, HEADER - 1 + count)) {
      String[] parts = line.split(" ", -1);
      require(parts.length == 6, "a line has not six parts");
      costs.add(
          new Cost(
              CostKind.valueOf(parts[0]),
              whole(parts[1]),
              whole(parts[2]),
              whole(parts[3]),
              whole(parts[4]),
              positive(parts[5])));
    }
    CostTable table =
        new CostTable(
            cpu,
            cpuClass,
            new Peak(peak[0], peak[1], peak[2], peak[3], peak[4]),
            new KernelCosts(k[0], k[1], k[2], k[3], k[4], k[5], true),
            costs);
    Optional<String> missing = table.missing();
    require(missing.isEmpty(), "it has no costs of " + missing.orElse(""));
    return table;
  }

  private static void require(boolean holds, String problem) throws IOException {
    if (!holds) {
      throw new IOException(problem);
    }
  }

  private static int whole(String text) throws IOException {
    int value = Integer.parseInt(text);
    require(value > 0, text + " is not positive");
    return value;
  }

  private static double positive(String text) throws IOException {
    double value = Double.parseDouble(text);
    require(value > 0 && value < 1e12, text + " is no sensible figure");
    return value;
  }
}
