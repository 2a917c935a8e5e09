package org.sysmol.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.ChildJava;

/**
 * The Vector API engine gives the bits of the scalar reference with vectors of every width up to
 * the machine's own, which {@link EngineEqualityTest} meets. The width is a constant of a process,
 * for the sake of speed, so each narrower one has a process of its own.
 */
class VectorWidthTest {
  private static final int NETWORKS = 40;

  /** Multiply-accumulates beyond which a drawn network is left out: the process is young. */
  private static final long MOST_WORK = 300_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {128, 256})
  void narrowVectorsGiveTheSameBits(int bits) throws Exception {
    if (bits > VectorConvolution.laneBits()) {
      System.out.println("not compared on this machine: vectors of " + bits + " bits");
      return;
    }
    List<String> flags =
        List.of("--add-modules", "jdk.incubator.vector", "-XX:MaxVectorSize=" + bits / 8);
    assertThat(ChildJava.run(folder.resolve("output"), flags, Child.class))
        .contains("Vector API, " + bits + "-bit vectors: " + NETWORKS + " networks equal");
  }

  /** The process with narrow vectors. */
  static final class Child {
    private Child() {}

    /** Compares networks, and says how many on what. */
    public static void main(String[] arguments) {
      SplittableRandom random = new SplittableRandom(20261127);
      VectorEngine engine = new VectorEngine();
      int compared = 0;
      for (int n = 0; compared < NETWORKS; n++) {
        RandomNetworks.Spec spec = RandomNetworks.draw(random);
        if (work(spec) > MOST_WORK) {
          continue;
        }
        PackedNetwork network = RandomNetworks.of(spec, n);
        float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
        assertThat(all(engine, network, image))
            .as("network %d, %s", n, spec)
            .isEqualTo(all(new ScalarEngine(), network, image));
        compared++;
      }
      System.out.println(engine.description() + ": " + compared + " networks equal");
    }

    private static long work(RandomNetworks.Spec s) {
      long inputs = s.depthwise() ? 1 : s.channels();
      long pixels = (long) s.height() * s.width();
      return inputs * s.outputs() * pixels * s.kernelHeight() * s.kernelWidth();
    }

    private static List<String> all(Engine engine, PackedNetwork network, float[] image) {
      try (Engine.Prepared prepared = engine.prepare(network)) {
        return NetworkRuns.all(prepared, network, image);
      }
    }
  }
}
