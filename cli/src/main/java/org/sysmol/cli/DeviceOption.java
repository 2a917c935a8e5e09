package org.sysmol.cli;

import org.sysmol.train.Device;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine.Option;

/** What libtorch computes on. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "WHERE",
      defaultValue = Device.AUTO,
      description =
          "Where to train: cpu, cuda (a GPU), or auto, a GPU where libtorch finds one (default:"
              + " ${DEFAULT-VALUE}). Part of the seed, as sums depend on it.")
  private String device = Device.AUTO;

  /** Refuses an unknown device, and a GPU that is not there, before anything is read. */
  void check() {
    if (!device.equals(Device.AUTO)) {
      Device.find(device);
    }
  }

  /** What is computed on. */
  String found() {
    return Device.find(device);
  }

  /**
   * A recipe on the device asked for; says so where it is not the CPU.
   *
   * @throws org.sysmol.core.SysmolException if it is not there
   */
  TrainingRecipe applied(TrainingRecipe recipe) {
    String found = Device.find(device);
    if (!found.equals(Device.CPU)) {
      System.err.println("Training on " + found + ", the first GPU that libtorch finds.");
    } else if (device.equals(Device.AUTO) && Device.withCuda()) {
      System.err.println(
          "Training on the CPU: libtorch finds no GPU, no driver for one, or not all of CUDA's"
              + " libraries (docs/training.md, \"On a GPU\").");
    }
    return recipe.withDevice(found);
  }
}
