package org.sysmol.core.file;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;

/**
 * Operators as records (docs/file-format.md §8): the operator's name, then each attribute with its
 * name, so that a file says itself what its numbers mean.
 *
 * <p>It follows the declarations in {@link Operator}, so a new operator needs nothing here. Only
 * the records that {@link Operator} permits are ever constructed.
 */
final class OperatorCodec {
  /** Most numbers of one attribute. */
  private static final int MAX_NUMBERS = 64;

  private OperatorCodec() {}

  static void write(RecordWriter out, Operator operator) {
    Class<? extends Operator> type = operator.getClass();
    out.name("kind of an operator", type.getSimpleName());
    RecordComponent[] components = type.getRecordComponents();
    out.u8(components.length);
    for (RecordComponent component : components) {
      out.name("name of an attribute", component.getName());
      Object value;
      try {
        value = component.getAccessor().invoke(operator);
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("A record's accessor failed", e);
      }
      attribute(out, value);
    }
  }

  private static void attribute(RecordWriter out, Object value) {
    switch (value) {
      case Integer number -> out.zigzag(number);
      case Float number -> out.f32(number);
      case Boolean flag -> out.flag(flag);
      case int[] numbers -> out.ints(numbers);
      case float[] numbers -> {
        out.varint(numbers.length);
        out.f32s(numbers);
      }
      case Padding padding -> {
        attribute(out, padding.mode());
        out.ints(padding.pads());
      }
      case Enum<?> choice -> out.name("attribute", choice.name());
      default -> throw new IllegalStateException("No rule for attributes of " + value.getClass());
    }
  }

  static Operator read(RecordReader in) {
    String kind = in.name("kind of an operator");
    for (Class<?> type : Operator.class.getPermittedSubclasses()) {
      if (type.getSimpleName().equals(kind)) {
        return read(in, type.asSubclass(Operator.class));
      }
    }
    throw in.problem("the operator " + kind + " is unknown");
  }

  private static <T extends Operator> T read(RecordReader in, Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    int count = in.u8("number of attributes");
    if (count != components.length) {
      throw in.problem(
          "operator "
              + type.getSimpleName()
              + " has "
              + count
              + " attributes where "
              + components.length
              + " are expected");
    }
    Class<?>[] types = new Class<?>[count];
    Object[] values = new Object[count];
    for (int i = 0; i < count; i++) {
      String name = in.name("name of an attribute");
      if (!name.equals(components[i].getName())) {
        throw in.problem(
            "operator "
                + type.getSimpleName()
                + " has the attribute "
                + name
                + " where "
                + components[i].getName()
                + " is expected");
      }
      types[i] = components[i].getType();
      values[i] = attribute(in, name, types[i]);
    }
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SysmolException refusal) {
        throw in.problem(String.valueOf(refusal.getMessage()).replaceAll("\\.$", ""));
      }
      throw new IllegalStateException("A record's constructor failed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A record has no constructor", e);
    }
  }

  private static Object attribute(RecordReader in, String name, Class<?> type) {
    if (type == int.class) {
      return in.zigzag(name);
    }
    if (type == float.class) {
      return in.f32(name);
    }
    if (type == boolean.class) {
      return in.flag(name);
    }
    if (type == int[].class) {
      return in.ints(name, MAX_NUMBERS);
    }
    if (type == float[].class) {
      return in.f32s(name, in.count(name, MAX_NUMBERS, 4));
    }
    if (type == Padding.class) {
      Padding.Mode mode = (Padding.Mode) choice(in, name, Padding.Mode.class);
      return new Padding(mode, in.ints(name, MAX_NUMBERS));
    }
    if (type.isEnum()) {
      return choice(in, name, type);
    }
    throw new IllegalStateException("No rule for attributes of " + type);
  }

  private static Object choice(RecordReader in, String attribute, Class<?> type) {
    String word = in.name(attribute);
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(word)) {
        return constant;
      }
    }
    throw in.problem(
        "the attribute "
            + attribute
            + " is "
            + word.toLowerCase(Locale.ROOT)
            + ", which is unknown");
  }
}
