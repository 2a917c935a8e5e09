package org.sysmol.hardware.rtl.check;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.hardware.rtl.SumModule;
import org.sysmol.hardware.rtl.Testbench;
import org.sysmol.hardware.rtl.UnitModule;
import org.sysmol.hardware.tool.WorkFolder;

/** Compares the emitted Verilog of an architecture's units with Java on many vectors. */
public final class GoldenTest {
  /**
   * What one unit's vectors gave.
   *
   * @param unit its module
   * @param vectors results compared
   * @param mismatches results that differ
   * @param byInstruction results compared, by instruction
   * @param byPattern results compared, by pattern; empty where none is used
   */
  public record Outcome(
      String unit,
      int vectors,
      int mismatches,
      Map<String, Long> byInstruction,
      Map<String, Long> byPattern) {}

  private final Architecture architecture;
  private final long seed;
  private final Simulator simulator;

  /** A test with a seed of its vectors. */
  public GoldenTest(Architecture architecture, long seed, Simulator simulator) {
    this.architecture = architecture;
    this.seed = seed;
    this.simulator = simulator;
  }

  /**
   * Checks all units.
   *
   * @param vectors of each of the mixed and the extended unit's mixed instructions; the base
   *     instructions and VSUMQ take a quarter as many each
   * @param network registers of a network to add
   */
  public List<Outcome> run(int vectors, Optional<LayerRegisters> network) {
    network.ifPresent(this::refuseOthers);
    List<Outcome> outcomes = new ArrayList<>();
    outcomes.add(mixed(unit(UnitModule.Kind.MIXED), vectors, network));
    outcomes.add(extended(unit(UnitModule.Kind.EXTENDED), vectors, network));
    outcomes.add(base(unit(UnitModule.Kind.BASE), vectors));
    outcomes.add(sum(SumModule.of(architecture).emit(), vectors));
    return outcomes;
  }

  /** The emitted text of a unit. */
  String unit(UnitModule.Kind kind) {
    return UnitModule.of(kind, architecture).emit();
  }

  /**
   * Writes each unit's testbench and its vectors into an existing folder: {@code
   * mixed_unit_testbench.v} reads {@code mixed_unit.hex}, and so on.
   */
  public static void writeTestbenches(
      Architecture architecture, long seed, int vectors, Path folder) {
    VectorFile base = baseVectors(architecture, seed, vectors);
    VectorFile sum = new VectorFile(architecture, seed).base(vectors, UnitInstruction.VSUMQ);
    VectorFile mixed = new VectorFile(architecture, seed).mixed(vectors);
    VectorFile both = baseVectors(architecture, seed, vectors).mixed(vectors);
    write(folder, UnitModule.Kind.BASE.module(), base, architecture);
    write(folder, SumModule.NAME, sum, architecture);
    write(folder, UnitModule.Kind.MIXED.module(), mixed, architecture);
    write(folder, UnitModule.Kind.EXTENDED.module(), both, architecture);
  }

  private static void write(
      Path folder, String module, VectorFile file, Architecture architecture) {
    Testbench testbench = new Testbench(module, architecture.registerBits(), file.lines());
    file.write(folder.resolve(testbench.file()));
    AtomicFile.write(
        folder.resolve(module + "_testbench.v"), testbench.emit().getBytes(StandardCharsets.UTF_8));
  }

  /** Checks the mixed unit, whose text may have been changed. */
  Outcome mixed(String text, int vectors, Optional<LayerRegisters> network) {
    VectorFile file = new VectorFile(architecture, seed).mixed(vectors);
    network.ifPresent(file::network);
    return simulate(UnitModule.Kind.MIXED.module(), text, file);
  }

  private static VectorFile baseVectors(Architecture architecture, long seed, int vectors) {
    return new VectorFile(architecture, seed)
        .base(
            Math.ceilDiv(3 * vectors, 4),
            UnitInstruction.MLA_16B,
            UnitInstruction.MLA_8H,
            UnitInstruction.SDOT_4S);
  }

  /** Checks the extended unit, whose text may have been changed. */
  Outcome extended(String text, int vectors, Optional<LayerRegisters> network) {
    VectorFile file = baseVectors(architecture, seed + 1, vectors).mixed(vectors);
    network.ifPresent(file::network);
    return simulate(UnitModule.Kind.EXTENDED.module(), text, file);
  }

  /** Checks the base unit, whose text may have been changed. */
  Outcome base(String text, int vectors) {
    VectorFile file = baseVectors(architecture, seed + 2, vectors);
    return simulate(UnitModule.Kind.BASE.module(), text, file);
  }

  /** Checks VSUMQ, whose text may have been changed. */
  Outcome sum(String text, int vectors) {
    VectorFile file =
        new VectorFile(architecture, seed + 3)
            .base(Math.ceilDiv(vectors, 4), UnitInstruction.VSUMQ);
    return simulate(SumModule.NAME, text, file);
  }

  private void refuseOthers(LayerRegisters network) {
    network.pairs().stream()
        .map(LayerRegisters.Pair::pattern)
        .filter(pattern -> !architecture.patterns().patterns().contains(pattern))
        .findFirst()
        .ifPresent(
            pattern -> {
              throw SysmolException.badInput(
                  "The network has registers of pattern %s, which architecture %s lacks: name the architecture that the network was compiled for."
                      .formatted(pattern, architecture.name()));
            });
  }

  private Outcome simulate(String module, String text, VectorFile file) {
    try (WorkFolder folder = WorkFolder.create()) {
      Testbench testbench = new Testbench(module, architecture.registerBits(), file.lines());
      file.write(folder.path().resolve(testbench.file()));
      Simulator.Count count = simulator.run(folder, testbench, text);
      if (count.checked() != file.compared()) {
        throw SysmolException.failed(
            "The testbench of %s compared %d of %d vectors; its file was not read whole."
                .formatted(module, count.checked(), file.compared()));
      }
      Map<String, Long> patterns = new LinkedHashMap<>(file.byPattern());
      patterns.values().removeIf(n -> n == 0);
      return new Outcome(
          module, file.compared(), count.mismatches(), file.byInstruction(), patterns);
    }
  }
}
