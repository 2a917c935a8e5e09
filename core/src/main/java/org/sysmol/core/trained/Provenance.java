package org.sysmol.core.trained;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a result comes from: data, seed, command, version and whatever else tells how to make it
 * again.
 *
 * @param facts by name, in a fixed order
 */
public record Provenance(Map<String, String> facts) {
  /** Copies the facts, keeping their order. */
  public Provenance {
    facts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  /** The same facts and one more; a fact of that name is replaced. */
  public Provenance with(String name, String value) {
    var more = new LinkedHashMap<>(facts);
    more.put(name, value);
    return new Provenance(more);
  }
}
