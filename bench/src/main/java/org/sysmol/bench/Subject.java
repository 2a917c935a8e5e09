package org.sysmol.bench;

import java.nio.file.Path;
import java.util.Optional;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.bench.synthetic.SyntheticQuantisation;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.network.Network;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.pattern.Packing;
import org.sysmol.onnx.OnnxReader;
import org.sysmol.train.zoo.NetworkZoo;

/**
 * What is timed: a packed network for sysmol and a float network of the same architecture for its
 * peers.
 *
 * @param packed what sysmol runs
 * @param floats what peers run, or quantise for themselves
 */
public record Subject(PackedNetwork packed, Network floats) {
  /**
   * A known architecture without training.
   *
   * @param name one of {@link NetworkZoo#names}
   * @param mix of precisions in every searched layer
   * @param seed of weights, pictures and channels
   */
  public static Subject ofZoo(String name, ChannelMix mix, long seed) {
    SyntheticQuantisation quantisation =
        SyntheticQuantisation.of(NetworkZoo.create(name, seed), seed);
    return new Subject(
        NetworkCompiler.compile(quantisation.quantise(mix, seed)), quantisation.network());
  }

  /**
   * The same with each layer's channels matched to a chip's registers by the paper's rule.
   *
   * @param chip how its registers hold weights
   */
  public static Subject ofZoo(String name, ChannelMix mix, Packing chip, long seed) {
    SyntheticQuantisation quantisation =
        SyntheticQuantisation.of(NetworkZoo.create(name, seed), seed);
    return new Subject(
        NetworkCompiler.compile(quantisation.quantise(mix, chip, seed)), quantisation.network());
  }

  /**
   * A packed network from a file.
   *
   * @param file a {@code .smol}
   * @param onnx the same network in floats; without one, peers run the values of its weight codes
   */
  public static Subject ofFile(Path file, Optional<Path> onnx) {
    PackedNetwork packed = SmolFile.read(file);
    Network floats =
        onnx.map(path -> OnnxReader.read(path).network()).orElseGet(() -> FloatTwin.of(packed));
    PackedTensor image = packed.image();
    int[] shape = floats.inputs().size() == 1 ? floats.inputs().getFirst().shape() : new int[0];
    int[] given = {-1, image.channels(), image.height(), image.width()};
    boolean fits = shape.length == 4;
    for (int i = 1; fits && i < 4; i++) {
      fits = shape[i] == -1 || shape[i] == given[i];
    }
    if (!fits) {
      throw SysmolException.badInput(
          "The network of "
              + onnx.map(Path::toString).orElse("?")
              + " does not take the pictures of "
              + file
              + ", "
              + image.channels()
              + "x"
              + image.height()
              + "x"
              + image.width()
              + " (channels, rows, columns); give the ONNX file of the same network.");
    }
    return new Subject(packed, floats);
  }

  /** Shape of one image for a peer, {@code [1, channels, height, width]}. */
  public long[] shape() {
    PackedTensor image = packed.image();
    return new long[] {1, image.channels(), image.height(), image.width()};
  }
}
