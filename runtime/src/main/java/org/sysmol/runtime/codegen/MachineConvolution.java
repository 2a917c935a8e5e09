package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Kernel;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.ExecutableCode;
import org.sysmol.runtime.x86.Encoder;
import org.sysmol.runtime.x86.Program;

/**
 * A convolution run by machine code of its own: the input is copied into a zero-padded buffer, the
 * code writes outputs in whole blocks of lanes, and those are copied to the tensor.
 */
final class MachineConvolution implements Kernel {
  private final ConvolutionLayout layout;
  private final Step.Convolution step;
  private final String name;
  private final Program program;
  private final ExecutableCode code;
  private final MemorySegment weights;
  private final MemorySegment parameters;

  /**
   * Generates and loads the code.
   *
   * @param arena holds the repacked weights
   * @throws SysmolException if the machine refuses executable memory
   */
  MachineConvolution(PackedNetwork network, Step.Convolution step, Target target, Arena arena) {
    this.step = step;
    layout = new ConvolutionLayout(network, step, target);
    program = ConvolutionCode.of(layout.shape(), target);
    name = layout.describe();
    code =
        switch (ExecutableCode.load(Encoder.encode(program).bytes())) {
          case CodeLoading.Loaded loaded -> loaded.code();
          case CodeLoading.Refused refused -> throw SysmolException.failed(refused.reason());
        };
    weights = nativeCopy(arena, MemorySegment.ofArray(layout.weights()));
    parameters = nativeCopy(arena, MemorySegment.ofArray(layout.parameters()));
  }

  private static MemorySegment nativeCopy(Arena arena, MemorySegment heap) {
    return arena.allocate(heap.byteSize(), 64).copyFrom(heap);
  }

  /** True if this kernel can run the layer. */
  static boolean supports(Step.Convolution step, PackedNetwork network) {
    return step.groups() == 1
        || (step.groups() == network.tensors().get(step.input()).channels()
            && step.weights().outputs() == step.groups());
  }

  @Override
  public String name() {
    return name;
  }

  /** The instructions, for listings and for the interpreter. */
  Program program() {
    return program;
  }

  @Override
  public void run(Tensors tensors) {
    long inputBytes = layout.inputBytes();
    long outputBytes = layout.outputBytes();
    long shortcutBytes = step.residual() < 0 ? 0 : layout.shortcutBytes();
    MemorySegment scratch = tensors.scratch(inputBytes + outputBytes + shortcutBytes);
    MemorySegment input = scratch.asSlice(0, inputBytes);
    MemorySegment output = scratch.asSlice(inputBytes, outputBytes);
    MemorySegment shortcut = scratch.asSlice(inputBytes + outputBytes, shortcutBytes);
    layout.fillInput(tensors.codes(step.input()), input);
    if (step.residual() >= 0) {
      layout.fillShortcut(tensors.codes(step.residual()), shortcut);
    }
    code.call(
        input.address(),
        weights.address(),
        parameters.address(),
        output.address(),
        shortcut.address());
    layout.copyOutput(output, tensors);
  }

  void close() {
    code.close();
  }
}
