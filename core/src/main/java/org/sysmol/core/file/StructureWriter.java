package org.sysmol.core.file;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.packed.Bounds;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Placement;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/** Writes the four sections of a .smol file (docs/file-format.md §4) from a checked network. */
final class StructureWriter {
  private final RecordWriter structure = new RecordWriter();
  private final ByteArrayOutputStream weights = new ByteArrayOutputStream();
  private final RecordWriter bounds = new RecordWriter();
  private final List<float[]> affine = new ArrayList<>();

  byte[] structure() {
    return structure.bytes();
  }

  byte[] weights() {
    return weights.toByteArray();
  }

  float[] affine() {
    float[] all = new float[affine.stream().mapToInt(a -> a.length).sum()];
    int at = 0;
    for (float[] values : affine) {
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  byte[] bounds() {
    return bounds.bytes();
  }

  void write(PackedNetwork network) {
    preprocessing(structure, network.preprocessing());
    names("class name", network.classNames());
    structure.varint(limited("tensors", network.tensors().size(), Limits.COUNT));
    network.tensors().forEach(this::tensor);
    structure.varint(limited("steps", network.steps().size(), Limits.COUNT));
    for (Step step : network.steps()) {
      step(network, step);
    }
    structure.varint(network.placements().size());
    network.placements().forEach(this::placement);
    structure.varint(limited("goldens", network.goldens().size(), Limits.GOLDENS));
    for (PackedNetwork.Golden golden : network.goldens()) {
      structure.i64(golden.seed());
      structure.raw(golden.digest());
    }
  }

  static int limited(String what, int count, int maximum) {
    if (count > maximum) {
      throw SysmolException.badInput(
          "The network has "
              + count
              + " "
              + what
              + ", but a file holds at most "
              + maximum
              + "; use fewer.");
    }
    return count;
  }

  private void names(String what, List<String> names) {
    structure.varint(limited(what + "s", names.size(), Limits.COUNT));
    names.forEach(name -> structure.name(what, name));
  }

  static void preprocessing(RecordWriter out, Preprocessing preprocessing) {
    out.u8(preprocessing.channels());
    out.varint(preprocessing.height());
    out.varint(preprocessing.width());
    Resize resize = preprocessing.resize();
    out.name("resize", resize.kind());
    out.varint(resize.height());
    out.varint(resize.width());
    out.f32s(preprocessing.mean());
    out.f32s(preprocessing.std());
  }

  private void tensor(PackedTensor tensor) {
    structure.name("name of a tensor", tensor.name());
    structure.varint(tensor.channels());
    structure.varint(tensor.height());
    structure.varint(tensor.width());
    switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> {
        structure.u8(mixed.signed() ? 1 : 0);
        structure.f32(mixed.alpha());
        precisions(mixed.precision());
      }
      case Encoding.Eight eight -> {
        structure.u8(eight.signed() ? 3 : 2);
        structure.f32(eight.step());
      }
      case Encoding.Real _ -> structure.u8(4);
    }
    structure.bits(tensor.order(), width(tensor.channels()));
  }

  /** Bits that an index below {@code count} needs. */
  static int width(int count) {
    return 32 - Integer.numberOfLeadingZeros(count - 1);
  }

  /** Runs of equal precision: {@code 4 * length + log2(precision)}. */
  private void precisions(byte[] precision) {
    for (int from = 0; from < precision.length; ) {
      int to = from;
      while (to < precision.length && precision[to] == precision[from]) {
        to++;
      }
      structure.varint(4L * (to - from) + (precision[from] >> 1));
      from = to;
    }
  }

  private void step(PackedNetwork network, Step step) {
    structure.u8(tag(step));
    structure.name("name of a step", step.name());
    if (!(step instanceof Step.QuantiseImage)) {
      structure.varint(step.input());
    }
    structure.varint(step.output());
    switch (step) {
      case Step.QuantiseImage _ -> {}
      case Step.Convolution c -> {
        window(c.window());
        structure.varint(c.groups());
        structure.varint(c.residual() + 1L);
        structure.clamp(c.clamp());
        weights.writeBytes(c.weights().bits());
        addAffine(c.affine());
        bounds(c.bounds(), signed(network.tensors().get(c.input()).encoding()));
      }
      case Step.Requantise r -> {
        structure.clamp(r.clamp());
        structure.flag(r.affine() != null);
        addAffine(r.affine());
        int[] gather = r.gather();
        structure.flag(gather != null);
        if (gather != null) {
          structure.bits(gather, width(network.tensors().get(r.input()).channels()));
        }
      }
      case Step.MaxPool p -> window(p.window());
      case Step.AveragePool p -> {
        window(p.window());
        structure.flag(p.countPadding());
        structure.varint(p.padBottom());
        structure.varint(p.padRight());
        structure.f32s(p.factor());
      }
      case Step.Join j -> {
        structure.varint(j.right());
        structure.clamp(j.clamp());
      }
      case Step.Scale s -> {
        structure.varint(s.gate());
        structure.clamp(s.clamp());
      }
      case Step.Table t -> {
        for (byte[] codes : t.codes()) {
          structure.raw(codes);
        }
      }
      case Step.Gather g -> gather(network, g);
    }
  }

  private void gather(PackedNetwork network, Step.Gather g) {
    structure.varint(g.inputs().size() - 1L);
    int sources = 0;
    for (int i = 0; i < g.inputs().size(); i++) {
      sources += network.tensors().get(g.inputs().get(i)).channels();
      if (i > 0) {
        structure.varint(g.inputs().get(i));
      }
    }
    structure.bits(Arrays.stream(g.channels()).map(c -> c + 1).toArray(), width(sources + 1));
    for (int[] axis : List.of(g.rows(), g.columns())) {
      for (int source : axis) {
        structure.varint(source + 1L);
      }
    }
  }

  private static int tag(Step step) {
    return switch (step) {
      case Step.QuantiseImage _ -> 0;
      case Step.Convolution _ -> 1;
      case Step.Requantise _ -> 2;
      case Step.MaxPool _ -> 3;
      case Step.AveragePool _ -> 4;
      case Step.Join _ -> 5;
      case Step.Scale _ -> 6;
      case Step.Table _ -> 7;
      case Step.Gather _ -> 8;
    };
  }

  static boolean signed(Encoding encoding) {
    return switch (encoding) {
      case Encoding.Mixed mixed -> mixed.signed();
      case Encoding.Eight eight -> eight.signed();
      case Encoding.Real _ -> true;
    };
  }

  private void window(Window window) {
    structure.varint(window.kernelHeight());
    structure.varint(window.kernelWidth());
    structure.varint(window.strideY());
    structure.varint(window.strideX());
    structure.varint(window.dilationY());
    structure.varint(window.dilationX());
    structure.varint(window.padTop());
    structure.varint(window.padLeft());
  }

  private void addAffine(@Nullable Affine values) {
    if (values != null) {
      affine.add(values.scale());
      affine.add(values.offset());
    }
  }

  /** By segment: the low ends unless they mirror the high ones, then the high ends. */
  private void bounds(Bounds values, boolean signed) {
    int columns = values.segments().length;
    int outputs = values.low().length / columns;
    for (int s = 0; s < columns; s++) {
      int unit = BoundsCalculator.unit(values.segments()[s], signed);
      if (!signed) {
        column(values.low(), s, columns, outputs, -unit);
      }
      column(values.high(), s, columns, outputs, unit);
    }
  }

  private void column(int[] values, int column, int columns, int outputs, int unit) {
    int[] multiples = new int[outputs];
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int o = 0; o < outputs; o++) {
      multiples[o] = values[o * columns + column] / unit;
      least = Math.min(least, multiples[o]);
      most = Math.max(most, multiples[o]);
    }
    for (int o = 0; o < outputs; o++) {
      multiples[o] -= least;
    }
    int width = width(most - least + 1);
    bounds.varint(least);
    bounds.u8(width);
    bounds.bits(multiples, width);
  }

  private void placement(Placement placement) {
    structure.varint(placement.tensor());
    structure.varint(placement.registers());
    for (int slots : placement.patterns()) {
      structure.varint(slots);
    }
  }
}
