package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Kernel;
import org.sysmol.runtime.engine.KernelSequence;
import org.sysmol.runtime.engine.PlainSteps;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.runtime.machine.ExecutableCode;

/**
 * The fast engine: machine code generated for each layer; other steps as the reference does them.
 */
public final class MachineCodeEngine implements Engine {
  private final CpuClass cpuClass;

  private MachineCodeEngine(CpuClass cpuClass) {
    this.cpuClass = cpuClass;
  }

  /**
   * The engine, or why this machine does not run it.
   *
   * @param engine present if it can be used
   * @param refusal a full sentence otherwise
   */
  public record Creation(Optional<MachineCodeEngine> engine, String refusal) {}

  /** The engine for this machine's widest class. */
  public static Creation create() {
    CpuFeatures features = CpuFeatures.detect();
    return create(features.best());
  }

  /** The engine for a class that this machine supports, or a narrower one than it has. */
  public static Creation create(CpuClass cpuClass) {
    CpuFeatures features = CpuFeatures.detect();
    if (cpuClass == CpuClass.BASELINE && features.supports(CpuClass.AVX2)) {
      return new Creation(Optional.empty(), "No machine code is generated for class baseline.");
    }
    if (cpuClass == CpuClass.BASELINE) {
      return new Creation(
          Optional.empty(),
          "The processor lacks AVX2"
              + features.limitation().map(why -> " (" + why + ")").orElse("")
              + ".");
    }
    if (!features.supports(cpuClass)) {
      return new Creation(
          Optional.empty(), "The processor has not all of class " + cpuClass.text() + ".");
    }
    byte[] ret = {(byte) 0xc3};
    return switch (ExecutableCode.load(ret)) {
      case CodeLoading.Loaded loaded -> {
        loaded.code().close();
        yield new Creation(Optional.of(new MachineCodeEngine(cpuClass)), "");
      }
      case CodeLoading.Refused refused -> new Creation(Optional.empty(), refused.reason());
    };
  }

  @Override
  public String name() {
    return "machine-code";
  }

  @Override
  public String description() {
    return "machine code generated for each layer, class " + cpuClass.text();
  }

  @Override
  public Prepared prepare(PackedNetwork network) {
    PlainSteps plain = new PlainSteps(network);
    Target target = new Target(cpuClass);
    // The garbage collector frees the weights of a network that was forgotten.
    Arena arena = Arena.ofAuto();
    List<Kernel> kernels = new ArrayList<>();
    List<MachineConvolution> loaded = new ArrayList<>();
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c && MachineConvolution.supports(c, network)) {
        MachineConvolution kernel = new MachineConvolution(network, c, target, arena);
        loaded.add(kernel);
        kernels.add(kernel);
      } else {
        kernels.add(plain.kernel(step));
      }
    }
    return new KernelSequence(network, kernels, () -> loaded.forEach(MachineConvolution::close));
  }
}
