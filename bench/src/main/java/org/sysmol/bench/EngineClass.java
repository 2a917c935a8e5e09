package org.sysmol.bench;

import java.util.Optional;
import java.util.function.Function;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.cost.CostCache;
import org.sysmol.runtime.cost.CostTable;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * The engine and the class of instructions that are asked for.
 *
 * @param engine name as {@link EngineChoice#named} takes it
 * @param isa class to which machine code is lowered; empty for all that the machine has
 */
public record EngineClass(String engine, Optional<CpuClass> isa) {
  /**
   * Reads what the command line says.
   *
   * @param engine name of an engine
   * @param isa name of a class, or empty
   * @throws SysmolException (bad input) if there is no such class
   */
  public static EngineClass parse(String engine, Optional<String> isa) {
    return new EngineClass(engine, isa.map(CpuClass::parse));
  }

  /**
   * The engine, with the reasons why faster ones were refused.
   *
   * @throws SysmolException (bad input) if there is no such engine, this machine refuses it or
   *     lacks the class, or the engine takes no class
   */
  public EngineChoice choose() {
    return EngineChoice.of(engine, isa);
  }

  /**
   * The same, choosing kernels by costs of this machine.
   *
   * @param costs of a class, asked only if machine code runs; empty for those that are built in
   * @throws SysmolException (bad input) as {@link #choose()}
   */
  public EngineChoice choose(Function<CpuClass, Optional<CostTable>> costs) {
    return EngineChoice.of(engine, isa, cpuClass -> costs.apply(cpuClass).map(CostTable::kernels));
  }

  /**
   * The same as {@code run} chooses: by the costs that are kept for this machine, if there are any;
   * nothing is measured.
   *
   * @throws SysmolException (bad input) as {@link #choose()}
   */
  public EngineChoice chooseByKeptCosts() {
    return choose(CostCache.ofUser(_ -> {})::kept);
  }

  /** The class that code is generated for, where there is code. */
  public CpuClass cpuClass() {
    return isa.orElseGet(() -> CpuFeatures.detect().best());
  }

  /**
   * The class of the code that runs.
   *
   * @param choice what was chosen for this
   * @return empty for engines without machine code
   */
  public Optional<CpuClass> classOf(EngineChoice choice) {
    return choice.engine() instanceof MachineCodeEngine
        ? Optional.of(cpuClass())
        : Optional.empty();
  }
}
