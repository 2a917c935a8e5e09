package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Program;

/**
 * The machine code of a whole network: one function of one argument, the address of a {@link
 * Table}, that runs the steps from the table's first to its last.
 */
final class NetworkCode {
  private static final GeneralRegister[] SAVED = {RBX, RBP, R12, R13, R14, R15};

  private final PackedNetwork network;
  private final NetworkLayout layout;
  private final Table table;
  private final List<LayerCode> layers = new ArrayList<>();
  private final Target target;

  NetworkCode(PackedNetwork network, Target target) {
    this.network = network;
    layout = new NetworkLayout(network, target);
    table = new Table(network.tensors().size(), network.steps().size());
    for (int s = 0; s < network.steps().size(); s++) {
      layers.add(layer(network.steps().get(s), s, target));
    }
    this.target = target;
  }

  private LayerCode layer(Step step, int index, Target target) {
    return switch (step) {
      case Step.QuantiseImage s -> new ImageCode(network, layout, s, index, target);
      case Step.Convolution s -> convolution(s, index, target);
      case Step.Requantise s -> new RequantiseCode(network, layout, s, index, target);
      case Step.Join s -> new RequantiseCode(network, layout, s, index, target);
      case Step.Scale s -> new RequantiseCode(network, layout, s, index, target);
      case Step.Table s -> new TableCode(network, layout, s, index, target);
      case Step.Gather s -> new GatherCode(network, layout, s, index, target);
      case Step.MaxPool s -> new MaxPoolCode(layout, s, index, target);
      case Step.AveragePool s -> new AveragePoolCode(network, layout, s, index, target);
    };
  }

  private LayerCode convolution(Step.Convolution step, int index, Target target) {
    int channels = network.tensors().get(step.input()).channels();
    int outputs = network.tensors().get(step.output()).channels();
    if (DepthwiseConvolution.supports(step, channels, outputs)) {
      return new DepthwiseConvolution(network, layout, step, index, target);
    }
    if (TileConvolution.supports(step, layout, target)) {
      return new TileConvolution(network, layout, step, index, target);
    }
    LookupConvolution lookup = LookupConvolution.of(network, layout, step, index, target);
    WinogradConvolution winograd = WinogradConvolution.of(network, layout, step, index, target);
    if (winograd != null && (lookup == null || WinogradCost.beats(winograd, lookup))) {
      return winograd;
    }
    return lookup != null ? lookup : new DotConvolution(network, layout, step, index, target);
  }

  private Program emit(Emitter e) {
    for (GeneralRegister saved : SAVED) {
      e.a.push(saved);
    }
    e.a.mov(RAX, RSP);
    e.a.sub(RSP, LayerCode.LOCALS + 64);
    e.a.and(RSP, -64);
    // The caller's stack pointer lies above the locals, which begin at rsp.
    e.a.mov(mem(RSP, LayerCode.LOCALS), RAX);
    Barrier barrier = new Barrier();
    for (LayerCode layer : layers) {
      e.a.comment(network.steps().get(layer.index).name() + ": " + layer.kernel());
      Label skipped = e.a.label("after step " + layer.index);
      e.a.cmp(mem(RDI, Table.FIRST).ofQword(), layer.index);
      e.a.jg(skipped);
      e.a.cmp(mem(RDI, Table.LAST).ofQword(), layer.index);
      e.a.jl(skipped);
      layer.emit(e);
      barrier.waitAfter(e, layer.index);
      e.a.bind(skipped);
    }
    e.a.mov(RSP, mem(RSP, LayerCode.LOCALS));
    for (int i = SAVED.length - 1; i >= 0; i--) {
      e.a.pop(SAVED[i]);
    }
    e.a.vzeroupper();
    e.a.ret();
    barrier.emit(e);
    return e.finish();
  }

  /**
   * Writes the table of thread {@code part} of {@code parts}; addresses are those the code sees.
   * Behind it there must be the thread's scratch.
   */
  void fill(
      MemorySegment to,
      int part,
      int parts,
      long image,
      long[] tensors,
      long[] weights,
      long[] parameters) {
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, Table.FIRST, 0);
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, Table.LAST, layers.size() - 1);
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, Table.IMAGE, image);
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, Table.LEADER, part == 0 ? 1 : 0);
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, Table.THREADS, parts);
    for (int t = 0; t < tensors.length; t++) {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, Table.tensor(t), tensors[t]);
    }
    boolean[] meetings = meetings(parts).after();
    for (int s = 0; s < layers.size(); s++) {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, table.meeting(s), meetings[s] ? 1 : 0);
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, table.weights(s), weights[s]);
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, table.parameters(s), parameters[s]);
      Part mine = layers.get(s).part(part, parts);
      for (Part.Entry entry : Part.Entry.values()) {
        to.set(ValueLayout.JAVA_LONG_UNALIGNED, table.part(s, entry), mine.entry(entry));
      }
    }
  }

  /** Where a run's threads meet; a single one needs none. */
  Meetings meetings(int threads) {
    return Meetings.of(network.steps(), layers, threads);
  }

  /** Places of tensors that a context of so many threads reuses. */
  NetworkLayout.Places places(int threads) {
    return threads == 1 ? layout.shared() : layout.shared(meetings(threads).before());
  }

  NetworkLayout layout() {
    return layout;
  }

  Table table() {
    return table;
  }

  /** Bytes of a thread's table and scratch together. */
  int threadBytes() {
    return table.scratch() + layers.stream().mapToInt(LayerCode::scratchBytes).max().orElse(0);
  }

  List<LayerCode> layers() {
    return layers;
  }

  /** Generates the program, anew at each call: it is large, and of no use once it is encoded. */
  Program program() {
    return emit(new Emitter(target, table));
  }

  /**
   * Why each step runs as it does.
   *
   * @param dataBytes of each step's {@link LayerData}
   */
  List<Explanation> explain(long[] dataBytes) {
    List<Explanation> all = new ArrayList<>();
    for (LayerCode layer : layers) {
      Step step = network.steps().get(layer.index);
      long bytes = layout.tensor(step.output()).bytes();
      bytes += dataBytes[layer.index];
      for (int input : step.reads()) {
        bytes += layout.tensor(input).bytes();
      }
      if (step instanceof Step.QuantiseImage) {
        bytes += 4L * network.image().size();
      }
      all.add(
          new Explanation(
              layer.kernel(),
              layer.reason(),
              layer.fallback(),
              Explanation.macs(step),
              layer.bitMacs(),
              bytes));
    }
    return all;
  }

  List<String> kernels() {
    return layers.stream().map(LayerCode::kernel).toList();
  }
}
