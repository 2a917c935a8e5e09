package org.sysmol.core.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Bounds;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Placement;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/** Packed networks that no engine could run, each broken in one place. */
public final class NetworkAttacks {
  private final PackedNetwork good;
  private final Map<String, PackedNetwork> bad = new LinkedHashMap<>();

  private NetworkAttacks(PackedNetwork good) {
    this.good = good;
  }

  /** The attacks on a network of {@link SampleNetworks}, by name. */
  public static Map<String, PackedNetwork> on(PackedNetwork good) {
    NetworkAttacks attacks = new NetworkAttacks(good);
    attacks.tensors();
    attacks.flow();
    attacks.convolutions();
    attacks.otherSteps();
    attacks.placements();
    return attacks.bad;
  }

  private void tensors() {
    tensor("order-repeats", 1, t -> ordered(t, o -> o[1] = o[0]));
    tensor("alpha-0", 2, t -> alpha(t, 0f));
    tensor("alpha-negative", 2, t -> alpha(t, -1f));
    tensor("alpha-nan", 2, t -> alpha(t, Float.NaN));
    tensor("alpha-infinite", 2, t -> alpha(t, Float.POSITIVE_INFINITY));
    tensor("alpha-so-small-that-its-inverse-is-infinite", 2, t -> alpha(t, Float.MIN_VALUE));
    tensor("step-nan", 1, t -> encoded(t, new Encoding.Eight(Float.NaN, false)));
    tensor("image-unsigned", 0, t -> encoded(t, new Encoding.Eight(1f, false)));
    tensor(
        "result-not-real",
        good.tensors().size() - 1,
        t -> encoded(t, new Encoding.Eight(1f, true)));
    tensor("real-in-the-middle", 5, t -> encoded(t, new Encoding.Real()));
    tensor(
        "image-taller-than-the-pictures",
        0,
        t -> new PackedTensor(t.name(), 3, t.height() + 1, t.width(), t.order(), t.encoding()));
    List<PackedTensor> more = new ArrayList<>(good.tensors());
    more.add(new PackedTensor("unused", 1, 1, 1, new int[1], new Encoding.Eight(1f, true)));
    bad.put("tensor-never-written", with(more, good.steps(), good.placements()));
    more = new ArrayList<>(good.tensors());
    for (int i = 0; i < 5; i++) {
      more.add(
          new PackedTensor("large", 1, 16384, 16384, new int[1], new Encoding.Eight(1f, true)));
    }
    bad.put("tensors-above-2-to-30-elements", with(more, good.steps(), good.placements()));
    more = new ArrayList<>(good.tensors());
    more.add(new PackedTensor("large", 1, 65535, 65535, new int[1], new Encoding.Eight(1f, true)));
    bad.put("tensor-above-2-to-28-elements", with(more, good.steps(), good.placements()));
  }

  private void flow() {
    List<Step> steps = new ArrayList<>(good.steps());
    java.util.Collections.swap(steps, 2, 3);
    bad.put("step-reads-what-comes-later", with(good.tensors(), steps, good.placements()));
    steps = new ArrayList<>(good.steps());
    steps.removeLast();
    bad.put("last-step-missing", with(good.tensors(), steps, good.placements()));
    steps = new ArrayList<>(good.steps());
    steps.removeFirst();
    bad.put("first-step-missing", with(good.tensors(), steps, good.placements()));
    steps = new ArrayList<>(good.steps());
    steps.add(1, steps.getFirst());
    bad.put("image-quantised-twice", with(good.tensors(), steps, good.placements()));
    steps = new ArrayList<>(good.steps());
    steps.add(2, steps.get(1));
    bad.put("tensor-written-twice", with(good.tensors(), steps, good.placements()));
    step(
        "conv3",
        s -> convolution(s, s.input(), s.window(), s.output(), s.output()),
        "adds-its-own-output");
    step(
        "conv3",
        s -> convolution(s, s.input(), s.window(), 1, s.output()),
        "residual-of-another-size");
    step(
        "conv3",
        s -> convolution(s, s.input(), s.window(), 2, s.output()),
        "residual-not-eight-bits");
  }

  private void convolutions() {
    step("conv2", s -> weights(s, b -> b[0] ^= (byte) 0x80), "weights-other-than-its-bounds");
    step("conv1", s -> weights(s, b -> b[5] = 0), "weight-minus-128");
    step("depthwise5", s -> weights(s, b -> b[b.length - 1] |= 1), "bits-behind-a-row");
    step(
        "conv2",
        s -> bounded(s, s.bounds().low(), plus(s.bounds().high(), unit(s))),
        "high-bound-too-high");
    step(
        "conv2",
        s -> bounded(s, plus(s.bounds().low(), -unit(s)), s.bounds().high()),
        "low-bound-too-low");
    step("conv2", s -> affine(s, Float.NaN, 0f), "scale-nan");
    step("conv2", s -> affine(s, 1f, Float.NEGATIVE_INFINITY), "offset-infinite");
    step("conv2", s -> clamped(s, new Clamp(1f, -1f)), "clamp-crossed");
    step("conv2", s -> clamped(s, new Clamp(Float.NaN, 1f)), "clamp-nan");
    Window w = convolution("conv2").window();
    step("conv2", s -> windowed(s, window(w, 65535, w.padTop())), "window-far-past-the-map");
  }

  private void otherSteps() {
    for (Step step : good.steps()) {
      switch (step) {
        case Step.Requantise r when r.gather() != null -> {
          replace(
              "gather-none-though-orders-differ",
              r,
              new Step.Requantise(r.name(), r.input(), r.affine(), r.clamp(), null, r.output()));
          int[] outside = r.gather().clone();
          outside[0] = 3;
          replace(
              "gather-outside",
              r,
              new Step.Requantise(r.name(), r.input(), r.affine(), r.clamp(), outside, r.output()));
        }
        case Step.Requantise r -> {
          Clamp all = new Clamp(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY);
          replace(
              "requantise-clamp-at-infinity",
              r,
              new Step.Requantise(r.name(), r.input(), null, all, null, r.output()));
          replace(
              "requantise-reads-itself",
              r,
              new Step.Requantise(r.name(), r.output(), null, r.clamp(), null, r.output()));
        }
        case Step.MaxPool p -> {
          replace(
              "max-pool-to-another-step", p, new Step.MaxPool(p.name(), 3, p.window(), p.output()));
          replace(
              "max-pool-with-an-empty-window",
              p,
              new Step.MaxPool(p.name(), p.input(), window(p.window(), 1, 2), p.output()));
        }
        case Step.AveragePool p when p.countPadding() -> {
          float[] factor = p.factor().clone();
          factor[3] = Float.NaN;
          replace("average-pool-factor-nan", p, pool(p, p.window(), p.countPadding(), factor));
          factor = p.factor().clone();
          factor[8] = 0;
          replace("average-pool-factor-0", p, pool(p, p.window(), p.countPadding(), factor));
          replace(
              "average-pool-with-an-empty-window",
              p,
              pool(p, window(p.window(), 1, 3), false, p.factor()));
        }
        case Step.Join j -> {
          replace(
              "join-of-other-sizes",
              j,
              new Step.Join(j.name(), j.input(), 1, j.clamp(), j.output()));
          replace(
              "join-of-mixed-precision",
              j,
              new Step.Join(j.name(), j.input(), 6, j.clamp(), j.output()));
        }
        case Step.Scale x -> {
          scaled("scale-by-another-size", x, x.input(), 1);
          scaled("scale-of-one-cell-to-a-map", x, x.gate(), x.gate());
          scaled("scale-of-mixed-precision", x, 6, x.gate());
          scaled("scale-by-mixed-precision", x, x.input(), 6);
          scaled("scale-by-what-is-not-written", x, x.input(), x.output());
        }
        case Step.Table t when t.name().equals("swish") -> {
          looked("table-entry-minus-128", t, t.input(), changed(t, (byte) -128));
          looked("table-of-mixed-precision", t, 6, t.codes());
          looked("table-of-another-size", t, 1, t.codes());
        }
        case Step.Table t when t.name().equals("hard-swish") -> {
          looked("table-entry-too-large", t, t.input(), changed(t, (byte) 16));
          looked("table-entry-negative", t, t.input(), changed(t, (byte) -1));
        }
        case Step.Gather g -> {
          int all = good.tensors().get(g.inputs().getFirst()).channels() + 6;
          gathered("index-map-past-its-channels", g, g.inputs(), all, 0);
          gathered("index-map-past-its-rows", g, g.inputs(), 0, 65000);
          gathered("index-map-of-other-sizes", g, List.of(g.input(), 1), 0, 0);
          gathered("index-map-of-mixed-precision", g, List.of(g.input(), 6), 0, 0);
          gathered("index-map-of-what-is-not-written", g, List.of(g.input(), g.output()), 0, 0);
        }
        default -> {}
      }
    }
  }

  private void gathered(String name, Step.Gather g, List<Integer> inputs, int channel, int row) {
    int[] channels = g.channels().clone();
    channels[0] = channel;
    int[] rows = g.rows().clone();
    rows[0] = row;
    replace(name, g, new Step.Gather(g.name(), inputs, channels, rows, g.columns(), g.output()));
  }

  private void scaled(String name, Step.Scale x, int map, int gate) {
    replace(name, x, new Step.Scale(x.name(), map, gate, x.clamp(), x.output()));
  }

  private void looked(String name, Step.Table t, int input, byte[][] codes) {
    replace(name, t, new Step.Table(t.name(), input, codes, t.output()));
  }

  /** The tables with another last entry. */
  private static byte[][] changed(Step.Table t, byte code) {
    byte[][] codes = new byte[t.codes().length][];
    for (int s = 0; s < codes.length; s++) {
      codes[s] = t.codes()[s].clone();
    }
    codes[codes.length - 1][CurveTable.SIZE - 1] = code;
    return codes;
  }

  private void placements() {
    int tensor = good.placements().getFirst().tensor();
    Placement first = good.placements().getFirst();
    placed("placement-twice", first, first);
    placed("placement-of-eight-bits", new Placement(0, new int[] {9, 9, 9}));
    placed("placement-without-registers", new Placement(tensor, new int[0]));
    int[] few = first.patterns().clone();
    int most = few[0] > 0 ? 0 : few[1] > 0 ? 1 : 2;
    few[most]--;
    placed("placement-with-a-slot-too-few", new Placement(tensor, few));
    int[] many = new int[3 * (good.tensors().get(tensor).channels() + 1)];
    java.util.Arrays.fill(many, 9);
    placed("placement-with-more-registers-than-channels", new Placement(tensor, many));
  }

  private void placed(String name, Placement... placements) {
    bad.put(name, with(good.tensors(), good.steps(), List.of(placements)));
  }

  private void tensor(String name, int index, UnaryOperator<PackedTensor> lie) {
    List<PackedTensor> tensors = new ArrayList<>(good.tensors());
    tensors.set(index, lie.apply(tensors.get(index)));
    bad.put(name, with(tensors, good.steps(), good.placements()));
  }

  private Step.Convolution convolution(String name) {
    return (Step.Convolution)
        good.steps().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private void step(String target, UnaryOperator<Step.Convolution> lie, String name) {
    Step.Convolution step = convolution(target);
    replace("convolution-" + name, step, lie.apply(step));
  }

  private void replace(String name, Step step, Step lie) {
    List<Step> steps = new ArrayList<>(good.steps());
    steps.set(steps.indexOf(step), lie);
    bad.put(name, with(good.tensors(), steps, good.placements()));
  }

  private PackedNetwork with(
      List<PackedTensor> tensors, List<Step> steps, List<Placement> placements) {
    return new PackedNetwork(
        good.name(),
        good.patterns(),
        good.assign(),
        tensors,
        steps,
        placements,
        good.preprocessing(),
        good.classNames(),
        good.provenance(),
        good.goldens());
  }

  private static PackedTensor ordered(PackedTensor t, java.util.function.Consumer<int[]> lie) {
    int[] order = t.order().clone();
    lie.accept(order);
    return new PackedTensor(t.name(), t.channels(), t.height(), t.width(), order, t.encoding());
  }

  private static PackedTensor encoded(PackedTensor t, Encoding encoding) {
    return new PackedTensor(t.name(), t.channels(), t.height(), t.width(), t.order(), encoding);
  }

  private static PackedTensor alpha(PackedTensor t, float alpha) {
    Encoding.Mixed mixed = (Encoding.Mixed) t.encoding();
    return encoded(t, new Encoding.Mixed(mixed.precision(), alpha, mixed.signed()));
  }

  private static Window window(Window w, int stride, int pad) {
    return new Window(
        w.kernelHeight(),
        w.kernelWidth(),
        stride,
        stride,
        w.dilationY(),
        w.dilationX(),
        pad,
        pad,
        w.outputHeight(),
        w.outputWidth());
  }

  private static Step.AveragePool pool(
      Step.AveragePool p, Window window, boolean countPadding, float[] factor) {
    return new Step.AveragePool(
        p.name(), p.input(), window, countPadding, p.padBottom(), p.padRight(), factor, p.output());
  }

  private static Step.Convolution convolution(
      Step.Convolution s, int input, Window window, int residual, int output) {
    return new Step.Convolution(
        s.name(),
        input,
        window,
        s.groups(),
        s.weights(),
        s.affine(),
        residual,
        s.clamp(),
        s.bounds(),
        output);
  }

  private static Step.Convolution windowed(Step.Convolution s, Window window) {
    return convolution(s, s.input(), window, s.residual(), s.output());
  }

  private static Step.Convolution rebuilt(
      Step.Convolution s, PackedWeights weights, Affine affine, Clamp clamp, Bounds bounds) {
    return new Step.Convolution(
        s.name(),
        s.input(),
        s.window(),
        s.groups(),
        weights,
        affine,
        s.residual(),
        clamp,
        bounds,
        s.output());
  }

  private static Step.Convolution weights(
      Step.Convolution s, java.util.function.Consumer<byte[]> lie) {
    PackedWeights w = s.weights();
    byte[] bits = w.bits().clone();
    lie.accept(bits);
    PackedWeights other = new PackedWeights(w.outputs(), w.taps(), w.precision(), w.groups(), bits);
    return rebuilt(s, other, s.affine(), s.clamp(), s.bounds());
  }

  private static Step.Convolution affine(Step.Convolution s, float scale, float offset) {
    float[] scales = s.affine().scale().clone();
    float[] offsets = s.affine().offset().clone();
    scales[1] = scale;
    offsets[1] = offset;
    return rebuilt(s, s.weights(), new Affine(scales, offsets), s.clamp(), s.bounds());
  }

  private static Step.Convolution clamped(Step.Convolution s, Clamp clamp) {
    return rebuilt(s, s.weights(), s.affine(), clamp, s.bounds());
  }

  private static Step.Convolution bounded(Step.Convolution s, int[] low, int[] high) {
    return rebuilt(
        s, s.weights(), s.affine(), s.clamp(), new Bounds(s.bounds().segments(), low, high));
  }

  private static int unit(Step.Convolution s) {
    return org.sysmol.core.packed.BoundsCalculator.unit(s.bounds().segments()[0], false);
  }

  private static int[] plus(int[] values, int first) {
    int[] sums = values.clone();
    sums[0] += first;
    return sums;
  }
}
