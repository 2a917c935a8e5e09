package org.sysmol.onnx;

import java.util.Arrays;
import java.util.List;

/** Sizes of results where some sizes are free. */
final class Sizes {
  private Sizes() {}

  /** The common sizes of two tensors that are combined cell by cell. */
  static Dim[] broadcast(NodeContext node, Dim[] left, Dim[] right) {
    int rank = Math.max(left.length, right.length);
    Dim[] sizes = new Dim[rank];
    for (int axis = 0; axis < rank; axis++) {
      int inLeft = axis - (rank - left.length);
      int inRight = axis - (rank - right.length);
      Dim a = inLeft < 0 ? Dim.of(1) : left[inLeft];
      Dim b = inRight < 0 ? Dim.of(1) : right[inRight];
      if (a.equals(b) || b.is(1)) {
        sizes[axis] = a;
      } else if (a.is(1)) {
        sizes[axis] = b;
      } else if (a.known() && b.known()) {
        throw node.broken(
            "combines the sizes " + List.of(left) + " and " + List.of(right) + " cell by cell");
      } else if (a.known() || b.known()) {
        sizes[axis] = a.known() ? a : b; // A free size must fit a known one larger than 1.
      } else {
        sizes[axis] = Dim.free("common(" + a + "," + b + ")");
      }
    }
    return sizes;
  }

  /** The product of some sizes. */
  static Dim product(Dim... sizes) {
    return Arrays.stream(sizes).reduce(Dim.of(1), Dim::times);
  }

  /** Both sizes must be the same as far as they are known. */
  static void requireSame(NodeContext node, Dim left, Dim right, String what) {
    if (left.known() && right.known() && left.value() != right.value()) {
      throw node.broken("needs " + what + " to agree, but they are " + left + " and " + right);
    }
  }

  /** The sizes of a tensor that must have one value for each channel. */
  static void requireVector(NodeContext node, int index, Dim channels, String what) {
    Dim[] sizes = node.sizes(index);
    if (sizes.length != 1) {
      throw node.broken("has a " + what + " of sizes " + List.of(sizes) + ", which is no vector");
    }
    requireSame(node, sizes[0], channels, "the lengths of its " + what + " and its channels");
  }
}
