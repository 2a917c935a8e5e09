package org.sysmol.hardware.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.ArchitectureFile;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;

/** Programs of every trained network of the repository give the bits of the scalar reference. */
class ZooSimulationTest {
  static List<Path> zoo() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "zoo"))) {
      return files.filter(f -> f.toString().endsWith(".smol")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("zoo")
  void programsEqualTheReference(Path file) {
    equal(file, "P4", Core.OUT_OF_ORDER);
    equal(file, "P45+taps+256", Core.OUT_OF_ORDER);
    equal(
        file,
        "P4+512",
        ArchitectureFile.parse("core = in-order\nbase-unit = matrix", "Text", "m").core());
  }

  private static void equal(Path file, String architecture, Core core) {
    PackedNetwork network = SmolFile.read(file);
    float[] image = new float[network.image().size()];
    Random random = new Random(1);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextGaussian();
    }
    float[] expected = new float[network.result().size()];
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network);
        Engine.Context context = prepared.newContext(1)) {
      context.run(image, expected);
    }
    NetworkRun run =
        Simulation.run(
            network,
            Architecture.named(architecture).withCore(core),
            image,
            Simulator.Shortcut.STEADY_STATE);
    float[] actual = new float[expected.length];
    for (int i = 0; i < actual.length; i++) {
      int channel = i % network.result().channels();
      actual[
              network.result().order()[channel] * (actual.length / network.result().channels())
                  + i / network.result().channels()] =
          run.result()[i];
    }
    assertThat(actual).isEqualTo(expected);
    assertThat(run.steps()).allSatisfy(s -> assertThat(s.cycles()).isPositive());
  }
}
