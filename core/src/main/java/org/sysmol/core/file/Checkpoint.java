package org.sysmol.core.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sysmol.core.SysmolException;

/**
 * The state of a long piece of work: facts and arrays by name, in the order in which they were put.
 * {@link CheckpointFile} stores it.
 *
 * <p>Arrays are handed over, not copied: what is put must not change until it is written.
 */
public final class Checkpoint {
  private final String source;
  private final Map<String, String> facts = new LinkedHashMap<>();
  private final Map<String, Object> arrays = new LinkedHashMap<>();

  /** An empty one. */
  public Checkpoint() {
    this("The checkpoint");
  }

  /** One that messages call {@code source}, such as the file that it comes from. */
  Checkpoint(String source) {
    this.source = source;
  }

  /** Puts a fact, replacing one of that name. */
  public Checkpoint put(String name, String value) {
    facts.put(name, value);
    return this;
  }

  /** Puts an array, replacing one of that name. */
  public Checkpoint put(String name, float[] values) {
    return putArray(name, values);
  }

  /** Puts an array, replacing one of that name. */
  public Checkpoint put(String name, double[] values) {
    return putArray(name, values);
  }

  /** Puts an array, replacing one of that name. */
  public Checkpoint put(String name, int[] values) {
    return putArray(name, values);
  }

  /** Puts an array, replacing one of that name. */
  public Checkpoint put(String name, long[] values) {
    return putArray(name, values);
  }

  /** Puts an array, replacing one of that name. */
  public Checkpoint put(String name, byte[] values) {
    return putArray(name, values);
  }

  /** Puts an array of one of the five types. */
  Checkpoint putArray(String name, Object values) {
    arrays.put(name, values);
    return this;
  }

  /** All facts, in order. */
  public Map<String, String> facts() {
    return Collections.unmodifiableMap(facts);
  }

  /** The names of all arrays, in order. */
  public Set<String> arrayNames() {
    return Collections.unmodifiableSet(arrays.keySet());
  }

  /** All arrays, in order. */
  Map<String, Object> arrays() {
    return Collections.unmodifiableMap(arrays);
  }

  /** A fact, if there is one of that name. */
  public Optional<String> findFact(String name) {
    return Optional.ofNullable(facts.get(name));
  }

  /** A fact; its absence is refused with a sentence. */
  public String fact(String name) {
    return findFact(name).orElseThrow(() -> lacks("fact", name));
  }

  /** An array; another type or its absence is refused with a sentence. */
  public float[] floats(String name) {
    return array(name, float[].class);
  }

  /** An array; another type or its absence is refused with a sentence. */
  public double[] doubles(String name) {
    return array(name, double[].class);
  }

  /** An array; another type or its absence is refused with a sentence. */
  public int[] ints(String name) {
    return array(name, int[].class);
  }

  /** An array; another type or its absence is refused with a sentence. */
  public long[] longs(String name) {
    return array(name, long[].class);
  }

  /** An array; another type or its absence is refused with a sentence. */
  public byte[] bytes(String name) {
    return array(name, byte[].class);
  }

  private <T> T array(String name, Class<T> type) {
    Object values = arrays.get(name);
    if (!type.isInstance(values)) {
      throw lacks(type.getSimpleName() + " array", name);
    }
    return type.cast(values);
  }

  private SysmolException lacks(String what, String name) {
    return SysmolException.badInput(
        source
            + " has no "
            + what
            + " called "
            + name
            + ", so it belongs to another run; delete it to start the run anew.");
  }
}
