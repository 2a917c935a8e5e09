package org.sysmol.core.packed;

import java.util.List;

/** The rules of an index map: what it names exists, and its sizes are those of its output. */
final class GatherCheck {
  private GatherCheck() {}

  static void check(
      Step.Gather gather,
      List<PackedTensor> tensors,
      PackedTensor output,
      TableCheck.Requirement requirement) {
    PackedTensor first = tensors.get(gather.input());
    long channels = 0;
    for (int input : gather.inputs()) {
      PackedTensor tensor = tensors.get(input);
      requirement.require(
          tensor.encoding() instanceof Encoding.Eight, "gathers from what is not eight bits");
      requirement.require(
          tensor.height() == first.height() && tensor.width() == first.width(),
          "gathers from tensors of different sizes");
      channels += tensor.channels();
    }
    requirement.require(
        channels <= NetworkCheck.MAX_CHANNELS,
        "gathers from more than " + NetworkCheck.MAX_CHANNELS + " channels");
    axis("channels", gather.channels(), output.channels(), (int) channels, requirement);
    axis("rows", gather.rows(), output.height(), first.height(), requirement);
    axis("columns", gather.columns(), output.width(), first.width(), requirement);
  }

  private static void axis(
      String what, int[] from, int size, int sources, TableCheck.Requirement requirement) {
    requirement.require(
        from.length == size, "gathers " + from.length + " of its output's " + size + " " + what);
    for (int source : from) {
      if (source < -1 || source >= sources) {
        requirement.require(false, "gathers from " + source + " of " + sources + " " + what);
      }
    }
  }
}
