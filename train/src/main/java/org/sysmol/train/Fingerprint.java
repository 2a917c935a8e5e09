package org.sysmol.train;

import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.sysmol.core.network.Network;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.Quantisers;

/**
 * What tells apart the things that training depends on, in 16 digits that are the same anywhere.
 */
final class Fingerprint {
  private Fingerprint() {}

  /** Of a network: its graph with all attributes, and its constants. */
  static String of(Network network) {
    MessageDigest digest = sha256();
    StringBuilder graph = new StringBuilder();
    append(graph, network.inputs());
    append(graph, network.nodes());
    append(graph, network.outputs());
    digest.update(graph.toString().getBytes(StandardCharsets.UTF_8));
    new TreeMap<>(network.constants())
        .forEach(
            (name, tensor) -> {
              StringBuilder head = new StringBuilder();
              append(head, name);
              append(head, tensor.shape());
              digest.update(head.toString().getBytes(StandardCharsets.UTF_8));
              ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.data().length);
              bytes.asFloatBuffer().put(tensor.data());
              digest.update(bytes);
            });
    return shortened(digest);
  }

  /** Of how pictures become a network's input. */
  static String of(Preprocessing preprocessing) {
    return ofRecord(preprocessing);
  }

  /** Of steps, precisions and {@code p^}. */
  static String of(Quantisers quantisers) {
    return ofRecord(quantisers);
  }

  /** Of a text. */
  static String of(String text) {
    MessageDigest digest = sha256();
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return shortened(digest);
  }

  private static String ofRecord(Record record) {
    StringBuilder text = new StringBuilder();
    append(text, record);
    return of(text.toString());
  }

  private static String shortened(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
  }

  /** Values, and what they are made of; arrays by their contents. */
  private static void append(StringBuilder text, Object value) {
    switch (value) {
      case String s -> text.append(s.length()).append(':').append(s);
      case Number n -> text.append(n);
      case Boolean b -> text.append(b);
      case Enum<?> e -> text.append(e.name());
      case Record r -> {
        text.append(r.getClass().getSimpleName()).append('[');
        for (RecordComponent part : r.getClass().getRecordComponents()) {
          text.append(part.getName()).append('=');
          append(text, component(r, part));
          text.append(';');
        }
        text.append(']');
      }
      case Map<?, ?> m ->
          m.forEach(
              (k, v) -> {
                append(text, k);
                append(text, v);
              });
      case Iterable<?> i -> {
        text.append('(');
        for (Object item : i) {
          append(text, item);
          text.append(',');
        }
        text.append(')');
      }
      case Object array when array.getClass().isArray() -> {
        text.append('{');
        for (int i = 0; i < Array.getLength(array); i++) {
          append(text, Array.get(array, i));
          text.append(',');
        }
        text.append('}');
      }
      default ->
          throw new IllegalStateException("No fingerprint of a " + value.getClass().getName());
    }
  }

  private static Object component(Record record, RecordComponent part) {
    try {
      part.getAccessor().setAccessible(true);
      Object value = part.getAccessor().invoke(record);
      return value == null ? "null" : value;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A record's accessors can be called", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
