package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The numbers are libtorch's, whatever is drawn in which portions. */
class UniformNumbersTest {
  @Test
  void numbersAreThoseOfLibtorch() {
    Libtorch.prepare();
    UniformNumbers numbers = new UniformNumbers();
    for (long seed : new long[] {0, 1, 42, 1_000_003L * 7 + 2018, -1, 0x123456789abcdefL}) {
      torch.manual_seed(seed);
      numbers.seed(seed);
      for (int[] size : new int[][] {{1, 1, 1, 1}, {3, 5, 7, 2}, {16, 16, 3, 3}, {7, 89, 1, 1}}) {
        try (PointerScope _ = new PointerScope()) {
          long[] sizes = {size[0], size[1], size[2], size[3]};
          Tensor like = torch.zeros(sizes);
          // Numbers stand in the order of memory, whatever the order of the axes.
          check(numbers, like);
          check(numbers, like.permute(0, 2, 3, 1));
          check(numbers, like.expand(sizes).transpose(1, 0));
        }
      }
    }
  }

  private static void check(UniformNumbers numbers, Tensor like) {
    Tensor expected = torch.empty_like(like).uniform_(-1.0, 1.0, new GeneratorOptional());
    Tensor actual = numbers.like(like);
    assertThat(actual.is_contiguous()).isEqualTo(expected.is_contiguous());
    assertThat(Tensors.floats(actual.contiguous()))
        .isEqualTo(Tensors.floats(expected.contiguous()));
  }
}
