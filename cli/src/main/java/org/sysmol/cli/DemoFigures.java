package org.sysmol.cli;

import java.util.List;
import org.sysmol.bench.Timing;

/** Figures that the demonstration gathers on its way. */
final class DemoFigures {
  /** Percent of test images that the full-precision network gets right before the search. */
  double fp32Start;

  /** The same after it was trained on for as many epochs as search and fine-tuning took. */
  double fp32;

  /** Percent of test images that the packed network gets right. */
  double quantised;

  /** The engine that was picked. */
  Timing sysmol = new Timing("", 0, 0, 0, 0);

  /** ONNX Runtime on the full-precision network. */
  Timing peer = new Timing("", 0, 0, 0, 0);

  /** Other engines. */
  List<Timing> others = List.of();

  /** Timed inferences of each. */
  int calls;

  /** Time of each step in one run. */
  long[] stepNanoseconds = {};

  /** Seconds from start to end. */
  double seconds;
}
