package org.sysmol.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.sysmol.core.SysmolException;

/** The runtimes that sysmol is timed beside. */
public enum Peer {
  /** ONNX Runtime on the float network. */
  ONNXRUNTIME_FP32,
  /** ONNX Runtime on the statically quantised network. */
  ONNXRUNTIME_INT8,
  /** oneDNN's eight-bit primitives. */
  ONEDNN_INT8,
  /** oneDNN's float primitives. */
  ONEDNN_FP32;

  /** The name on the command line and in results, {@code onnxruntime_fp32}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True for oneDNN, whose instruction set can be capped. */
  public boolean oneDnn() {
    return this == ONEDNN_INT8 || this == ONEDNN_FP32;
  }

  /**
   * Peers by name.
   *
   * @throws SysmolException (bad input) if one is unknown
   */
  public static Set<Peer> parse(Collection<String> names) {
    EnumSet<Peer> peers = EnumSet.noneOf(Peer.class);
    List<String> known = Arrays.stream(values()).map(Peer::text).toList();
    for (String name : names) {
      int index = known.indexOf(name);
      if (index < 0) {
        throw SysmolException.badInput(
            "--peers does not know " + name + "; the peers are " + String.join(", ", known) + ".");
      }
      peers.add(values()[index]);
    }
    return peers;
  }
}
