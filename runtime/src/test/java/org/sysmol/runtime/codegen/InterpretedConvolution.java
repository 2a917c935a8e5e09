package org.sysmol.runtime.codegen;

import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Kernel;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.x86.InterpretedMemory;
import org.sysmol.runtime.x86.Interpreter;
import org.sysmol.runtime.x86.Program;

/**
 * A convolution's machine code, executed instruction by instruction. The code sees its buffers and
 * nothing else: one byte read or written beyond them is an error.
 */
final class InterpretedConvolution implements Kernel {
  private static final long MOST_INSTRUCTIONS = 20_000_000;

  private final ConvolutionLayout layout;
  private final Step.Convolution step;
  private final Program program;
  private long executed;

  /** The code for {@code target}, as {@code change} alters it. */
  InterpretedConvolution(
      PackedNetwork network, Step.Convolution step, Target target, UnaryOperator<Program> change) {
    this.step = step;
    layout = new ConvolutionLayout(network, step, target);
    program = change.apply(ConvolutionCode.of(layout.shape(), target));
  }

  @Override
  public String name() {
    return "interpreted " + layout.describe();
  }

  ConvolutionShape shape() {
    return layout.shape();
  }

  Program program() {
    return program;
  }

  /** Instructions that all runs executed together. */
  long executed() {
    return executed;
  }

  @Override
  public void run(Tensors tensors) {
    MemorySegment input = MemorySegment.ofArray(new byte[(int) layout.inputBytes()]);
    MemorySegment output = MemorySegment.ofArray(new byte[(int) layout.outputBytes()]);
    layout.fillInput(tensors.codes(step.input()), input);
    InterpretedMemory memory = new InterpretedMemory();
    long shortcutAddress = 0;
    if (step.residual() >= 0) {
      MemorySegment shortcut = MemorySegment.ofArray(new byte[(int) layout.shortcutBytes()]);
      layout.fillShortcut(tensors.codes(step.residual()), shortcut);
      shortcutAddress = memory.readable("shortcut", shortcut);
    }
    Interpreter interpreter = new Interpreter(memory, MOST_INSTRUCTIONS);
    interpreter.call(
        program,
        memory.readable("input", input),
        memory.readable("weights", MemorySegment.ofArray(layout.weights())),
        memory.readable("parameters", MemorySegment.ofArray(layout.parameters())),
        memory.writable("output", output),
        shortcutAddress);
    executed += interpreter.executed();
    layout.copyOutput(output, tensors);
  }
}
