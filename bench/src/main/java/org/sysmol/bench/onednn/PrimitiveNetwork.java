package org.sysmol.bench.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_auto;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_clip;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nchw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_include_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_dst_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_src_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.plan.Window;
import org.sysmol.onnx.ValueRange;

/**
 * A network as oneDNN runs it best: each convolution with its sum and activation is one primitive
 * in the layout that the library prefers, with a copy between layouts only where they differ.
 *
 * <p>In eight bits, activations are unsigned after a ReLU and signed elsewhere, with a zero;
 * weights are signed with a scale per output; everything is scaled, rounded and saturated by the
 * library.
 */
final class PrimitiveNetwork {
  private final Library library;
  private final Network network;
  private final Plan plan;
  private final ValueForms forms;
  private final List<Library.Call> calls = new ArrayList<>();
  private final Library.@Nullable Memory[] values;
  private final float[] scales;
  private final Library.Memory image;
  private final Library.Memory scores;

  /**
   * Builds it.
   *
   * @param folder for the library's files
   * @param network batch normalisations folded
   * @param ranges of all values for eight bits, empty for floats
   * @param channels of the image
   * @param height of the image
   * @param width of the image
   */
  PrimitiveNetwork(
      Path folder,
      Network network,
      Optional<Map<String, ValueRange>> ranges,
      int channels,
      int height,
      int width) {
    library = new Library(folder);
    this.network = network;
    forms = new ValueForms(ranges);
    plan = PlanBuilder.build(network, channels, height, width, Set.of());
    values = new Library.Memory[plan.values().size()];
    scales = new float[values.length];
    long[] shape = {1, channels, height, width};
    image = library.floats(dnnl_nchw, new float[channels * height * width], shape);
    values[0] = image;
    scales[0] = forms.scale(plan.image());
    for (int i = 0; i < plan.stages().size(); i++) {
      switch (plan.stages().get(i)) {
        case Stage.Convolution c -> convolution(c, i);
        case Stage.MaxPool p -> pool(p, p.input(), p.window(), dnnl_pooling_max);
        case Stage.AveragePool p ->
            pool(
                p,
                p.input(),
                p.window(),
                p.countPadding()
                    ? dnnl_pooling_avg_include_padding
                    : dnnl_pooling_avg_exclude_padding);
        case Stage.Join j -> throw unsupported(j.name(), "a sum that stands alone");
        case Stage.Scale x -> throw unsupported(x.name(), "a product of two maps");
        case Stage.Gather g -> throw unsupported(g.name(), "a rearrangement of channels");
        case Stage.Table t -> throw unsupported(t.name(), "a function stored as a table");
        case Stage.Rescale r -> throw unsupported(r.name(), "an activation that stands alone");
      }
      releaseAfter(i);
    }
    scores = plain(Objects.requireNonNull(values[plan.result().id()]));
  }

  private SysmolException unsupported(String node, String what) {
    return SysmolException.badInput(
        "The oneDNN peer can't run node "
            + node
            + " of network "
            + network.name()
            + ": it is "
            + what
            + ".");
  }

  /** The value in a layout: itself, or a copy made by a call. */
  private Library.Memory in(MemorySegment layout, Value value, String reader) {
    Library.Memory memory = Objects.requireNonNull(values[value.id()]);
    if (library.same(layout, memory.layout())) {
      return memory;
    }
    Library.Memory copy = library.memory(layout);
    boolean quantises = memory.equals(image) && forms.eightBits(value);
    calls.add(
        library.reorder(reader + "/reorder", memory, copy, quantises ? scales[value.id()] : 1f));
    if (!memory.equals(image)) {
      library.release(memory);
    }
    // Later readers find the copy; layouts change rarely and then for good.
    values[value.id()] = copy;
    return copy;
  }

  private void convolution(Stage.Convolution c, int stage) {
    InputGroup group = plan.groups().get(c.group());
    if (!group.direct() || c.norm() != null) {
      throw unsupported(c.name(), "a layer behind a batch normalisation that can't be folded");
    }
    Value from = plan.value(group);
    Value to = plan.values().get(c.output());
    boolean last = stage == plan.stages().size() - 1;
    boolean whole = c.window().taps() == from.height() * from.width() && c.window().outputs() == 1;
    boolean product = last && whole && c.groups() == 1;
    Window w = c.window();
    long[] weightShape = LayerWeights.shape(c);
    Map<Integer, Library.Memory> memories = new LinkedHashMap<>();
    MemorySegment attributes = library.made("dnnl_primitive_attr_create");
    Library.Memory weights =
        new LayerWeights(library, network, c).write(forms.eightBits(from), memories, attributes);
    if (forms.eightBits(from)) {
      library.scale(attributes, memories, DNNL_ARG_SRC, 0, scales[from.id()]);
    }
    scales[to.id()] = forms.scale(to);
    if (forms.eightBits(to)) {
      library.scale(attributes, memories, DNNL_ARG_DST, 0, scales[to.id()]);
    }
    Library.Memory residual = residual(c, stage, to);
    postOps(attributes, c, residual);
    MemorySegment source =
        library.layout(forms.type(from), dnnl_format_tag_any, ValueForms.shape(from));
    MemorySegment weight =
        library.layout(
            forms.eightBits(from) ? dnnl_s8 : dnnl_f32, dnnl_format_tag_any, weightShape);
    MemorySegment bias = library.layout(dnnl_f32, dnnl_x, c.outputChannels());
    MemorySegment destination;
    if (product) {
      destination = library.layout(forms.type(to), dnnl_nc, 1, to.channels());
    } else if (residual != null) {
      destination = residual.layout();
    } else {
      destination = library.layout(forms.type(to), dnnl_format_tag_any, ValueForms.shape(to));
    }
    MemorySegment described =
        product
            ? library.made(
                "dnnl_inner_product_forward_primitive_desc_create",
                library.engine(),
                dnnl_forward_inference,
                source,
                weight,
                bias,
                destination,
                attributes)
            : library.made(
                "dnnl_convolution_forward_primitive_desc_create",
                library.engine(),
                dnnl_forward_inference,
                dnnl_convolution_auto,
                source,
                weight,
                bias,
                destination,
                new long[] {w.strideY(), w.strideX()},
                new long[] {w.dilationY() - 1, w.dilationX() - 1},
                new long[] {w.padTop(), w.padLeft()},
                new long[] {w.padBottom(from.height()), w.padRight(from.width())},
                attributes);
    memories.put(DNNL_ARG_SRC, in(library.chosen(described, dnnl_query_src_md), from, c.name()));
    Library.Memory packed = library.permanent(library.chosen(described, dnnl_query_weights_md));
    library.start(library.reorder(c.name() + "/weights", weights, packed, 1f));
    library.await();
    memories.put(DNNL_ARG_WEIGHTS, packed);
    float[] offsets =
        c.bias() == null ? new float[c.outputChannels()] : network.requireConstant(c.bias()).data();
    memories.put(DNNL_ARG_BIAS, library.floats(dnnl_x, offsets, offsets.length));
    Library.Memory output =
        residual != null ? residual : library.memory(library.chosen(described, dnnl_query_dst_md));
    memories.put(DNNL_ARG_DST, output);
    values[to.id()] = output;
    calls.add(library.call(c.name(), c.macs(), described, memories));
  }

  private void postOps(
      MemorySegment attributes, Stage.Convolution c, Library.@Nullable Memory residual) {
    MemorySegment operations = library.made("dnnl_post_ops_create");
    if (residual != null) {
      Value added = plan.values().get(c.residual());
      library.invoke(
          "dnnl_post_ops_append_sum", operations, scales[added.id()], 0, forms.type(added));
    }
    Clamp clamp = c.clamp();
    String elementwise = "dnnl_post_ops_append_eltwise";
    if (clamp.equals(Clamp.RELU)) {
      library.invoke(elementwise, operations, dnnl_eltwise_relu, 0f, 0f);
    } else if (!clamp.isNone()) {
      library.invoke(elementwise, operations, dnnl_eltwise_clip, clamp.low(), clamp.high());
    }
    library.invoke("dnnl_primitive_attr_set_post_ops", attributes, operations);
  }

  /**
   * Where the sum is formed: oneDNN adds what it writes to what stands there, so the place is the
   * shortcut's own if nothing reads that any more, else a copy of it.
   */
  private Library.@Nullable Memory residual(Stage.Convolution c, int stage, Value to) {
    if (c.residual() < 0) {
      return null;
    }
    Value added = plan.values().get(c.residual());
    boolean bytes = forms.eightBits(added);
    if (bytes) {
      // Signed and unsigned bytes share the place, so their layouts must be the same one.
      in(
          library.layout(forms.type(added), dnnl_nhwc, ValueForms.shape(added)),
          added,
          c.name() + "/add");
    }
    Library.Memory memory = Objects.requireNonNull(values[added.id()]);
    boolean read =
        lastReader(added.id()) > stage
            || plan.value(plan.groups().get(c.group())).id() == added.id();
    if (read || memory.equals(image)) {
      Library.Memory copy = library.memory(memory.layout());
      calls.add(library.reorder(c.name() + "/copy", memory, copy, 1f));
      memory = copy;
    } else {
      values[added.id()] = null;
    }
    return bytes
        ? library.over(
            library.layout(forms.type(to), dnnl_nhwc, ValueForms.shape(to)), memory.data())
        : memory;
  }

  private void pool(Stage stage, int input, Window w, int algorithm) {
    Value from = plan.values().get(input);
    Value to = plan.values().get(stage.output());
    Library.Memory source = Objects.requireNonNull(values[input]);
    if (source.equals(image) || to.kind() == Value.Kind.REAL) {
      throw unsupported(stage.name(), "a pool of the picture itself or the last node");
    }
    // The unit stays that of the input: a pool does not scale.
    scales[to.id()] = scales[input];
    MemorySegment destination =
        library.layout(forms.type(from), dnnl_format_tag_any, ValueForms.shape(to));
    MemorySegment described =
        library.made(
            "dnnl_pooling_forward_primitive_desc_create",
            library.engine(),
            dnnl_forward_inference,
            algorithm,
            source.layout(),
            destination,
            new long[] {w.strideY(), w.strideX()},
            new long[] {w.kernelHeight(), w.kernelWidth()},
            new long[] {w.dilationY() - 1, w.dilationX() - 1},
            new long[] {w.padTop(), w.padLeft()},
            new long[] {w.padBottom(from.height()), w.padRight(from.width())},
            library.made("dnnl_primitive_attr_create"));
    Map<Integer, Library.Memory> memories = new LinkedHashMap<>();
    memories.put(DNNL_ARG_SRC, source);
    Library.Memory output = library.memory(library.chosen(described, dnnl_query_dst_md));
    memories.put(DNNL_ARG_DST, output);
    values[to.id()] = output;
    calls.add(library.call(stage.name(), 0, described, memories));
  }

  private int lastReader(int value) {
    int last = -1;
    for (int i = 0; i < plan.stages().size(); i++) {
      Stage stage = plan.stages().get(i);
      boolean reads =
          stage.streams().contains(value)
              || (stage instanceof Stage.Convolution c
                  && plan.groups().get(c.group()).value() == value);
      last = reads ? i : last;
    }
    return last;
  }

  private void releaseAfter(int stage) {
    for (int v = 0; v < values.length; v++) {
      Library.Memory memory = values[v];
      if (memory != null && !memory.equals(image) && lastReader(v) == stage) {
        library.release(memory);
        values[v] = null;
      }
    }
  }

  private Library.Memory plain(Library.Memory result) {
    Value value = plan.result();
    MemorySegment flat = library.layout(dnnl_f32, dnnl_nc, 1, value.channels());
    MemorySegment map = library.layout(dnnl_f32, dnnl_nchw, ValueForms.shape(value));
    if (library.same(result.layout(), flat) || library.same(result.layout(), map)) {
      return result;
    }
    Library.Memory copy = library.memory(map);
    calls.add(library.reorder("scores", result, copy, 1f));
    return copy;
  }

  /** Runs one image, {@code [channels, height, width]}. */
  float[] run(float[] pixels) {
    MemorySegment.copy(pixels, 0, image.data(), ValueLayout.JAVA_FLOAT, 0, pixels.length);
    for (Library.Call call : calls) {
      library.start(call);
    }
    library.await();
    float[] result = new float[plan.result().size()];
    MemorySegment.copy(scores.data(), ValueLayout.JAVA_FLOAT, 0, result, 0, result.length);
    return result;
  }

  /** As {@link #run}, primitive by primitive; nanoseconds of each. */
  long[] timed(float[] pixels) {
    MemorySegment.copy(pixels, 0, image.data(), ValueLayout.JAVA_FLOAT, 0, pixels.length);
    long[] nanoseconds = new long[calls.size()];
    for (int i = 0; i < nanoseconds.length; i++) {
      long before = System.nanoTime();
      library.start(calls.get(i));
      library.await();
      nanoseconds[i] = System.nanoTime() - before;
    }
    return nanoseconds;
  }

  /** The library's number of the instruction set that it is capped to. */
  int instructions() {
    return library.instructions();
  }

  /** What runs, in order. */
  List<Library.Call> calls() {
    return calls;
  }
}
