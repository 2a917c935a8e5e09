package org.sysmol.core.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;

/** One step of the integer network, before channels are rearranged. */
public sealed interface Stage {
  /** Name of the node that it comes from. */
  String name();

  /** Id of the value it defines. */
  int output();

  /**
   * A convolution or linear layer with all that is fused into it: {@code clamp(norm(conv + bias) +
   * residual)}. A linear layer is a convolution whose window is the whole map.
   *
   * @param name name of the node
   * @param group the {@link InputGroup} it reads
   * @param inputChannels channels of its input
   * @param outputChannels channels of its output
   * @param groups channel groups
   * @param window geometry
   * @param weight name of the weights, data in the order {@code [out, in/groups, kernelHeight,
   *     kernelWidth]}
   * @param bias name of the bias, or null
   * @param norm batch normalisation, or null
   * @param residual id of the stream that is added, or -1
   * @param clamp activation
   * @param output id of the value it defines
   */
  record Convolution(
      String name,
      int group,
      int inputChannels,
      int outputChannels,
      int groups,
      Window window,
      String weight,
      @Nullable String bias,
      @Nullable NormNames norm,
      int residual,
      Clamp clamp,
      int output)
      implements Stage {
    /** Input channels that one output reads. */
    public int channelsPerOutput() {
      return inputChannels / groups;
    }

    /** Weights of one output channel. */
    public int weightsPerOutput() {
      return channelsPerOutput() * window.taps();
    }

    /** The input channel that a weight reads, by its index in the order of {@link #weight}. */
    public int inputChannel(int index) {
      int first = index / weightsPerOutput() / (outputChannels / groups) * channelsPerOutput();
      return first + index % weightsPerOutput() / window.taps();
    }

    /** Number of weights. */
    public long weights() {
      return (long) outputChannels * weightsPerOutput();
    }

    /** Weights that one input channel has: the price of a bit of its precision. */
    public long weightsPerInputChannel() {
      return (long) (outputChannels / groups) * window.taps();
    }

    /** Multiply-accumulates for one image. */
    public long macs() {
      return weights() * window.outputs();
    }

    /** True if every channel is convolved alone. */
    public boolean depthwise() {
      return groups == inputChannels && groups == outputChannels && groups > 1;
    }
  }

  /**
   * Largest code of each window of a stream.
   *
   * @param name name of the node
   * @param input id of the stream
   * @param window geometry; cells outside the map never win
   * @param output id of the value
   */
  record MaxPool(String name, int input, Window window, int output) implements Stage {}

  /**
   * Mean of each window of a stream: sum of integers, then one binary32 factor by the number of
   * cells.
   *
   * @param name name of the node
   * @param input id of the stream
   * @param window geometry
   * @param countPadding whether declared padding counts
   * @param padBottom declared padding below, for the count
   * @param padRight declared padding on the right, for the count
   * @param output id of the value
   */
  record AveragePool(
      String name,
      int input,
      Window window,
      boolean countPadding,
      int padBottom,
      int padRight,
      int output)
      implements Stage {}

  /**
   * Sum of two streams where it could not be fused into a convolution.
   *
   * @param name name of the node
   * @param left id of a stream
   * @param right id of a stream
   * @param clamp activation
   * @param output id of the value
   */
  record Join(String name, int left, int right, Clamp clamp, int output) implements Stage {}

  /**
   * A stream's batch normalisation and activation, stored as another stream: {@code clamp(t * S +
   * B)}. It stands where a pool or an Add reads a pre-activated tensor.
   *
   * @param name name of the node
   * @param input id of the stream
   * @param norm batch normalisation, or null
   * @param clamp activation
   * @param output id of the value
   */
  record Rescale(String name, int input, @Nullable NormNames norm, Clamp clamp, int output)
      implements Stage {}

  /**
   * Product of two streams: {@code clamp(map * gate)}.
   *
   * @param name name of the node
   * @param map id of a stream
   * @param gate id of a stream of the same size, or of one cell that holds for the whole map
   * @param clamp activation
   * @param output id of the value
   */
  record Scale(String name, int map, int gate, Clamp clamp, int output) implements Stage {}

  /**
   * A function of a stream's values, stored as a table (docs/arithmetic.md §14).
   *
   * @param name name of the node that it ends in
   * @param input id of the stream
   * @param curve the function
   * @param output id of the value
   */
  record Table(String name, int input, Curve curve, int output) implements Stage {}

  /**
   * An index map on channels, rows and columns of streams of one size (docs/arithmetic.md §15).
   *
   * @param name of the value
   * @param inputs ids of streams, at least one
   * @param channels by channel of the output: a channel of the inputs, one input behind the other,
   *     or -1 for zeros
   * @param rows by row of the output: a row of the inputs, or -1 for zeros
   * @param columns by column of the output: a column of the inputs, or -1 for zeros
   * @param output id of the value
   */
  record Gather(
      String name, List<Integer> inputs, int[] channels, int[] rows, int[] columns, int output)
      implements Stage {
    /** Copies the list. */
    public Gather {
      inputs = List.copyOf(inputs);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Gather that
          && name.equals(that.name)
          && inputs.equals(that.inputs)
          && Arrays.equals(channels, that.channels)
          && Arrays.equals(rows, that.rows)
          && Arrays.equals(columns, that.columns)
          && output == that.output;
    }

    @Override
    public int hashCode() {
      return Objects.hash(
          name,
          inputs,
          Arrays.hashCode(channels),
          Arrays.hashCode(rows),
          Arrays.hashCode(columns),
          output);
    }
  }

  /** Ids of the values that it reads as streams; a convolution's group has its own. */
  default List<Integer> streams() {
    return switch (this) {
      case Convolution c -> c.residual() < 0 ? List.of() : List.of(c.residual());
      case MaxPool p -> List.of(p.input());
      case AveragePool p -> List.of(p.input());
      case Rescale r -> List.of(r.input());
      case Join j -> List.of(j.left(), j.right());
      case Scale s -> List.of(s.map(), s.gate());
      case Table t -> List.of(t.input());
      case Gather g -> g.inputs();
    };
  }
}
