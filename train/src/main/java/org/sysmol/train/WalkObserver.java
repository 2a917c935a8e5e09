package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;

/** Looks on while a network is walked: calibration and the search for a number gone wrong. */
interface WalkObserver {
  /** A value before it is stored. */
  default void value(Value value, Tensor tensor) {}

  /** The input of a group's convolutions before it is disturbed. */
  default void input(InputGroup group, Tensor tensor) {}

  /** The output of a stage, as its consumers see it. */
  default void stage(Stage stage, Tensor output) {}
}
