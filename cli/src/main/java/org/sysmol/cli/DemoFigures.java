package org.sysmol.cli;

import java.util.List;
import java.util.Optional;
import org.sysmol.bench.Timing;
import org.sysmol.runtime.cost.Peak;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.train.LayerErrors;

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

  /** What each part costs when it alone is quantised. */
  List<LayerErrors.Part> errors = List.of();

  /** Time of each step in one run. */
  long[] stepNanoseconds = {};

  /** Why each step runs as it does. */
  List<Explanation> explanations = List.of();

  /** What the processor reaches; empty where no machine code ran. */
  Optional<Peak> peak = Optional.empty();

  /** Seconds from start to end. */
  double seconds;
}
