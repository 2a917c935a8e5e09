package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.Placement;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.core.pattern.VectorRegisters;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The activations of a layer whose registers span taps: for each output pixel the codes of its
 * whole window in as few registers as hold them.
 *
 * <p>The codes of a window are one vector: those of 4 bits first, tap by tap and within a tap
 * channel by channel, then those of 2 bits, then of 1. Slots take them in this order, as {@link
 * SlotMap} has it. The registers are made before the layer runs, for every output pixel anew: the
 * window's bytes are copied side by side and then packed. So fewer multiplies are paid with more
 * packing.
 *
 * @param layout of the one vector
 * @param area registers by output pixel
 * @param calls that make them
 */
record SpannedWindow(PackedLayout layout, Area area, List<Call> calls) {
  private static final int COUNTER = 8;

  /** The registers of a layer's windows and what makes them. */
  static SpannedWindow of(Step.Convolution step, TensorMemory tensors, Memory memory) {
    PackedTensor in = tensors.tensor(step.input());
    Window w = step.window();
    PackedLayout.requireOrder(in, in.channels());
    byte[] precision = ((Encoding.Mixed) in.encoding()).precision();
    int[] counts = new int[5];
    for (byte p : precision) {
      counts[p]++;
    }
    int taps = w.taps();
    List<Pattern> patterns =
        VectorRegisters.of(tensors.packing())
            .registers(new Demand(counts[1], counts[2], counts[4]), taps);
    SlotMap slots =
        SlotMap.of(new Placement(patterns, taps * counts[1], taps * counts[2], taps * counts[4]));
    PackedLayout layout = new PackedLayout(List.of(slots));
    Area from = tensors.plain(step.input());
    Area to =
        Area.allocate(
            memory,
            w.outputHeight(),
            w.outputWidth(),
            layout.pixelBytes(),
            Area.Margin.NONE,
            (byte) 0);
    int scratch = memory.allocate((long) taps * in.channels() + 16);
    int masks = PackKernel.masks(memory);
    Program program = program(step, from, layout, new int[] {counts[4], counts[2], counts[1]});
    List<Call> calls = new ArrayList<>();
    for (int y = 0; y < w.outputHeight(); y++) {
      calls.add(
          new Call(
              program,
              new long[] {
                scratch, to.at(y, 0), masks, from.at(y * w.strideY() - w.padTop(), -w.padLeft())
              }));
    }
    return new SpannedWindow(layout, to, calls);
  }

  /** One row: x0 scratch, x1 registers, x2 masks, x3 input. */
  private static Program program(
      Step.Convolution step, Area from, PackedLayout layout, int[] counts) {
    Window w = step.window();
    Program.Builder code = new Program.Builder(step.name() + " windows packed");
    PackKernel pack = new PackKernel(code, layout);
    pack.largest();
    code.immediate(Opcode.MOV_X, COUNTER, 0, w.outputWidth());
    int start = code.here();
    int to = 0;
    int first = 0;
    int number = 0;
    code.comment("the window side by side");
    for (int count : counts) {
      for (int t = 0; t < w.taps(); t++) {
        int offset =
            t / w.kernelWidth() * w.dilationY() * from.rowBytes()
                + t % w.kernelWidth() * w.dilationX() * from.pixelBytes()
                + first;
        // What a copy writes too much, the next one overwrites.
        for (int k = 0; k < count; k += 16) {
          int v = number++ & 7;
          code.immediate(Opcode.LDR_Q, v, 3, offset + k);
          code.immediate(Opcode.STR_Q, v, 0, to + k);
        }
        to += count;
      }
      first += count;
    }
    code.comment("into the slots of registers");
    pack.pixel();
    code.immediate(Opcode.ADD_X, 1, 1, layout.pixelBytes());
    code.immediate(Opcode.ADD_X, 3, 3, w.strideX() * from.pixelBytes());
    code.loop(COUNTER, start);
    return code.build();
  }
}
