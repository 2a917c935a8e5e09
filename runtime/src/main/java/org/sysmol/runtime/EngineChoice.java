package org.sysmol.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.VectorEngine;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * The one place that chooses an engine: the fastest that the machine allows, with the reasons why
 * faster ones were refused.
 *
 * @param engine the one to use
 * @param refused a sentence for each faster engine, or class of instructions, that could not be
 *     used; empty if none was refused
 */
public record EngineChoice(Engine engine, List<String> refused) {
  private static final String MACHINE_CODE = "machine-code";

  /** Copies the list. */
  public EngineChoice {
    refused = List.copyOf(refused);
  }

  /** The names that {@link #named} takes. */
  public static List<String> names() {
    return List.of("auto", MACHINE_CODE, "vector", "scalar");
  }

  /** The fastest engine of this machine. */
  public static EngineChoice auto() {
    return of("auto", Optional.empty());
  }

  /**
   * An engine by name.
   *
   * @param name one of {@link #names}
   * @throws SysmolException (bad input) if there is no such engine or this machine refuses it
   */
  public static EngineChoice named(String name) {
    return of(name, Optional.empty());
  }

  /**
   * An engine by name, on no more than a class of instructions.
   *
   * @param name one of {@link #names}
   * @param isa class to which machine code is lowered; empty for all that the machine has
   * @throws SysmolException (bad input) if there is no such engine, this machine refuses it or
   *     lacks the class, or the engine takes no class
   */
  public static EngineChoice of(String name, Optional<CpuClass> isa) {
    return of(name, isa, _ -> Optional.empty());
  }

  /**
   * An engine by name, on no more than a class of instructions, that chooses kernels by costs.
   *
   * @param name one of {@link #names}
   * @param isa as in {@link #of(String, Optional)}
   * @param costs of a class on this machine, for instance those that {@link
   *     org.sysmol.runtime.cost.CostCache} keeps; asked only if machine code runs; empty for those
   *     that are built in
   * @throws SysmolException (bad input) as {@link #of(String, Optional)}
   */
  public static EngineChoice of(
      String name, Optional<CpuClass> isa, Function<CpuClass, Optional<KernelCosts>> costs) {
    if (!names().contains(name)) {
      throw SysmolException.badInput(
          "There is no engine " + name + "; the engines are " + String.join(", ", names()) + ".");
    }
    if (isa.isPresent() && !name.equals("auto") && !name.equals(MACHINE_CODE)) {
      throw SysmolException.badInput(
          "A class of instructions goes with engine "
              + MACHINE_CODE
              + ", not with engine "
              + name
              + ".");
    }
    return switch (name) {
      case "scalar" -> new EngineChoice(new ScalarEngine(), List.of());
      case "vector" -> {
        vectorRefusal().ifPresent(why -> refuse("vector", why));
        yield new EngineChoice(new VectorEngine(), List.of());
      }
      default -> {
        CpuFeatures machine = CpuFeatures.detect();
        CpuFeatures allowed = isa.map(machine::cappedTo).orElse(machine);
        if (name.equals("auto")) {
          yield auto(allowed, isa, costs);
        }
        var made = MachineCodeEngine.create(allowed.best());
        if (made.engine().isEmpty()) {
          refuse(MACHINE_CODE, made.refusal());
        }
        yield new EngineChoice(with(costs, made.engine().get(), allowed), limitation(allowed, isa));
      }
    };
  }

  private static void refuse(String engine, String why) {
    throw SysmolException.badInput("Engine " + engine + " cannot be used here: " + why);
  }

  private static Engine with(
      Function<CpuClass, Optional<KernelCosts>> costs,
      MachineCodeEngine engine,
      CpuFeatures allowed) {
    return costs.apply(allowed.best()).map(engine::withCosts).orElse(engine);
  }

  private static EngineChoice auto(
      CpuFeatures allowed,
      Optional<CpuClass> isa,
      Function<CpuClass, Optional<KernelCosts>> costs) {
    var machineCode = MachineCodeEngine.create(allowed.best());
    if (machineCode.engine().isPresent()) {
      return new EngineChoice(
          with(costs, machineCode.engine().get(), allowed), limitation(allowed, isa));
    }
    List<String> refused = new ArrayList<>();
    refused.add(MACHINE_CODE + ": " + machineCode.refusal());
    Optional<String> noVectors = vectorRefusal();
    if (noVectors.isEmpty()) {
      return new EngineChoice(new VectorEngine(), refused);
    }
    refused.add("vector: " + noVectors.get());
    return new EngineChoice(new ScalarEngine(), refused);
  }

  /** What machine code could be better at but for the system; nothing if nobody wanted more. */
  private static List<String> limitation(CpuFeatures allowed, Optional<CpuClass> isa) {
    return isa.isPresent() || allowed.limitation().isEmpty()
        ? List.of()
        : List.of(
            MACHINE_CODE
                + " of a class above "
                + allowed.best().text()
                + ": "
                + allowed.limitation().get());
  }

  private static Optional<String> vectorRefusal() {
    ModuleLayer layer = EngineChoice.class.getModule().getLayer();
    boolean present =
        (layer == null ? ModuleLayer.boot() : layer).findModule("jdk.incubator.vector").isPresent();
    return present
        ? Optional.empty()
        : Optional.of("start Java with --add-modules jdk.incubator.vector to have it.");
  }
}
