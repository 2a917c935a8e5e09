package org.sysmol.hardware.simulate;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.program.FloatProgrammer;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.NetworkProgrammer;
import org.sysmol.hardware.program.UniformNetwork;

/** A network on an architecture, or its twin of another precision on the same core. */
public final class Simulation {
  /** What a network can be compared with. */
  public enum Baseline {
    /** FMLA. */
    FP32,
    /** SDOT. */
    INT8,
    /** All searched layers at 4 bits on a mixed unit that knows only these. */
    U4,
    /** All searched layers at 2 bits. */
    U2;

    /** The name that people write. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * The baseline of a name.
     *
     * @throws SysmolException if there is none
     */
    public static Baseline parse(String text) {
      return Arrays.stream(values())
          .filter(b -> b.text().equals(text.strip()))
          .findFirst()
          .orElseThrow(
              () ->
                  SysmolException.badInput(
                      "'%s' is no baseline: use some of %s."
                          .formatted(
                              text,
                              Arrays.stream(values())
                                  .map(Baseline::text)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  private Simulation() {}

  /** One image through the network on the architecture; the result is the network's own. */
  public static NetworkRun run(
      PackedNetwork network,
      Architecture architecture,
      float[] image,
      Simulator.Shortcut shortcut) {
    return run(
        NetworkProgrammer.of(network, architecture),
        architecture.core(),
        image,
        network.result(),
        shortcut);
  }

  /**
   * One image through a network of the same shape on the architecture's core, with registers as
   * wide; its result means nothing.
   */
  public static NetworkRun run(
      PackedNetwork network,
      Architecture architecture,
      Baseline baseline,
      float[] image,
      Simulator.Shortcut shortcut) {
    Core core = architecture.core();
    NetworkProgram program =
        switch (baseline) {
          case FP32 -> FloatProgrammer.of(network, core, architecture.repeats());
          case INT8 -> uniform(network, 8, PatternSet.U4, architecture);
          case U4 -> uniform(network, 4, PatternSet.U4, architecture);
          case U2 -> uniform(network, 2, PatternSet.U2, architecture);
        };
    return run(program, core, image, network.result(), shortcut);
  }

  private static NetworkProgram uniform(
      PackedNetwork network, int bits, PatternSet patterns, Architecture architecture) {
    Packing packing = new Packing(patterns, architecture.repeats(), false, false);
    return NetworkProgrammer.of(
        UniformNetwork.of(network, bits),
        Architecture.of(patterns.name(), packing).withCore(architecture.core()));
  }

  private static NetworkRun run(
      NetworkProgram program,
      Core core,
      float[] image,
      PackedTensor result,
      Simulator.Shortcut shortcut) {
    return new Simulator(program, core, shortcut).run(image, result);
  }
}
