package org.sysmol.core.plan;

import java.util.ArrayList;
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
  private final Network network;
  private final List<Stage> stages;
  private final List<Value> values = new ArrayList<>();
  private final Map<String, Handle> handles = new LinkedHashMap<>();
  private final Map<Handle, Integer> streams = new LinkedHashMap<>();
  private final Map<Function, Integer> tables = new LinkedHashMap<>();

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

    Handle flattened() {
      return new Handle(value, norm, clamp, true, curve, node);
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

  /** What a name stands for. */
  Handle handle(String name, String reader) {
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
