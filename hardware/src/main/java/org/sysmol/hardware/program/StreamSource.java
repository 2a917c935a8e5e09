package org.sysmol.hardware.program;

import java.util.Arrays;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * A map of stream codes to read.
 *
 * @param area where
 * @param signed whether each channel's codes are
 * @param steps of each channel
 */
record StreamSource(Area area, boolean[] signed, float[] steps) {
  /** A tensor of eight bits, as it lies in memory. */
  static StreamSource of(TensorMemory tensors, int index) {
    PackedTensor tensor = tensors.tensor(index);
    return of(tensor, tensors.plain(index), tensor.channels());
  }

  /** Channels of a tensor of eight bits in another order: all have its step and its sign. */
  static StreamSource of(PackedTensor tensor, Area area, int channels) {
    float[] steps = new float[channels];
    Arrays.fill(steps, tensor.step());
    boolean[] signed = new boolean[channels];
    Arrays.fill(signed, ((Encoding.Eight) tensor.encoding()).signed());
    return new StreamSource(area, signed, steps);
  }

  /** The number that a stored byte of a channel is. */
  float value(int channel, int stored) {
    return (float) (signed[channel] ? (byte) stored : stored) * steps[channel];
  }

  /** True if some channels are signed and others not. */
  boolean both() {
    for (boolean one : signed) {
      if (one != signed[0]) {
        return true;
      }
    }
    return false;
  }

  /** Bytes of the constants of four channels. */
  int constantBytes() {
    return both() ? 48 : 16;
  }

  /**
   * The constants of groups of four channels: steps and, where both kinds meet, what is flipped of
   * signed bytes to make them unsigned, and what must be added for it.
   */
  int constants(Memory memory, int[] firsts) {
    Constants buffer = Memory.buffer(constantBytes() * firsts.length);
    for (int first : firsts) {
      for (int k = 0; k < 4; k++) {
        buffer.putFloat(steps[channel(first, k)]);
      }
      if (both()) {
        for (int k = 0; k < 4; k++) {
          buffer.put((byte) (signed[channel(first, k)] ? 0x80 : 0));
        }
        buffer.putInt(0).putLong(0);
        for (int k = 0; k < 4; k++) {
          buffer.putFloat(signed[channel(first, k)] ? -128f : 0f);
        }
      }
    }
    return memory.constant(buffer.bytes());
  }

  private int channel(int first, int k) {
    return Math.min(first + k, steps.length - 1);
  }

  /**
   * Code that makes binary32 of four channels of a pixel.
   *
   * @param register where they go
   * @param spare register that is changed
   * @param pointer general register with the pixel's address
   * @param offset bytes from there
   * @param constants general register with the address of the constants
   * @param constantsOffset bytes from there
   */
  void load(
      Program.Builder code,
      int register,
      int spare,
      int pointer,
      int offset,
      int constants,
      int constantsOffset) {
    boolean both = both();
    boolean extendsSign = signed[0] && !both;
    code.immediate(Opcode.LDR_S, register, pointer, offset);
    if (both) {
      code.immediate(Opcode.LDR_Q, spare, constants, constantsOffset + 16);
      code.op(Opcode.EOR, register, register, spare);
    }
    code.op(extendsSign ? Opcode.SXTL_8H : Opcode.UXTL_8H, register, register, 0);
    code.op(extendsSign ? Opcode.SXTL_4S : Opcode.UXTL_4S, register, register, 0);
    code.op(Opcode.SCVTF_4S, register, register, 0);
    if (both) {
      code.immediate(Opcode.LDR_Q, spare, constants, constantsOffset + 32);
      code.op(Opcode.FADD_4S, register, register, spare);
    }
    code.immediate(Opcode.LDR_Q, spare, constants, constantsOffset);
    code.op(Opcode.FMUL_4S, register, register, spare);
  }
}
