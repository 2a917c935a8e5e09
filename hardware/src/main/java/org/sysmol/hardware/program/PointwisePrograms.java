package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.program.PointwiseRows.Combination;

/**
 * Programs of steps that look at one cell at a time: from streams to codes, sums, products and
 * index maps. A call does one row of some channels.
 */
final class PointwisePrograms {
  private static final int COUNTER = 8;
  private final TensorMemory tensors;
  private final Memory memory;

  PointwisePrograms(TensorMemory tensors, Memory memory) {
    this.tensors = tensors;
    this.memory = memory;
  }

  List<List<Call>> requantise(Step.Requantise step) {
    StreamSource source = StreamSource.of(tensors, step.input());
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    if (step.gather() != null) {
      PackedTensor in = tensors.tensor(step.input());
      Area moved = moved(step.output());
      Program move = move(step.name(), step.gather(), source.area(), moved, in.width());
      for (int y = 0; y < out.height(); y++) {
        rows.get(y).add(new Call(move, new long[] {source.area().at(y, 0), moved.at(y, 0)}));
      }
      source = StreamSource.of(in, moved, out.channels());
    }
    codes(step.name(), step.affine(), step.clamp(), source, step.output(), rows);
    return rows;
  }

  List<List<Call>> join(Step.Join step) {
    List<List<Call>> rows = rows(tensors.tensor(step.output()).height());
    new PointwiseRows(
            step.name(),
            codec(null, step.clamp(), step.output()),
            Combination.SUM,
            StreamSource.of(tensors, step.input()),
            StreamSource.of(tensors, step.right()),
            false)
        .write(step.output(), tensors, memory, rows);
    return rows;
  }

  List<List<Call>> scale(Step.Scale step) {
    PackedTensor gate = tensors.tensor(step.gate());
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    new PointwiseRows(
            step.name(),
            codec(null, step.clamp(), step.output()),
            Combination.PRODUCT,
            StreamSource.of(tensors, step.input()),
            StreamSource.of(tensors, step.gate()),
            gate.height() * gate.width() == 1 && out.height() * out.width() > 1)
        .write(step.output(), tensors, memory, rows);
    return rows;
  }

  List<List<Call>> gather(Step.Gather step) {
    PackedTensor out = tensors.tensor(step.output());
    List<List<Call>> rows = rows(out.height());
    Area moved = moved(step.output());
    int inputs = step.inputs().size();
    int perInput = tensors.tensor(step.input()).channels();
    int[] ends = new int[inputs];
    int sum = 0;
    for (int i = 0; i < inputs; i++) {
      sum += tensors.tensor(step.inputs().get(i)).channels();
      ends[i] = sum;
    }
    float[] steps = new float[out.channels()];
    boolean[] signed = new boolean[out.channels()];
    for (int c = 0; c < steps.length; c++) {
      int input = input(step.channels()[c], ends);
      PackedTensor tensor = tensors.tensor(step.inputs().get(Math.max(0, input)));
      steps[c] = tensor.step();
      signed[c] = ((Encoding.Eight) tensor.encoding()).signed();
    }
    int zero = memory.allocate(Math.max(64, perInput));
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
    StreamSource source = new StreamSource(moved, signed, steps);
    codes(step.name(), null, Clamp.NONE, source, step.output(), rows);
    return rows;
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

  /** Calls that make codes of one map: by comparisons where they serve, else by numbers. */
  private void codes(
      String name,
      @Nullable Affine affine,
      Clamp clamp,
      StreamSource source,
      int output,
      List<List<Call>> rows) {
    PackedTensor out = tensors.tensor(output);
    if (out.encoding() instanceof Encoding.Mixed mixed) {
      ByteThresholds thresholds =
          ByteThresholds.of(
              out.channels(),
              (c, stored) -> {
                float t = source.value(c, stored);
                if (affine != null) {
                  t = t * affine.scale()[c];
                  t = t + affine.offset()[c];
                }
                int precision = mixed.precision()[c];
                float inverse = Codes.inverseStep(mixed.alpha(), precision);
                return mixed.signed()
                    ? Codes.signedDigits(clamp.apply(t), inverse, precision)
                    : Codes.unsignedCode(clamp.apply(t), inverse, precision);
              });
      if (thresholds != null) {
        boolean odd = mixed.signed() && tensors.plainIsRead(output);
        int[] largest = new int[odd ? out.channels() : 0];
        Arrays.setAll(largest, c -> (1 << mixed.precision()[c]) - 1);
        thresholds.rows(
            name, source.area(), tensors.plain(output), largest, memory, rows, out.width());
        return;
      }
    }
    new PointwiseRows(name, codec(affine, clamp, output), Combination.ALONE, source, null, false)
        .write(output, tensors, memory, rows);
  }

  private Codec codec(@Nullable Affine affine, Clamp clamp, int output) {
    boolean plain = tensors.plainIsRead(output);
    return new Codec(affine, clamp, tensors.tensor(output), plain, !plain);
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
}
