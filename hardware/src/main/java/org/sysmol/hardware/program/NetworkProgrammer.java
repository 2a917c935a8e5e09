package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Generates the programs of a packed network for an architecture (PAPER section 4): searched layers
 * on the mixed unit, edge layers, depthwise ones and all else on the base unit.
 *
 * <p>Rows are computed one after the other, all channels of each, while the layer's weights fit
 * half of the first cache; otherwise all rows of a few channels, so that weights are read once.
 */
public final class NetworkProgrammer {
  private final PackedNetwork network;
  private final Architecture architecture;
  private final List<Pattern> patterns;
  private final Memory memory;
  private final TensorMemory tensors;
  private final int masks;
  private final int flip;

  private NetworkProgrammer(PackedNetwork network, Architecture architecture) {
    this.network = network;
    this.architecture = architecture;
    memory = new Memory(architecture.repeats());
    PatternSet set = architecture.patterns();
    patterns = set.free() ? Pattern.all() : set.patterns();
    tensors = new TensorMemory(network, set, architecture.spansTaps(), memory);
    masks = PackKernel.masks(memory);
    flip = memory.constant(bytes((byte) 0x80));
  }

  private static byte[] bytes(byte value) {
    byte[] bytes = new byte[16];
    java.util.Arrays.fill(bytes, value);
    return bytes;
  }

  /**
   * The programs of a network.
   *
   * @throws SysmolException if the architecture lacks slots for a precision, or the network has a
   *     layer that no program computes
   */
  public static NetworkProgram of(PackedNetwork network, Architecture architecture) {
    return new NetworkProgrammer(network, architecture).program();
  }

  private NetworkProgram program() {
    PackedTensor in = network.image();
    int image = memory.allocate(4L * in.size());
    List<StepProgram> steps = new ArrayList<>();
    for (Step step : network.steps()) {
      steps.add(step(step, image));
    }
    int result = network.steps().getLast().output();
    Area area = tensors.plain(result);
    return new NetworkProgram(
        memory.image(), image, steps, area.origin(), area.pixelBytes(), area.rowBytes(), patterns);
  }

  private StepProgram step(Step step, int image) {
    PointwisePrograms pointwise = new PointwisePrograms(tensors, memory);
    PoolPrograms pools = new PoolPrograms(tensors, memory);
    return switch (step) {
      case Step.QuantiseImage s -> rows(s, "image", ImageProgram.of(s, tensors, memory, image), 0);
      case Step.Convolution s -> {
        ConvolutionPrograms.Rows rows =
            new ConvolutionPrograms(tensors, memory, patterns, architecture).of(s);
        StepProgram program = rows(s, kind(s), rows.calls(), rows.weightBytes());
        List<Call> calls = new ArrayList<>(rows.before());
        calls.addAll(program.calls());
        yield new StepProgram(program.name(), program.kind(), calls, program.products());
      }
      case Step.Requantise s ->
          rows(s, s.reorders() ? "reorder" : "requantise", pointwise.requantise(s), 0);
      case Step.MaxPool s -> rows(s, "max pool", pools.maximum(s), 0);
      case Step.AveragePool s -> rows(s, "average pool", pools.average(s), 0);
      case Step.Join s -> rows(s, "sum", pointwise.join(s), 0);
      case Step.Scale s -> rows(s, "product", pointwise.scale(s), 0);
      case Step.Gather s -> rows(s, "index map", pointwise.gather(s), 0);
      case Step.Table s -> rows(s, "table", TablePrograms.of(s, tensors, memory), 0);
    };
  }

  private String kind(Step.Convolution s) {
    PackedTensor in = tensors.tensor(s.input());
    String window = s.window().kernelHeight() + "x" + s.window().kernelWidth();
    String unit =
        TensorMemory.depthwise(s, in)
            ? " depthwise"
            : in.encoding() instanceof Encoding.Mixed ? " mixed" : " bytes";
    return window + unit;
  }

  /** Calls in the order in which they run, and behind them what makes the readers' forms. */
  private StepProgram rows(Step step, String kind, List<List<Call>> rows, long weightBytes) {
    List<Call> calls = new ArrayList<>();
    if (Blocks.rowByRow(weightBytes, architecture.core())) {
      for (int y = 0; y < rows.size(); y++) {
        calls.addAll(rows.get(y));
        calls.addAll(forms(step.output(), y));
      }
    } else {
      for (int b = 0; b < rows.getFirst().size(); b++) {
        for (List<Call> row : rows) {
          calls.add(row.get(b));
        }
      }
      for (int y = 0; y < rows.size(); y++) {
        calls.addAll(forms(step.output(), y));
      }
    }
    return new StepProgram(step.name(), kind, calls, products(step));
  }

  private final Map<Integer, Program> packers = new TreeMap<>();
  private final Map<Integer, Program> flippers = new TreeMap<>();

  private List<Call> forms(int output, int y) {
    List<Call> calls = new ArrayList<>();
    PackedTensor tensor = tensors.tensor(output);
    Area plain = tensors.plain(output);
    PackedLayout layout = tensors.layout(output);
    Area packed = tensors.packed(output);
    if (layout != null && packed != null) {
      Program program =
          packers.computeIfAbsent(
              output,
              k -> PackKernel.of(tensor.name(), layout, plain.pixelBytes(), tensor.width()));
      calls.add(new Call(program, new long[] {plain.at(y, 0), packed.at(y, 0), masks}));
    }
    Area biased = tensors.biased(output);
    if (biased != null) {
      int bytes = tensor.width() * plain.pixelBytes();
      Program program = flippers.computeIfAbsent(output, k -> flipper(tensor.name(), bytes));
      calls.add(new Call(program, new long[] {plain.at(y, 0), biased.at(y, 0), flip}));
    }
    return calls;
  }

  /** Subtracts 128 from each byte of a row. */
  private static Program flipper(String name, int bytes) {
    Program.Builder code = new Program.Builder(name + " less 128");
    code.immediate(Opcode.LDR_Q, 31, 2, 0);
    for (int at = 0; at < bytes; at += 16) {
      int v = 2 * (at / 16 & 7);
      code.immediate(Opcode.LDR_Q, v, 0, at);
      code.op(Opcode.EOR, v, v, 31);
      Stores.exactly(code, v, v + 1, 1, at, Math.min(16, bytes - at));
    }
    return code.build();
  }

  private long[] products(Step step) {
    long[] products = new long[33];
    if (step instanceof Step.Convolution c) {
      long outputs = (long) c.window().outputs() * c.weights().outputs();
      byte[] precision = c.weights().precision();
      for (byte p : precision) {
        products[p] += outputs * c.weights().taps() / c.groups();
      }
    }
    return products;
  }
}
