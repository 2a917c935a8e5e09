package org.sysmol.core.architecture;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.sysmol.core.SysmolException;

/**
 * The lines of an architecture file that describe its core (docs/hardware.md, "Cores"). What is not
 * set is as in the core that {@code core} names.
 */
final class CoreText {
  /** The key that names the core to start from. */
  static final String CORE = "core";

  private static final String BASE_UNIT = "base-unit";

  @SuppressWarnings("ImmutableEnumChecker") // the functions have no state
  private enum Key {
    ISSUE_WIDTH(Core::issueWidth),
    WINDOW(Core::window),
    SIMD_UNITS(Core::simdUnits),
    LOAD_UNITS(Core::loadUnits),
    STORE_UNITS(Core::storeUnits),
    INTEGER_UNITS(Core::integerUnits),
    CLOCK_MHZ(Core::clockMhz),
    LATENCY_LOAD(c -> c.latencies().load()),
    LATENCY_INTEGER(c -> c.latencies().integer()),
    LATENCY_SIMD(c -> c.latencies().simd()),
    LATENCY_MULTIPLY(c -> c.latencies().multiply()),
    LATENCY_MIXED(c -> c.latencies().mixed()),
    LATENCY_ACCUMULATE(c -> c.latencies().accumulate()),
    LATENCY_FLOAT_ADD(c -> c.latencies().floatAdd()),
    LATENCY_FLOAT_MULTIPLY(c -> c.latencies().floatMultiply()),
    LATENCY_FLOAT_MULTIPLY_ADD(c -> c.latencies().floatMultiplyAdd()),
    LATENCY_FLOAT_ACCUMULATE(c -> c.latencies().floatAccumulate()),
    LATENCY_CONVERT(c -> c.latencies().convert()),
    L1_KIB(c -> c.l1().kib()),
    L1_WAYS(c -> c.l1().ways()),
    L2_KIB(c -> c.l2().kib()),
    L2_WAYS(c -> c.l2().ways()),
    LATENCY_L2(c -> c.l2().cycles()),
    LINE_BYTES(c -> c.l1().lineBytes()),
    PREFETCH_LINES(Core::prefetchLines),
    MEMORY_NS(Core::memoryNanoseconds),
    MEMORY_GB_PER_S(Core::memoryGigabytesPerSecond),
    MULTIPLY_UNITS(c -> c.shares().multiplyUnits()),
    SHIFT_UNITS(c -> c.shares().shiftUnits()),
    MULTIPLY_CYCLES(c -> c.shares().multiplyCycles()),
    CONVERT_CYCLES(c -> c.shares().convertCycles());

    private final ToDoubleFunction<Core> get;

    Key(ToDoubleFunction<Core> get) {
      this.get = get;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private CoreText() {}

  /** All keys, in the order in which they are written. */
  static List<String> keys() {
    List<String> keys = new ArrayList<>(List.of(CORE));
    for (Key key : Key.values()) {
      keys.add(key.text());
    }
    keys.add(BASE_UNIT);
    return keys;
  }

  /** The core of a text. */
  static Core read(KeyValueText text) {
    KeyValueText.Entry named = text.get(CORE);
    Core start = Core.OUT_OF_ORDER;
    if (named != null) {
      start = Core.PRESETS.get(named.value());
      if (start == null) {
        throw text.problem(
            named.line(),
            "%s is '%s'; use one of %s"
                .formatted(
                    CORE,
                    KeyValueText.shown(named.value()),
                    String.join(", ", Core.PRESETS.keySet())));
      }
    }
    Map<Key, Double> values = new EnumMap<>(Key.class);
    for (Key key : Key.values()) {
      KeyValueText.Entry entry = text.get(key.text());
      values.put(key, entry == null ? key.get.applyAsDouble(start) : number(text, key, entry));
    }
    Core.BaseUnit unit = baseUnit(text, start);
    try {
      return core(start.outOfOrder(), values, unit);
    } catch (SysmolException e) {
      // A core's sentences on a single value name it by its key.
      String message = String.valueOf(e.getMessage());
      for (Key key : Key.values()) {
        KeyValueText.Entry entry = text.get(key.text());
        if (entry != null && message.contains(" " + key.text() + " ")) {
          throw text.problem(entry.line(), message.replaceAll("\\.$", ""));
        }
      }
      throw SysmolException.badInput(text.where() + ": " + message, e);
    }
  }

  private static double number(KeyValueText text, Key key, KeyValueText.Entry entry) {
    boolean fraction = key == Key.MEMORY_GB_PER_S;
    if (!entry.value().matches(fraction ? "-?[0-9]{1,9}(\\.[0-9]{1,3})?" : "-?[0-9]{1,9}")) {
      throw text.problem(
          entry.line(),
          "%s is '%s'; use a %s"
              .formatted(
                  key.text(),
                  KeyValueText.shown(entry.value()),
                  fraction ? "number such as 12.8" : "whole number of at most 9 digits"));
    }
    return Double.parseDouble(entry.value());
  }

  private static Core.BaseUnit baseUnit(KeyValueText text, Core start) {
    KeyValueText.Entry entry = text.get(BASE_UNIT);
    if (entry == null) {
      return start.baseUnit();
    }
    for (Core.BaseUnit unit : Core.BaseUnit.values()) {
      if (name(unit).equals(entry.value())) {
        return unit;
      }
    }
    throw text.problem(
        entry.line(),
        "%s is '%s'; use %s"
            .formatted(
                BASE_UNIT,
                KeyValueText.shown(entry.value()),
                java.util.Arrays.stream(Core.BaseUnit.values())
                    .map(CoreText::name)
                    .collect(Collectors.joining(" or "))));
  }

  private static String name(Core.BaseUnit unit) {
    return unit.name().toLowerCase(Locale.ROOT);
  }

  private static Core core(boolean outOfOrder, Map<Key, Double> v, Core.BaseUnit unit) {
    int line = whole(v, Key.LINE_BYTES);
    return new Core(
        outOfOrder,
        whole(v, Key.ISSUE_WIDTH),
        whole(v, Key.WINDOW),
        whole(v, Key.SIMD_UNITS),
        whole(v, Key.LOAD_UNITS),
        whole(v, Key.STORE_UNITS),
        whole(v, Key.INTEGER_UNITS),
        whole(v, Key.CLOCK_MHZ),
        new Core.Latencies(
            whole(v, Key.LATENCY_LOAD),
            whole(v, Key.LATENCY_INTEGER),
            whole(v, Key.LATENCY_SIMD),
            whole(v, Key.LATENCY_MULTIPLY),
            whole(v, Key.LATENCY_MIXED),
            whole(v, Key.LATENCY_ACCUMULATE),
            whole(v, Key.LATENCY_FLOAT_ADD),
            whole(v, Key.LATENCY_FLOAT_MULTIPLY),
            whole(v, Key.LATENCY_FLOAT_MULTIPLY_ADD),
            whole(v, Key.LATENCY_FLOAT_ACCUMULATE),
            whole(v, Key.LATENCY_CONVERT)),
        new Core.Cache(whole(v, Key.L1_KIB), whole(v, Key.L1_WAYS), line, 0),
        new Core.Cache(whole(v, Key.L2_KIB), whole(v, Key.L2_WAYS), line, whole(v, Key.LATENCY_L2)),
        whole(v, Key.PREFETCH_LINES),
        whole(v, Key.MEMORY_NS),
        v.getOrDefault(Key.MEMORY_GB_PER_S, 0.0),
        unit,
        new Core.Shares(
            whole(v, Key.MULTIPLY_UNITS),
            whole(v, Key.SHIFT_UNITS),
            whole(v, Key.MULTIPLY_CYCLES),
            whole(v, Key.CONVERT_CYCLES)));
  }

  private static int whole(Map<Key, Double> values, Key key) {
    return values.getOrDefault(key, 0.0).intValue();
  }

  /** Lines that read as this core. */
  static String text(Core core) {
    String start = core.outOfOrder() ? Core.OUT_OF_ORDER_NAME : Core.IN_ORDER_NAME;
    StringBuilder text = new StringBuilder();
    text.append(CORE).append(" = ").append(start).append('\n');
    for (Key key : Key.values()) {
      double value = key.get.applyAsDouble(core);
      String number =
          value == Math.rint(value)
              ? Integer.toString((int) value)
              : java.math.BigDecimal.valueOf(value).toPlainString();
      text.append(key.text()).append(" = ").append(number).append('\n');
    }
    return text.append(BASE_UNIT)
        .append(" = ")
        .append(name(core.baseUnit()))
        .append('\n')
        .toString();
  }
}
