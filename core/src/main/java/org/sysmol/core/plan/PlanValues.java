package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.network.Network;

/** The values of a plan under construction, and what the network's names stand for. */
final class PlanValues {
  /** Channels, rows and columns of all views, so that files can't ask for memory without end. */
  private static final int MOST_LOOKS = 1 << 24;

  private final Network network;
  private final List<Stage> stages;
  private final List<Value> values = new ArrayList<>();
  private final Map<String, Handle> handles = new LinkedHashMap<>();
  private final Map<Handle, Integer> streams = new LinkedHashMap<>();
  private final Map<Function, Integer> tables = new LinkedHashMap<>();
  private final Map<String, View> views = new LinkedHashMap<>();
  private long looks;
  private final BitSet ofImage = new BitSet();

  /** A function of a value, to be stored as a table. */
  private record Function(int value, Curve curve) {}

  /**
   * A value seen through a batch normalisation and an activation that its readers apply, or through
   * a function of one number that is to become a table, with the name of its last node.
   */
  record Handle(
      int value,
      @Nullable NormNames norm,
      Clamp clamp,
      boolean flat,
      @Nullable Curve curve,
      String node) {
    Handle(int value, @Nullable NormNames norm, Clamp clamp, boolean flat) {
      this(value, norm, clamp, flat, null, "");
    }

    boolean plain() {
      return norm == null && clamp.isNone() && curve == null;
    }

    Handle flat(boolean flattened) {
      return new Handle(value, norm, clamp, flattened, curve, node);
    }
  }

  PlanValues(Network network, List<Stage> stages) {
    this.network = network;
    this.stages = stages;
  }

  /** Defines the image. */
  void image(String name, int channels, int height, int width) {
    values.add(new Value(0, name, channels, height, width, Value.Kind.IMAGE, true));
    handles.put(name, new Handle(0, null, Clamp.NONE, false));
    ofImage.set(0);
  }

  /** True for the image and what only looks at it: its readers are kept out of the search. */
  boolean ofImage(int value) {
    return ofImage.get(value);
  }

  Value get(int id) {
    return values.get(id);
  }

  List<Value> all() {
    return values;
  }

  void put(String name, Handle handle) {
    handles.put(name, handle);
  }

  void put(String name, View view) {
    looks += view.channels() + view.rows().length + view.columns().length;
    if (looks > MOST_LOOKS) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: its slices, pads and concatenations have more than "
              + MOST_LOOKS
              + " channels in all.");
    }
    views.put(name, view);
  }

  /** The view that a name stands for and that is no value yet, or null. */
  @Nullable View pending(String name) {
    return views.get(name);
  }

  /** What a name stands for as a view. */
  View view(String name, String reader) {
    View view = views.get(name);
    if (view != null) {
      return view;
    }
    Handle handle = handle(name, reader);
    Value value = materialise(handle);
    if (handle.flat() && value.height() * value.width() != 1) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + reader
              + " rearranges a flattened map of more than one cell.");
    }
    return View.of(value, handle.flat());
  }

  /**
   * A view as a value.
   *
   * @param name of the value, if it must be made
   */
  Value value(View view, String name) {
    int unchanged = view.unchanged(values);
    if (unchanged >= 0) {
      return values.get(unchanged);
    }
    List<Integer> from = view.values();
    if (from.isEmpty() || view.dims().length > 1) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + name
              + (from.isEmpty()
                  ? " is nothing but zeros."
                  : " has its channels on several axes, where only a channel shuffle may stand."));
    }
    boolean signed = from.stream().anyMatch(id -> values.get(id).signed());
    Value output = define(name, view.channels(), view.rows().length, view.columns().length, signed);
    if (from.stream().allMatch(ofImage::get)) {
      ofImage.set(output.id());
    }
    stages.add(view.stage(name, values, output.id()));
    return output;
  }

  /** What a name stands for. */
  Handle handle(String name, String reader) {
    View view = handles.containsKey(name) ? null : views.get(name);
    if (view != null) {
      Handle made = new Handle(value(view, name).id(), null, Clamp.NONE, view.flat());
      handles.put(name, made);
    }
    Handle handle = handles.get(name);
    if (handle == null) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " cannot be quantised: "
              + reader
              + " reads "
              + name
              + ", which is not a map computed from the picture.");
    }
    return handle;
  }

  /** The value itself, or a rescaled stream or a table where something is pending. */
  Value materialise(Handle handle) {
    if (handle.plain()) {
      return values.get(handle.value());
    }
    Value from = values.get(handle.value());
    if (handle.curve() != null) {
      return table(handle, from, handle.curve());
    }
    Integer known = streams.get(handle);
    if (known != null) {
      return values.get(known);
    }
    String name =
        from.name() + "/" + (handle.norm() == null ? "clamp" : handle.norm().node()) + "/stream";
    // The same value may be read through several activations.
    int number = 2;
    for (String base = name; handles.containsKey(name); number++) {
      name = base + number;
    }
    Value output =
        define(name, from.channels(), from.height(), from.width(), !handle.clamp().nonNegative());
    streams.put(handle, output.id());
    stages.add(new Stage.Rescale(name, from.id(), handle.norm(), handle.clamp(), output.id()));
    return output;
  }

  private Value table(Handle handle, Value from, Curve curve) {
    Function function = new Function(handle.value(), curve);
    Integer known = tables.get(function);
    if (known != null) {
      return values.get(known);
    }
    String name = from.name() + "/" + handle.node() + "/table";
    boolean signed = !curve.nonNegative(!from.signed());
    Value output = define(name, from.channels(), from.height(), from.width(), signed);
    tables.put(function, output.id());
    stages.add(new Stage.Table(handle.node(), from.id(), curve, output.id()));
    return output;
  }

  /** A new value, which its name stands for. */
  Value define(String name, int channels, int height, int width, boolean signed) {
    Value value =
        new Value(values.size(), name, channels, height, width, Value.Kind.STREAM, signed);
    values.add(value);
    handles.put(name, new Handle(value.id(), null, Clamp.NONE, false));
    return value;
  }

  static boolean sameShape(Value a, Value b) {
    return a.channels() == b.channels() && a.height() == b.height() && a.width() == b.width();
  }
}
