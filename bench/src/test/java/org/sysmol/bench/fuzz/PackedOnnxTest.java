package org.sysmol.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.bench.OnnxRuntimePeer;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.onnx.PackedOnnxWriter;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;

/** Packed networks written as ONNX give the reference's bits in ONNX Runtime. */
class PackedOnnxTest {
  private static final int NETWORKS = 200;

  @TempDir private Path folder;

  @Test
  void randomNetworksGiveTheSameBits() {
    Set<String> kinds = new HashSet<>();
    int wide = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      PackedNetwork network = RandomNetwork.of(seed);
      NetworkCheck.check(network);
      network.steps().forEach(step -> kinds.add(step.getClass().getSimpleName()));
      for (Step step : network.steps()) {
        wide += step instanceof Step.Convolution c && c.bounds().magnitude() > 1 << 24 ? 1 : 0;
      }
      Path file = folder.resolve(seed + ".onnx");
      PackedOnnxWriter.write(network, file);
      PackedTensor image = network.image();
      long[] shape = {1, image.channels(), image.height(), image.width()};
      SplittableRandom random = new SplittableRandom(~seed);
      try (Engine.Prepared reference = new ScalarEngine().prepare(network);
          OnnxRuntimePeer plain = OnnxRuntimePeer.unoptimised(file, shape, 1);
          OnnxRuntimePeer optimised = new OnnxRuntimePeer(file, shape, 1)) {
        for (int i = 0; i < 2; i++) {
          float range = image.step() * (i == 0 ? 150 : 5000);
          float[] pixels = new float[image.size()];
          for (int k = 0; k < pixels.length; k++) {
            pixels[k] = (float) random.nextDouble(-range, range);
          }
          int[] expected = bits(run(reference, network, pixels));
          assertThat(bits(plain.run(pixels)))
              .as("network %d, image %d, optimisations off", seed, i)
              .isEqualTo(expected);
          assertThat(bits(optimised.run(pixels)))
              .as("network %d, image %d, optimisations on", seed, i)
              .isEqualTo(expected);
        }
      }
    }
    assertThat(wide).as("layers whose sums binary32 can't hold").isPositive();
    for (Class<?> kind : Step.class.getPermittedSubclasses()) {
      assertThat(kinds).contains(kind.getSimpleName());
    }
  }

  private static float[] run(Engine.Prepared engine, PackedNetwork network, float[] image) {
    Engine.Context context = engine.newContext(1);
    try {
      float[] result = new float[network.result().size()];
      context.run(image, result);
      return result;
    } finally {
      context.close();
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
