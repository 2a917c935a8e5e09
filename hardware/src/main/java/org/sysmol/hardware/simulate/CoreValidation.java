package org.sysmol.hardware.simulate;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.ArchitectureFile;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.program.Call;
import org.sysmol.hardware.program.FloatProgrammer;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.NetworkProgrammer;
import org.sysmol.hardware.program.StepProgram;
import org.sysmol.hardware.program.UniformNetwork;

/**
 * {@link Pipeline} against llvm-mca: the innermost loops of a network's baselines on cores that
 * both know, all data in the first cache (docs/hardware.md, "How far to trust the cycles").
 */
public final class CoreValidation {
  /**
   * What an estimate of cycles carries, in percent: the median of the absolute errors of all loops
   * and cores of the network for which it is largest, rounded up. {@code sysmol simulate
   * mobilenetv2 --validate} measures it; of resnet18 it is half as large.
   */
  public static final double ERROR_PERCENT = 18;

  private static final int FEW = 50;
  private static final int MANY = 250;
  private static final int LEAST_LOOP = 8;
  private static final Pattern TOTAL = Pattern.compile("Total Cycles:\\s+(\\d+)");

  /** The cores by llvm-mca's names, with our description of each. */
  static final Map<String, Core> CORES = cores();

  /**
   * A loop on a core.
   *
   * @param loop the step and its baseline
   * @param core llvm-mca's name
   * @param reference llvm-mca's cycles of one iteration
   * @param ours those of {@link Pipeline}
   * @param offsetReference llvm-mca's cycles of the same loop with offsets ({@link #withOffsets}):
   *     what differs is due to the registers that loads step on
   * @param offsetOurs those of {@link Pipeline}
   */
  public record Comparison(
      String loop,
      String core,
      double reference,
      double ours,
      double offsetReference,
      double offsetOurs) {
    /** How much more cycles we say, in percent of llvm-mca's; negative where fewer. */
    public double errorPercent() {
      return 100 * (ours / reference - 1);
    }

    /** The same of the loop with offsets. */
    public double offsetErrorPercent() {
      return 100 * (offsetOurs / offsetReference - 1);
    }
  }

  private CoreValidation() {}

  private static Map<String, Core> cores() {
    Map<String, Core> cores = new LinkedHashMap<>();
    cores.put("cortex-a55", Core.IN_ORDER);
    cores.put("neoverse-n1", Core.OUT_OF_ORDER);
    cores.put(
        "neoverse-n2", core("issue-width = 5\nwindow = 160\nload-units = 3\nmultiply-cycles = 1"));
    cores.put(
        "neoverse-v1",
        core(
            "issue-width = 8\nwindow = 256\nsimd-units = 4\nload-units = 3\nstore-units = 2\n"
                + "multiply-units = 2\nshift-units = 2\nmultiply-cycles = 1"));
    return cores;
  }

  private static Core core(String text) {
    return ArchitectureFile.parse(text, "A core to validate with", "core").core();
  }

  /**
   * Compares all loops of the binary32 and byte baselines of a network.
   *
   * @param folder for the assembler text
   * @throws SysmolException if llvm-mca is missing or fails
   */
  public static List<Comparison> compare(PackedNetwork network, Path folder) {
    org.sysmol.hardware.tool.ExternalProgram.LLVM_MCA.require("validate the simulator's cores");
    Map<String, List<Instruction>> loops = new LinkedHashMap<>();
    Core core = Core.OUT_OF_ORDER;
    collect("fp32 ", FloatProgrammer.of(network, core, 1), loops);
    collect(
        "int8 ",
        NetworkProgrammer.of(
            UniformNetwork.of(network, 8),
            org.sysmol.core.architecture.Architecture.of(PatternSet.U4).withCore(core)),
        loops);
    List<Comparison> comparisons = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    loops.forEach(
        (name, loop) -> {
          String text = text(loop);
          if (!seen.add(text)) {
            return;
          }
          List<Instruction> offsets = withOffsets(loop);
          Path file = write(folder, "loop" + seen.size() + ".s", loop);
          Path other = write(folder, "loop" + seen.size() + "-offsets.s", offsets);
          CORES.forEach(
              (cpu, description) ->
                  comparisons.add(
                      new Comparison(
                          name,
                          cpu,
                          reference(file, cpu),
                          ours(loop, description),
                          reference(other, cpu),
                          ours(offsets, description))));
        });
    return comparisons;
  }

  private static Path write(Path folder, String name, List<Instruction> loop) {
    Path file = folder.resolve(name);
    AtomicFile.write(file, text(loop).getBytes(StandardCharsets.UTF_8));
    return file;
  }

  /**
   * The loop with loads that step on their address by an offset from it, and one addition before
   * the branch's SUBS instead of the steps: the same loads, without the chain of additions that
   * llvm-mca's models time so differently. Registers that something else in the loop reads or
   * writes step as before.
   */
  static List<Instruction> withOffsets(List<Instruction> loop) {
    Map<Integer, Integer> steps = new TreeMap<>();
    for (Instruction i : loop) {
      if (i.opcode() == Opcode.LDR_Q_POST) {
        steps.put(i.n(), 0);
      }
    }
    for (Instruction i : loop) {
      if (i.opcode() != Opcode.LDR_Q_POST) {
        generalRegisters(i).forEach(steps::remove);
      }
    }
    List<Instruction> changed = new ArrayList<>();
    for (Instruction i : loop) {
      Integer offset = i.opcode() == Opcode.LDR_Q_POST ? steps.get(i.n()) : null;
      if (offset == null) {
        if (i.opcode() == Opcode.SUBS_X) {
          steps.forEach((n, sum) -> changed.add(new Instruction(Opcode.ADD_X, n, n, 0, sum, 0)));
        }
        changed.add(i);
      } else {
        changed.add(new Instruction(Opcode.LDR_Q, i.d(), i.n(), 0, offset, 0));
        steps.put(i.n(), offset + i.immediate());
      }
    }
    return changed;
  }

  private static List<Integer> generalRegisters(Instruction i) {
    return switch (i.opcode().shape()) {
      case NONE, V, VV, VV_D, VVV, VVV_KEPT, VVV_D, VVV_A -> List.of();
      case X -> List.of(i.d());
      case XX, STORE_X -> List.of(i.d(), i.n());
      case XXX -> List.of(i.d(), i.n(), i.m());
      case VX, VX_POST, STORE_V -> List.of(i.n());
    };
  }

  private static void collect(
      String prefix, NetworkProgram network, Map<String, List<Instruction>> loops) {
    for (StepProgram step : network.steps()) {
      Set<Program> programs = new LinkedHashSet<>();
      for (Call call : step.calls()) {
        programs.add(call.program());
      }
      programs.stream()
          .map(CoreValidation::longestInnermost)
          .filter(loop -> loop.size() >= LEAST_LOOP)
          .max(java.util.Comparator.comparingInt(List::size))
          .ifPresent(loop -> loops.put(prefix + step.name(), loop));
    }
  }

  /** The longest loop without another in it, its branch included; empty if there is none. */
  static List<Instruction> longestInnermost(Program program) {
    List<Instruction> all = program.instructions();
    List<Instruction> longest = List.of();
    int after = 0;
    for (int at = 0; at < all.size(); at++) {
      if (all.get(at).opcode() == Opcode.B_NE) {
        int target = all.get(at).immediate();
        if (target >= after && at + 1 - target > longest.size()) {
          longest = all.subList(target, at + 1);
        }
        after = at + 1;
      }
    }
    return longest;
  }

  private static String text(List<Instruction> loop) {
    StringBuilder text = new StringBuilder("loop:\n");
    for (Instruction i : loop) {
      text.append(i.opcode() == Opcode.B_NE ? "b.ne loop" : i.toString()).append('\n');
    }
    return text.toString();
  }

  private static double reference(Path file, String cpu) {
    return (double) (total(file, cpu, MANY) - total(file, cpu, FEW)) / (MANY - FEW);
  }

  private static long total(Path file, String cpu, int iterations) {
    Path folder = java.util.Objects.requireNonNull(file.getParent());
    String said =
        org.sysmol.hardware.tool.ExternalProgram.LLVM_MCA.run(
            folder,
            5,
            List.of(
                "-mtriple=aarch64",
                "-mcpu=" + cpu,
                "-mattr=+dotprod,+i8mm",
                "-iterations=" + iterations,
                String.valueOf(file.getFileName())));
    Matcher total = TOTAL.matcher(said);
    if (!total.find()) {
      throw SysmolException.failed(
          "llvm-mca did not say how many cycles the loop in %s takes on %s; run it by hand to see why."
              .formatted(file, cpu));
    }
    return Long.parseLong(total.group(1));
  }

  /** Cycles of one iteration in the steady state. */
  static double ours(List<Instruction> loop, Core core) {
    Instruction[] code = loop.toArray(Instruction[]::new);
    Pipeline pipeline = new Pipeline(core);
    long many = pipeline.cycles(code, trace(code, MANY));
    return (double) (many - pipeline.cycles(code, trace(code, FEW))) / (MANY - FEW);
  }

  private static Trace trace(Instruction[] code, int iterations) {
    Trace trace = new Trace();
    for (int n = 0; n < iterations; n++) {
      for (int k = 0; k < code.length; k++) {
        trace.add(k, code[k].opcode().bytes() > 0 ? CacheModel.L1 : 0);
      }
    }
    return trace;
  }
}
