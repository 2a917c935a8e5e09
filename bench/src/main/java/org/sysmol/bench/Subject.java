package org.sysmol.bench;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
 * peers. The float network is made when a peer asks for it first, for there are packed networks
 * that have none, and sysmol alone needs none.
 */
public final class Subject {
  private final PackedNetwork packed;
  private final Supplier<Network> maker;
  private @Nullable Network floats;

  private Subject(PackedNetwork packed, Supplier<Network> maker) {
    this.packed = packed;
    this.maker = maker;
  }

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
        NetworkCompiler.compile(quantisation.quantise(mix, seed)), quantisation::network);
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
        NetworkCompiler.compile(quantisation.quantise(mix, chip, seed)), quantisation::network);
  }

  /**
   * A packed network from a file.
   *
   * @param file a {@code .smol}
   * @param onnx the same network in floats, read at once; without one, peers run the values of its
   *     weight codes
   * @throws SysmolException (bad input) if a file can't be read or the two take other pictures
   */
  public static Subject ofFile(Path file, Optional<Path> onnx) {
    PackedNetwork packed = SmolFile.read(file);
    if (onnx.isEmpty()) {
      return new Subject(packed, () -> FloatTwin.of(packed));
    }
    Network floats = OnnxReader.read(onnx.get()).network();
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
              + onnx.get()
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
    return new Subject(packed, () -> floats);
  }

  /** What sysmol runs. */
  public PackedNetwork packed() {
    return packed;
  }

  /**
   * What peers run, or quantise for themselves.
   *
   * @throws SysmolException (bad input) if there is no float network of the packed one
   */
  public Network floats() {
    Network made = floats;
    if (made == null) {
      made = maker.get();
      floats = made;
    }
    return made;
  }

  /** Shape of one image for a peer, {@code [1, channels, height, width]}. */
  public long[] shape() {
    PackedTensor image = packed.image();
    return new long[] {1, image.channels(), image.height(), image.width()};
  }
}
