package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

class FloatEvaluatorTest {
  private static Network one(Operator operator, int... shape) {
    return new Network(
        "one",
        List.of(new Network.Input("x", shape)),
        List.of(new Node("n", operator, List.of("x"), List.of("y"))),
        List.of("y"),
        Map.of());
  }

  private static Tensor evaluate(Operator operator, Tensor input) {
    int[] free = input.shape().clone();
    java.util.Arrays.fill(free, -1);
    return new FloatEvaluator(one(operator, free)).evaluate(Map.of("x", input)).get("y");
  }

  private static Network random(Random random) {
    return RandomNetworks.convolutional(random);
  }

  @Test
  void wrongInputsAreNamedWithWhatIsExpectedAndGiven() {
    var evaluator = new FloatEvaluator(one(new Operator.Relu(), -1, 3, 8, 12));
    assertThatThrownBy(() -> evaluator.evaluate(Map.of()))
        .isInstanceOf(SysmolException.class)
        .hasMessage("Network one needs the input x of shape anyx3x8x12, which was not given.");
    assertThatThrownBy(() -> evaluator.evaluate(Map.of("x", Tensor.zeros(1, 3, 12, 8))))
        .hasMessage(
            "Input x of network one must have the shape anyx3x8x12 but was given 1x3x12x8.");
    assertThatThrownBy(() -> evaluator.evaluate(Map.of("x", Tensor.zeros(1, 3, 8))))
        .hasMessageContaining("was given 1x3x8");
    assertThatThrownBy(() -> evaluator.evaluate(Map.of("x", Tensor.zeros(0, 3, 8, 12))))
        .hasMessageContaining("was given 0x3x8x12");
    assertThatThrownBy(
            () -> evaluator.evaluate(Map.of("x", Tensor.zeros(1, 3, 8, 12), "z", Tensor.zeros(1))))
        .hasMessage("Network one has no input called z; leave it out.");
  }

  @Test
  void nodesThatCantWorkOnTheirSizesAreNamed() {
    var conv = new Operator.Conv(new int[] {1, 1}, new int[] {1, 1}, Padding.none(2), 1);
    var network =
        new Network(
            "small",
            List.of(new Network.Input("x", new int[] {-1, 1, -1, -1})),
            List.of(new Node("c", conv, List.of("x", "w"), List.of("y"))),
            List.of("y"),
            Map.of("w", Tensor.zeros(1, 1, 3, 3)));
    var evaluator = new FloatEvaluator(network);
    assertThat(evaluator.evaluate(Map.of("x", Tensor.zeros(2, 1, 3, 5))).get("y").shape())
        .containsExactly(2, 1, 1, 3);
    assertThatThrownBy(() -> evaluator.evaluate(Map.of("x", Tensor.zeros(1, 1, 2, 5))))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith(
            "Node c (Conv): a window of 3 cells with dilation 1 fits nowhere on a map of 2 cells");
  }

  @Test
  void aRowHasTheSameBitsWhateverElseIsInTheBatch() {
    var random = new Random(3);
    for (int round = 0; round < 20; round++) {
      Network network = random(random);
      Tensor batch = RandomNetworks.input(network, 5, random);
      var evaluator = new FloatEvaluator(network);
      String output = network.outputs().getFirst();
      float[] whole = evaluator.evaluate(Map.of("x", batch)).get(output).data();
      int cells = batch.data().length / 5;
      for (int row = 0; row < 5; row++) {
        int[] shape = batch.shape().clone();
        shape[0] = 1;
        Tensor alone =
            Tensor.of(
                java.util.Arrays.copyOfRange(batch.data(), row * cells, (row + 1) * cells), shape);
        float[] single = evaluator.evaluate(Map.of("x", alone)).get(output).data();
        assertThat(single)
            .isEqualTo(
                java.util.Arrays.copyOfRange(
                    whole, row * single.length, (row + 1) * single.length));
      }
    }
  }

  @Test
  void allValuesAreThoseThatTheOutputsComeFrom() {
    var random = new Random(4);
    Network network = random(random);
    Tensor input = RandomNetworks.input(network, 2, random);
    var evaluator = new FloatEvaluator(network);
    var all = evaluator.evaluateAll(Map.of("x", input));
    assertThat(all.firstEntry().getKey()).isEqualTo("x");
    assertThat(all).hasSize(1 + network.nodes().size());
    String output = network.outputs().getFirst();
    assertThat(all.get(output)).isEqualTo(evaluator.evaluate(Map.of("x", input)).get(output));
  }

  @Test
  void manyThreadsMayShareOne() {
    var random = new Random(5);
    Network network = random(random);
    Tensor input = RandomNetworks.input(network, 3, random);
    var evaluator = new FloatEvaluator(network);
    var want = evaluator.evaluate(Map.of("x", input));
    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(_ -> evaluator.evaluate(Map.of("x", input)))
                .allMatch(want::equals))
        .isTrue();
  }

  @Test
  void trainingModeUsesTheBatch() {
    Tensor input = Tensor.of(new float[] {1, 3, 5, 7, -2, -2, 2, 2}, 2, 2, 2);
    Tensor one = Tensor.of(new float[] {1, 1}, 2);
    Tensor zero = Tensor.of(new float[] {0, 0}, 2);
    Tensor got =
        Normalization.batch(new Operator.BatchNormalization(0, true), input, one, zero, zero, one);
    // Channel 0 holds 1 3 -2 -2: mean 0, variance 4.5; channel 1 holds 5 7 2 2: mean 4, 4.5.
    double deviation = Math.sqrt(4.5);
    double[] want = {1, 3, 1, 3, -2, -2, -2, -2};
    for (int cell = 0; cell < want.length; cell++) {
      assertThat(got.data()[cell]).isEqualTo((float) (want[cell] / deviation));
    }
  }

  @Test
  void poolsCountOnlyWhatTheyShould() {
    Tensor ones = Tensor.of(new float[] {1, 1, 1, 1, 1, 1, 1}, 1, 1, 7);
    int[] stride = {2};
    int[] kernel = {3};
    int[] dilation = {1};
    var padding = new Padding(Padding.Mode.EXPLICIT, new int[] {1, 0});
    var counted = new Operator.AveragePool(kernel, stride, dilation, padding, true, true);
    // Windows at -1, 1, 3, 5: the first has a cell of padding, the last hangs over by one.
    assertThat(evaluate(counted, ones).data()).containsExactly(2 / 3f, 1, 1, 1);
    var plain = new Operator.AveragePool(kernel, stride, dilation, padding, true, false);
    assertThat(evaluate(plain, ones).data()).containsExactly(1, 1, 1, 1);
    // A window that would start at cell 7, past the end, is dropped.
    var single = new Operator.MaxPool(new int[] {1}, stride, dilation, Padding.none(1), true);
    assertThat(evaluate(single, ones).shape()).containsExactly(1, 1, 4);
    var lonely = new Operator.MaxPool(new int[] {1}, new int[] {1}, dilation, padding, false);
    assertThatThrownBy(() -> evaluate(lonely, ones)).hasMessageContaining("holds padding only");
  }

  @Test
  void slicesFollowTheStandardAtTheEnds() {
    assertThat(Layout.sliced(5, 0, Integer.MAX_VALUE, 1)).containsExactly(0, 1, 2, 3, 4);
    assertThat(Layout.sliced(5, -1, Integer.MIN_VALUE, -1)).containsExactly(4, 3, 2, 1, 0);
    assertThat(Layout.sliced(5, -100, 100, 2)).containsExactly(0, 2, 4);
    assertThat(Layout.sliced(5, 3, 1, 1)).isEmpty();
    assertThat(Layout.sliced(5, 100, 0, -2)).containsExactly(4, 2);
    assertThat(Layout.sliced(5, 1, -1, 1)).containsExactly(1, 2, 3);
    assertThat(Layout.sliced(5, 4, -7, -3)).containsExactly(4, 1);
    assertThat(Layout.sliced(0, 0, 10, 1)).isEmpty();
  }

  @Test
  void notANumberPassesThroughActivations() {
    Tensor input = Tensor.of(new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY}, 3);
    assertThat(evaluate(new Operator.Relu(), input).data())
        .containsExactly(Float.NaN, 0, Float.POSITIVE_INFINITY);
    assertThat(evaluate(new Operator.Clip(0, 6), input).data()).containsExactly(Float.NaN, 0, 6);
    // Bounds that cross give the upper one, as the standard says.
    assertThat(evaluate(new Operator.Clip(3, 1), Tensor.of(new float[] {0, 2, 5}, 3)).data())
        .containsExactly(1, 1, 1);
  }
}
