package org.sysmol.runtime.codegen;

import java.util.Optional;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Preparation;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.runtime.machine.ExecutableCode;
import org.sysmol.runtime.x86.Encoder;

/** The fast engine: machine code generated for the whole network. */
public final class MachineCodeEngine implements Engine {
  private final Target target;

  private MachineCodeEngine(Target target) {
    this.target = target;
  }

  /** The same engine, choosing kernels by these costs. */
  public MachineCodeEngine withCosts(KernelCosts costs) {
    return new MachineCodeEngine(target.withCosts(costs));
  }

  /** An engine that multiplies only, without look-ups and transformed windows; for timings. */
  public MachineCodeEngine plain() {
    return new MachineCodeEngine(Target.plain(target.cpuClass()));
  }

  /** An engine that looks up wherever that is possible; for timings. */
  public MachineCodeEngine lookups() {
    return new MachineCodeEngine(Target.lookups(target.cpuClass()));
  }

  /** An engine that transforms windows wherever that is possible; for timings. */
  public MachineCodeEngine winograd() {
    return new MachineCodeEngine(Target.winograd(target.cpuClass()));
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
    return create(CpuFeatures.detect().best());
  }

  /** The engine for a class that this machine supports, or a narrower one than it has. */
  public static Creation create(CpuClass cpuClass) {
    CpuFeatures features = CpuFeatures.detect();
    if (cpuClass == CpuClass.BASELINE && features.supports(CpuClass.AVX2)) {
      return new Creation(Optional.empty(), "No machine code is generated for class baseline.");
    }
    String because = features.limitation().map(why -> " " + why).orElse("");
    if (cpuClass == CpuClass.BASELINE) {
      return new Creation(Optional.empty(), "The processor lacks AVX2." + because);
    }
    if (!features.supports(cpuClass)) {
      return new Creation(
          Optional.empty(),
          "The processor has not all of class " + cpuClass.text() + "." + because);
    }
    byte[] ret = {(byte) 0xc3};
    return switch (ExecutableCode.load(ret)) {
      case CodeLoading.Loaded loaded -> {
        loaded.code().close();
        yield new Creation(Optional.of(new MachineCodeEngine(new Target(cpuClass))), "");
      }
      case CodeLoading.Refused refused -> new Creation(Optional.empty(), refused.reason());
    };
  }

  /**
   * Chooses kernels, generates and encodes a network's code and drops it: what that takes alone,
   * without weights. Nanoseconds of weights and bytes of data are 0.
   */
  public Preparation generate(PackedNetwork network) {
    long begun = System.nanoTime();
    byte[] bytes = Encoder.bytes(new NetworkCode(network, target).program());
    return new Preparation(System.nanoTime() - begun, bytes.length, 0, 0);
  }

  @Override
  public String name() {
    return "machine-code";
  }

  @Override
  public String description() {
    return "machine code generated for the network, class " + target.cpuClass().text();
  }

  @Override
  public Prepared prepare(PackedNetwork network) {
    return new NativeNetwork(network, target);
  }
}
