package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Programs of steps that look at one cell at a time: from streams to codes, sums, products, stored
 * functions and index maps. A call does one row of some channels.
 */
final class PointwisePrograms {
  /** Groups of four channels in one program. */
  private static final int GROUPS = 32;

  private static final int COUNTER = 8;
  private final TensorMemory tensors;
  private final Memory memory;

  PointwisePrograms(TensorMemory tensors, Memory memory) {
    this.tensors = tensors;
    this.memory = memory;
  }

  /** How the numbers of a cell are made of what is read. */
  private enum Combination {
    ALONE,
    SUM,
    PRODUCT
  }

  /** A map of stream codes to read: where, and the steps of its channels. */
  private record Source(Area area, boolean signed, float[] steps) {
    static Source of(TensorMemory tensors, int index) {
      PackedTensor tensor = tensors.tensor(index);
      float[] steps = new float[tensor.channels()];
      Arrays.fill(steps, tensor.step());
      boolean signed = ((Encoding.Eight) tensor.encoding()).signed();
      return new Source(tensors.plain(index), signed, steps);
    }
  }

  List<List<Call>> requantise(Step.Requantise step) {
    Source source = Source.of(tensors, step.input());
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    if (step.gather() != null) {
      PackedTensor in = tensors.tensor(step.input());
      Area moved = moved(step.output());
      Program move = move(step.name(), step.gather(), source.area(), moved, in.width());
      for (int y = 0; y < out.height(); y++) {
        rows.get(y).add(new Call(move, new long[] {source.area().at(y, 0), moved.at(y, 0)}));
      }
      source = new Source(moved, source.signed(), source.steps());
    }
    Codec codec =
        new Codec(
            step.affine(),
            step.clamp(),
            out,
            tensors.plainIsRead(step.output()),
            !tensors.plainIsRead(step.output()));
    write(step.name(), codec, Combination.ALONE, source, null, false, step.output(), rows);
    return rows;
  }

  List<List<Call>> join(Step.Join step) {
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    write(
        step.name(),
        codec(step.output(), step.clamp()),
        Combination.SUM,
        Source.of(tensors, step.input()),
        Source.of(tensors, step.right()),
        false,
        step.output(),
        rows);
    return rows;
  }

  List<List<Call>> scale(Step.Scale step) {
    PackedTensor gate = tensors.tensor(step.gate());
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    write(
        step.name(),
        codec(step.output(), step.clamp()),
        Combination.PRODUCT,
        Source.of(tensors, step.input()),
        Source.of(tensors, step.gate()),
        gate.height() * gate.width() == 1 && out.height() * out.width() > 1,
        step.output(),
        rows);
    return rows;
  }

  List<List<Call>> gather(Step.Gather step) {
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    Area moved = moved(step.output());
    int inputs = step.inputs().size();
    int perInput = tensors.tensor(step.input()).channels();
    float[] steps = new float[out.channels()];
    boolean signed = false;
    for (int input : step.inputs()) {
      signed |= ((Encoding.Eight) tensors.tensor(input).encoding()).signed();
    }
    boolean[] unsigned = new boolean[out.channels()];
    int[] ends = new int[inputs];
    int sum = 0;
    for (int i = 0; i < inputs; i++) {
      sum += tensors.tensor(step.inputs().get(i)).channels();
      ends[i] = sum;
    }
    int zero = memory.allocate(Math.max(64, perInput));
    for (int c = 0; c < steps.length; c++) {
      int input = input(step.channels()[c], ends);
      PackedTensor tensor = tensors.tensor(step.inputs().get(Math.max(0, input)));
      steps[c] = tensor.step();
      unsigned[c] = !((Encoding.Eight) tensor.encoding()).signed();
    }
    Program move = pixel(step, ends);
    for (int y = 0; y < out.height(); y++) {
      for (int x = 0; x < out.width(); x++) {
        boolean inside = step.rows()[y] >= 0 && step.columns()[x] >= 0;
        long[] arguments = new long[inputs + 1];
        for (int i = 0; i < inputs; i++) {
          Area area = tensors.plain(step.inputs().get(i));
          arguments[i + 1] = inside ? area.at(step.rows()[y], step.columns()[x]) : zero;
        }
        arguments[0] = moved.at(y, x);
        rows.get(y).add(new Call(move, arguments));
      }
    }
    Codec codec = codec(step.output(), Clamp.NONE);
    if (!signed || !any(unsigned)) {
      write(
          step.name(),
          codec,
          Combination.ALONE,
          new Source(moved, signed, steps),
          null,
          false,
          step.output(),
          rows);
    } else {
      throw SysmolException.badInput(
          "Step %s joins signed and unsigned streams; programs read one kind, so it can't be simulated."
              .formatted(step.name()));
    }
    return rows;
  }

  private static boolean any(boolean[] values) {
    for (boolean value : values) {
      if (value) {
        return true;
      }
    }
    return false;
  }

  private static int input(int channel, int[] ends) {
    if (channel < 0) {
      return -1;
    }
    int input = 0;
    while (channel >= ends[input]) {
      input++;
    }
    return input;
  }

  private Program pixel(Step.Gather step, int[] ends) {
    Program.Builder code = new Program.Builder(step.name() + " moved");
    for (int c = 0; c < step.channels().length; c++) {
      int from = step.channels()[c];
      int input = input(from, ends);
      int local = input <= 0 ? from : from - ends[input - 1];
      int register = 20 + c % 8;
      if (input < 0) {
        code.immediate(Opcode.MOV_X, register, 0, 0);
      } else {
        code.immediate(Opcode.LDRB_W, register, 1 + input, local);
      }
      code.immediate(Opcode.STRB_W, register, 0, c);
    }
    return code.build();
  }

  List<List<Call>> table(Step.Table step) {
    PackedTensor in = tensors.tensor(step.input());
    PackedTensor out = tensors.tensor(step.output());
    boolean signed = ((Encoding.Eight) in.encoding()).signed();
    boolean digits =
        out.encoding() instanceof Encoding.Mixed m
            && m.signed()
            && !tensors.plainIsRead(step.output());
    int[] tableOf = Step.Table.byChannel(out);
    Constants bytes = Memory.buffer(256 * step.codes().length);
    for (int t = 0; t < step.codes().length; t++) {
      int precision = precision(out, tableOf, t);
      for (int stored = 0; stored < 256; stored++) {
        int entry = CurveTable.entry(signed ? (byte) stored : stored, signed);
        int value = step.codes()[t][entry];
        bytes.put((byte) (digits ? (value + (1 << precision) - 1) / 2 : value));
      }
    }
    int at = memory.constant(bytes.bytes());
    Program.Builder code = new Program.Builder(step.name());
    for (int t = 0; t < step.codes().length; t++) {
      code.immediate(Opcode.ADD_X, 9 + t, 2, 256 * t);
    }
    code.immediate(Opcode.MOV_X, COUNTER, 0, out.width());
    int start = code.here();
    for (int c = 0; c < out.channels(); c++) {
      int register = 20 + c % 8;
      code.immediate(Opcode.LDRB_W, register, 0, c);
      code.op(Opcode.LDRB_WX, register, 9 + tableOf[c], register);
      code.immediate(Opcode.STRB_W, register, 1, c);
    }
    Area from = tensors.plain(step.input());
    Area to = tensors.plain(step.output());
    code.immediate(Opcode.ADD_X, 0, 0, from.pixelBytes());
    code.immediate(Opcode.ADD_X, 1, 1, to.pixelBytes());
    code.loop(COUNTER, start);
    Program program = code.build();
    List<List<Call>> rows = rows(out.height());
    for (int y = 0; y < out.height(); y++) {
      rows.get(y).add(new Call(program, new long[] {from.at(y, 0), to.at(y, 0), at}));
    }
    return rows;
  }

  private static int precision(PackedTensor out, int[] tableOf, int table) {
    if (out.encoding() instanceof Encoding.Mixed mixed) {
      for (int c = 0; c < tableOf.length; c++) {
        if (tableOf[c] == table) {
          return mixed.precision()[c];
        }
      }
    }
    return 8;
  }

  private Codec codec(int output, Clamp clamp) {
    boolean plain = tensors.plainIsRead(output);
    return new Codec(null, clamp, tensors.tensor(output), plain, !plain);
  }

  /** A map of bytes of the shape of a tensor. */
  private Area moved(int like) {
    PackedTensor tensor = tensors.tensor(like);
    return Area.allocate(
        memory,
        tensor.height(),
        tensor.width(),
        tensors.plain(like).pixelBytes(),
        Area.Margin.NONE,
        (byte) 0);
  }

  /** Moves the channels of a row of pixels, byte by byte. */
  static Program move(String name, int[] gather, Area from, Area to, int width) {
    Program.Builder code = new Program.Builder(name + " moved");
    code.immediate(Opcode.MOV_X, COUNTER, 0, width);
    int start = code.here();
    for (int c = 0; c < gather.length; c++) {
      int register = 20 + c % 8;
      code.immediate(Opcode.LDRB_W, register, 0, gather[c]);
      code.immediate(Opcode.STRB_W, register, 1, c);
    }
    code.immediate(Opcode.ADD_X, 0, 0, from.pixelBytes());
    code.immediate(Opcode.ADD_X, 1, 1, to.pixelBytes());
    code.loop(COUNTER, start);
    return code.build();
  }

  private static List<List<Call>> rows(int height) {
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < height; y++) {
      rows.add(new ArrayList<>());
    }
    return rows;
  }

  /** Adds calls that read one or two maps, combine them and write codes. */
  private void write(
      String name,
      Codec codec,
      Combination combination,
      Source left,
      @Nullable Source right,
      boolean oneCell,
      int output,
      List<List<Call>> rows) {
    PackedTensor tensor = tensors.tensor(output);
    Area out = tensors.plain(output);
    int[] fours = Blocks.fours(0, tensor.channels());
    int constants = codec.constants(memory, fours);
    int leftUnits = units(left.steps(), fours);
    int rightUnits = right == null ? 0 : units(right.steps(), fours);
    Map<String, Program> programs = new TreeMap<>();
    for (int from = 0; from < fours.length; from += GROUPS) {
      int[] offsets = new int[Math.min(GROUPS, fours.length - from)];
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] = fours[from + k] - fours[from];
      }
      Program program =
          programs.computeIfAbsent(
              Arrays.toString(offsets),
              k -> program(name, codec, combination, left, right, oneCell, offsets, out, tensor));
      int cell = tensor.encoding() instanceof Encoding.Real ? 4 : 1;
      for (int y = 0; y < tensor.height(); y++) {
        long second = right == null ? 0 : right.area().at(oneCell ? 0 : y, 0) + (long) fours[from];
        rows.get(y)
            .add(
                new Call(
                    program,
                    new long[] {
                      left.area().at(y, 0) + (long) fours[from],
                      second,
                      constants + (long) codec.blockBytes() * from,
                      out.at(y, 0) + (long) cell * fours[from],
                      leftUnits + 16L * from,
                      rightUnits + 16L * from
                    }));
      }
    }
  }

  private int units(float[] steps, int[] fours) {
    Constants buffer = Memory.buffer(16 * fours.length);
    for (int first : fours) {
      for (int k = 0; k < 4; k++) {
        buffer.putFloat(steps[Math.min(first + k, steps.length - 1)]);
      }
    }
    return memory.constant(buffer.bytes());
  }

  private static Program program(
      String name,
      Codec codec,
      Combination combination,
      Source left,
      @Nullable Source right,
      boolean oneCell,
      int[] offsets,
      Area out,
      PackedTensor tensor) {
    Program.Builder code = new Program.Builder(name);
    code.immediate(Opcode.MOV_X, COUNTER, 0, tensor.width());
    int start = code.here();
    for (int k = 0; k < offsets.length; k++) {
      // Neighbouring groups use other registers, so that their work can overlap.
      int t = 6 * (k & 3);
      load(code, t, left.signed(), 0, offsets[k]);
      code.immediate(Opcode.LDR_Q, t + 1, 4, 16 * k);
      code.op(Opcode.FMUL_4S, t, t, t + 1);
      if (right != null) {
        load(code, t + 2, right.signed(), 1, offsets[k]);
        code.immediate(Opcode.LDR_Q, t + 3, 5, 16 * k);
        code.op(Opcode.FMUL_4S, t + 2, t + 2, t + 3);
        code.op(combination == Combination.SUM ? Opcode.FADD_4S : Opcode.FMUL_4S, t, t, t + 2);
      }
      codec.emit(
          code,
          new int[] {t},
          new int[] {t + 4, t + 5},
          2,
          k * codec.blockBytes(),
          null,
          0,
          3,
          offsets[k],
          out.pixelBytes());
    }
    code.immediate(Opcode.ADD_X, 0, 0, left.area().pixelBytes());
    if (right != null && !oneCell) {
      code.immediate(Opcode.ADD_X, 1, 1, right.area().pixelBytes());
    }
    code.immediate(Opcode.ADD_X, 3, 3, out.pixelBytes());
    code.loop(COUNTER, start);
    return code.build();
  }

  private static void load(
      Program.Builder code, int register, boolean signed, int pointer, int offset) {
    code.immediate(Opcode.LDR_S, register, pointer, offset);
    code.op(signed ? Opcode.SXTL_8H : Opcode.UXTL_8H, register, register, 0);
    code.op(signed ? Opcode.SXTL_4S : Opcode.UXTL_4S, register, register, 0);
    code.op(Opcode.SCVTF_4S, register, register, 0);
  }
}
