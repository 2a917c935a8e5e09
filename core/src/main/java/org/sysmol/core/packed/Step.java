package org.sysmol.core.packed;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.plan.Window;

/** One step of a packed network. Tensors are named by their index. */
public sealed interface Step {
  /** Name of the node that it comes from. */
  String name();

  /** Index of the tensor it reads. */
  int input();

  /** Index of the tensor it writes. */
  int output();

  /**
   * Quantises the normalised binary32 image ({@code [channels, height, width]}) to signed eight-bit
   * codes.
   *
   * @param name of the input
   * @param input -1
   * @param output index of the image tensor
   */
  record QuantiseImage(String name, int input, int output) implements Step {}

  /**
   * Integer convolution with the epilogue {@code encode(clamp(acc * S + B + residual))}.
   *
   * @param name of the node
   * @param input tensor of codes (mixed or eight bits)
   * @param window geometry
   * @param groups channel groups; equals the channels for a depthwise layer
   * @param weights packed weights
   * @param affine S and B per output position
   * @param residual index of the eight-bit tensor that is added, or -1
   * @param clamp activation
   * @param bounds extremes of the sums
   * @param output index of the tensor written
   */
  record Convolution(
      String name,
      int input,
      Window window,
      int groups,
      PackedWeights weights,
      Affine affine,
      int residual,
      Clamp clamp,
      Bounds bounds,
      int output)
      implements Step {
    /** The same step with other weights of the same shape. */
    public Convolution withWeights(PackedWeights others) {
      return new Convolution(
          name, input, window, groups, others, affine, residual, clamp, bounds, output);
    }
  }

  /**
   * Makes a consumer's codes from a stream: {@code encode(clamp(k * step * S + B))}, with an index
   * map where the orders differ.
   *
   * @param name of the consumer
   * @param input index of the eight-bit tensor
   * @param affine batch normalisation by <em>output</em> position, or null for none
   * @param clamp activation
   * @param gather which input position each output position reads, or null if the orders agree
   * @param output index of the tensor written
   */
  record Requantise(
      String name,
      int input,
      @Nullable Affine affine,
      Clamp clamp,
      int @Nullable [] gather,
      int output)
      implements Step {
    /** True if channels move: an explicit reorder, shown and timed as such. */
    public boolean reorders() {
      return gather != null;
    }
  }

  /**
   * Largest code of each window; cells outside the map never win.
   *
   * @param name of the node
   * @param input index of an eight-bit tensor
   * @param window geometry
   * @param output index of an eight-bit tensor of the same step
   */
  record MaxPool(String name, int input, Window window, int output) implements Step {}

  /**
   * Sum of each window's codes times one factor: {@code encode(sum * factor[cells - 1])}.
   *
   * @param name of the node
   * @param input index of an eight-bit tensor
   * @param window geometry
   * @param countPadding whether declared padding counts as cells
   * @param padBottom declared padding below
   * @param padRight declared padding on the right
   * @param factor step divided by the number of cells, by number of cells minus 1
   * @param output index of the tensor written
   */
  record AveragePool(
      String name,
      int input,
      Window window,
      boolean countPadding,
      int padBottom,
      int padRight,
      float[] factor,
      int output)
      implements Step {}

  /**
   * Sum of two eight-bit tensors: {@code encode(clamp(left * leftStep + right * rightStep))}.
   *
   * @param name of the node
   * @param input index of the left tensor
   * @param right index of the right tensor
   * @param clamp activation
   * @param output index of the tensor written
   */
  record Join(String name, int input, int right, Clamp clamp, int output) implements Step {}

  /**
   * Product of two eight-bit tensors: {@code encode(clamp((map * mapStep) * (gate * gateStep)))}.
   *
   * @param name of the node
   * @param input index of the map
   * @param gate index of the second factor: a map of the same size, or one cell that holds for all
   * @param clamp activation
   * @param output index of the tensor written
   */
  record Scale(String name, int input, int gate, Clamp clamp, int output) implements Step {}

  /**
   * A stored function of a stream's codes (docs/arithmetic.md §14). Both tensors have the same
   * order.
   *
   * @param name of the node
   * @param input index of an eight-bit tensor
   * @param codes by distinct precision of the output in descending order (one table where it is not
   *     mixed), then by {@link CurveTable#entry}: the code that stands in the output
   * @param output index of the tensor written
   */
  record Table(String name, int input, byte[][] codes, int output) implements Step {
    /** The table of every channel position. */
    public static int[] byChannel(PackedTensor output) {
      int[] table = new int[output.channels()];
      if (output.encoding() instanceof Encoding.Mixed mixed) {
        byte[] segments = BoundsCalculator.segments(mixed.precision());
        for (int c = 0; c < table.length; c++) {
          while (segments[table[c]] != mixed.precision()[c]) {
            table[c]++;
          }
        }
      }
      return table;
    }
  }

  /**
   * An index map on channels, rows and columns of eight-bit tensors of one size: {@code
   * encode((float) k * step)} of the cell that stands there, {@code encode(0)} where none does
   * (docs/arithmetic.md §15). It joins, splits, shuffles, strides, crops and pads.
   *
   * @param name of the node
   * @param inputs indexes of eight-bit tensors, at least one
   * @param channels by position of the output: a position in the channels of all inputs, one input
   *     behind the other, or -1
   * @param rows by row of the output: a row of the inputs, or -1
   * @param columns by column of the output: a column of the inputs, or -1
   * @param output index of the tensor written
   */
  record Gather(
      String name, List<Integer> inputs, int[] channels, int[] rows, int[] columns, int output)
      implements Step {
    /** Copies the list. */
    public Gather {
      inputs = List.copyOf(inputs);
    }

    /** The first of the tensors it reads. */
    @Override
    public int input() {
      return inputs.getFirst();
    }
  }

  /** Indexes of the tensors that a step reads, in its order. */
  default List<Integer> reads() {
    return switch (this) {
      case QuantiseImage _ -> List.of();
      case Convolution s ->
          s.residual() < 0 ? List.of(s.input()) : List.of(s.input(), s.residual());
      case Join s -> List.of(s.input(), s.right());
      case Scale s -> List.of(s.input(), s.gate());
      case Gather s -> s.inputs();
      case Table s -> List.of(s.input());
      case Requantise s -> List.of(s.input());
      case MaxPool s -> List.of(s.input());
      case AveragePool s -> List.of(s.input());
    };
  }
}
