package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.hardware.isa.Program;

/** All programs of a network as assembler text, each once, under the step that first calls it. */
public final class NetworkListing {
  private NetworkListing() {}

  /**
   * The text.
   *
   * @param program of {@code network}, by {@link NetworkProgrammer} for {@code architecture}
   */
  public static String of(
      PackedNetwork network, NetworkProgram program, Architecture architecture) {
    StringBuilder text = new StringBuilder();
    line(
        text, "Programs of %s for architecture %s.".formatted(network.name(), architecture.name()));
    line(
        text,
        "Instructions: docs/isa.md and Armv8 NEON. VPSET counts these patterns (1-bit, 2-bit, 4-bit slots):");
    for (int k = 0; k < program.patterns().size(); k++) {
      line(text, "  #%d %s".formatted(k, program.patterns().get(k)));
    }
    Set<Program> listed = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int s = 0; s < program.steps().size(); s++) {
      step(text, network, network.steps().get(s), program.steps().get(s), listed);
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String comment) {
    text.append("// ").append(comment).append('\n');
  }

  private static void step(
      StringBuilder text,
      PackedNetwork network,
      Step step,
      StepProgram program,
      Set<Program> listed) {
    text.append('\n');
    line(text, "==== %s: %s".formatted(program.name(), program.kind()));
    line(text, shape(network, step));
    IdentityHashMap<Program, Integer> calls = new IdentityHashMap<>();
    List<Program> inOrder = new ArrayList<>();
    for (Call call : program.calls()) {
      if (calls.merge(call.program(), 1, Integer::sum) == 1) {
        inOrder.add(call.program());
      }
    }
    if (inOrder.isEmpty()) {
      line(text, "No instructions: its reader finds the data as they are.");
    }
    for (Program one : inOrder) {
      int times = calls.getOrDefault(one, 0);
      text.append('\n');
      line(
          text,
          "%d call%s; %d instructions, %d bytes of code%s"
              .formatted(
                  times,
                  times == 1 ? "" : "s",
                  one.instructions().size(),
                  one.bytes(),
                  listed.contains(one) ? "; listed above: " + one.name() : ""));
      if (listed.add(one)) {
        text.append(one.listing());
      }
    }
  }

  private static String shape(PackedNetwork network, Step step) {
    String reads =
        step.reads().isEmpty()
            ? "the image"
            : step.reads().stream()
                .map(t -> shape(network.tensors().get(t)))
                .collect(Collectors.joining(" and "));
    String line =
        "channels x height x width: %s to %s"
            .formatted(reads, shape(network.tensors().get(step.output())));
    if (step instanceof Step.Convolution c) {
      line +=
          "; window %dx%d, stride %dx%d, %d channel group%s"
              .formatted(
                  c.window().kernelHeight(),
                  c.window().kernelWidth(),
                  c.window().strideY(),
                  c.window().strideX(),
                  c.groups(),
                  c.groups() == 1 ? "" : "s");
    }
    return line;
  }

  private static String shape(PackedTensor tensor) {
    return "%dx%dx%d".formatted(tensor.channels(), tensor.height(), tensor.width());
  }
}
