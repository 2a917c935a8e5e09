package org.sysmol.core.plan;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Clamp;

/**
 * The edge from a tensor to the convolutions that read it in the same form: they share {@code s},
 * {@code alpha}, precisions and channel order (docs/arithmetic.md §7).
 *
 * @param id its index in {@link Plan#groups}
 * @param name name of its first layer
 * @param value the tensor it reads
 * @param norm batch normalisation between tensor and codes (pre-activation networks), or null
 * @param clamp activation between tensor and codes
 * @param searched true: every input channel has its own precision; false: an edge layer, 8 bits
 * @param signed whether the codes are signed
 * @param channelGroups groups of its convolutions; channels never change their group
 * @param depthwise true if its convolutions are depthwise, so that channel order passes through
 */
public record InputGroup(
    int id,
    String name,
    int value,
    @Nullable NormNames norm,
    Clamp clamp,
    boolean searched,
    boolean signed,
    int channelGroups,
    boolean depthwise) {
  /** True if codes are made straight from the tensor's values, with nothing in between. */
  public boolean direct() {
    return norm == null && clamp.isNone();
  }
}
