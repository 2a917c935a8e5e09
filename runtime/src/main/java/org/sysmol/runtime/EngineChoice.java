package org.sysmol.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.VectorEngine;

/**
 * The one place that chooses an engine: the fastest that the machine allows, with the reasons why
 * faster ones were refused.
 *
 * @param engine the one to use
 * @param refused a sentence for each faster engine that could not be used; empty if none was
 *     refused
 */
public record EngineChoice(Engine engine, List<String> refused) {
  /** Copies the list. */
  public EngineChoice {
    refused = List.copyOf(refused);
  }

  /** The names that {@link #named} takes. */
  public static List<String> names() {
    return List.of("auto", "machine-code", "vector", "scalar");
  }

  /** The fastest engine of this machine. */
  public static EngineChoice auto() {
    List<String> refused = new ArrayList<>();
    var machineCode = MachineCodeEngine.create();
    if (machineCode.engine().isPresent()) {
      return new EngineChoice(machineCode.engine().get(), refused);
    }
    refused.add("machine-code: " + machineCode.refusal());
    Optional<String> noVectors = vectorRefusal();
    if (noVectors.isEmpty()) {
      return new EngineChoice(new VectorEngine(), refused);
    }
    refused.add("vector: " + noVectors.get());
    return new EngineChoice(new ScalarEngine(), refused);
  }

  /**
   * An engine by name.
   *
   * @param name one of {@link #names}
   * @throws SysmolException if there is no such engine or this machine refuses it
   */
  public static EngineChoice named(String name) {
    return switch (name) {
      case "auto" -> auto();
      case "scalar" -> new EngineChoice(new ScalarEngine(), List.of());
      case "vector" -> {
        vectorRefusal()
            .ifPresent(
                why -> {
                  throw SysmolException.badInput("Engine vector cannot be used here: " + why);
                });
        yield new EngineChoice(new VectorEngine(), List.of());
      }
      case "machine-code" -> {
        var made = MachineCodeEngine.create();
        yield new EngineChoice(
            made.engine()
                .orElseThrow(
                    () ->
                        SysmolException.badInput(
                            "Engine machine-code cannot be used here: " + made.refusal())),
            List.of());
      }
      default ->
          throw SysmolException.badInput(
              "There is no engine "
                  + name
                  + "; the engines are "
                  + String.join(", ", names())
                  + ".");
    };
  }

  private static Optional<String> vectorRefusal() {
    boolean present =
        EngineChoice.class.getModule().getLayer() == null
            ? ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
            : EngineChoice.class
                .getModule()
                .getLayer()
                .findModule("jdk.incubator.vector")
                .isPresent();
    return present
        ? Optional.empty()
        : Optional.of("start Java with --add-modules jdk.incubator.vector to have it.");
  }
}
