package org.sysmol.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * The engine and the class of instructions that are asked for.
 *
 * @param engine name as {@link EngineChoice#named} takes it
 * @param isa class to which sysmol and oneDNN are capped; empty for all that the machine has
 */
public record EngineClass(String engine, Optional<CpuClass> isa) {
  /**
   * Reads what the command line says.
   *
   * @param engine name of an engine
   * @param isa name of a class, or empty
   * @throws SysmolException (bad input) if there is no such class or this machine lacks it
   */
  public static EngineClass parse(String engine, Optional<String> isa) {
    if (isa.isEmpty()) {
      return new EngineClass(engine, Optional.empty());
    }
    List<CpuClass> classes =
        Arrays.stream(CpuClass.values()).filter(c -> c != CpuClass.BASELINE).toList();
    CpuClass found =
        classes.stream()
            .filter(c -> c.text().equals(isa.get()))
            .findFirst()
            .orElseThrow(
                () ->
                    SysmolException.badInput(
                        "--isa does not know "
                            + isa.get()
                            + "; the classes are "
                            + String.join(", ", classes.stream().map(CpuClass::text).toList())
                            + "."));
    if (!CpuFeatures.detect().supports(found)) {
      throw SysmolException.badInput(
          "--isa "
              + found.text()
              + " can't be measured here: the processor's class is "
              + CpuFeatures.detect().best().text()
              + ".");
    }
    if (!engine.equals("auto") && !engine.equals("machine-code")) {
      throw SysmolException.badInput(
          "--isa chooses the instructions of engine machine-code and can't be combined with engine "
              + engine
              + ".");
    }
    return new EngineClass(engine, Optional.of(found));
  }

  /** The engine, with the reasons why faster ones were refused. */
  public EngineChoice choose() {
    return EngineChoice.of(engine, isa);
  }

  /** The class that code is generated for. */
  public CpuClass cpuClass() {
    return isa.orElseGet(() -> CpuFeatures.detect().best());
  }
}
