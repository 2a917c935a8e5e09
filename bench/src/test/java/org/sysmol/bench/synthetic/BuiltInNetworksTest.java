package org.sysmol.bench.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sysmol.bench.OnnxRuntimePeer;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.network.Network;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.onnx.PackedOnnxWriter;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.train.zoo.NetworkZoo;

/**
 * Every built-in network compiles with precisions at random and gives the same bits on the
 * reference, on this machine's best engine and as ONNX; pictures are small where the network's own
 * would take long.
 */
class BuiltInNetworksTest {
  private static final int MOST_SIDE = 32;

  @TempDir private static Path folder;

  static List<String> names() {
    return NetworkZoo.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void enginesAgree(String name) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    double one = random.nextInt(10, 60);
    double two = random.nextInt(10, 40);
    Network network = small(NetworkZoo.create(name, 5));
    PackedNetwork packed =
        NetworkCompiler.compile(
            SyntheticQuantisation.of(network, 5, 3)
                .quantise(new ChannelMix(one, two, 100 - one - two), 5));
    NetworkCheck.check(packed);
    List<float[]> pictures = SmoothPictures.normalised(packed.preprocessing(), 2, 6);
    Path onnx = folder.resolve(name + ".onnx");
    PackedOnnxWriter.write(packed, onnx);
    PackedTensor image = packed.image();
    long[] shape = {1, image.channels(), image.height(), image.width()};
    try (SmolNetwork reference =
            SmolNetwork.of(packed, new EngineChoice(new ScalarEngine(), List.of()));
        SmolNetwork fast = SmolNetwork.of(packed, EngineChoice.auto());
        SmolNetwork vector = SmolNetwork.of(packed, EngineChoice.named("vector"));
        OnnxRuntimePeer plain = OnnxRuntimePeer.unoptimised(onnx, shape, 1)) {
      for (float[] picture : pictures) {
        float[] expected = reference.newSession().run(picture);
        assertThat(fast.newSession().run(picture)).isEqualTo(expected);
        assertThat(vector.newSession().run(picture)).isEqualTo(expected);
        assertThat(plain.run(picture)).isEqualTo(expected);
        assertThat(expected[0]).isNotEqualTo(expected[1]);
      }
    }
  }

  /** The same network for smaller pictures, where it takes any size. */
  private static Network small(Network network) {
    Network.Input image = network.inputs().getFirst();
    int side = Math.min(MOST_SIDE, image.shape()[2]);
    return new Network(
        network.name(),
        List.of(new Network.Input(image.name(), new int[] {-1, 3, side, side})),
        network.nodes(),
        network.outputs(),
        network.constants());
  }
}
