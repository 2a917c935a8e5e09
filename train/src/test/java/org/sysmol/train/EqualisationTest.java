package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.data.Augmentation;
import org.sysmol.data.Batch;
import org.sysmol.data.Batches;
import org.sysmol.data.Epoch;
import org.sysmol.train.zoo.NetworkZoo;
import org.sysmol.train.zoo.ZooNetwork;

class EqualisationTest {
  private static List<Batch> batches(TinyTraining tiny) {
    List<Batch> all = new ArrayList<>();
    Epoch epoch = new Epoch(20, true, 1, 0, Augmentation.NONE, false, 0);
    try (Batches batches = new Batches(tiny.images(), tiny.preprocessing(), epoch)) {
      while (batches.hasNext()) {
        all.add(batches.next());
      }
    }
    return all;
  }

  private static TinyTraining tiny(String name) {
    return name.equals("residual") ? TinyTraining.residual(60) : TinyTraining.depthwise(60);
  }

  private static float[] results(Plan plan, Network network, Batch batch, double[][] energy) {
    Parameters parameters = new Parameters(network, plan);
    SampleRun run = new SampleRun(plan, network, List.of(batch));
    Value image = plan.image();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor in =
          Tensors.of(batch.images(), batch.size(), image.channels(), image.height(), image.width());
      return Tensors.floats(
          new Walk(plan, parameters)
              .run(
                  in,
                  false,
                  Disturbance.NONE,
                  new WalkObserver() {
                    @Override
                    public void input(InputGroup group, Tensor tensor) {
                      energy[group.id()] = new double[plan.value(group).channels()];
                      run.addSquares(group, tensor, energy[group.id()]);
                    }
                  }));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"residual", "depthwise"})
  void theNetworkComputesTheSameAndItsChannelsAreOfOneSize(String name) {
    TinyTraining tiny = tiny(name);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(3, 1, 0);
    Network full = Simplification.of(tiny.run(recipe, null, TrainingListener.NONE).full());
    Plan plan = TrainingStages.plan(full, tiny.preprocessing());
    List<Batch> batches = batches(tiny);
    Network equal = Equalisation.of(plan, full, batches);
    double[][] before = new double[plan.groups().size()][];
    double[][] after = new double[plan.groups().size()][];
    float[] expected = results(plan, full, batches.getFirst(), before);
    float[] actual = results(plan, equal, batches.getFirst(), after);
    double largest = 0;
    for (float x : expected) {
      largest = Math.max(largest, Math.abs(x));
    }
    for (int i = 0; i < expected.length; i++) {
      // Products in another order of rounding: a few units of binary32 for each layer.
      assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-5 * largest));
    }
    int evened = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched() && spread(after[group.id()]) < 0.5 * spread(before[group.id()])) {
        evened++;
      }
    }
    assertThat(evened).isPositive();
  }

  /** Deviation of channels' energies, the mean being 1; channels that are always 0 left out. */
  private static double spread(double[] energy) {
    double[] alive = Arrays.stream(energy).filter(e -> e > 0).toArray();
    double mean = Arrays.stream(alive).average().orElse(1);
    return Math.sqrt(
        Arrays.stream(alive).map(e -> e / mean - 1).map(d -> d * d).average().orElse(0));
  }

  @Test
  void whatIsClippedFromAboveOrReadTwiceIsLeftAlone() {
    // MobileNetV2's activations end at 6; only its linear bottlenecks may be scaled, and those are
    // streams that joins read as well.
    Network network =
        Simplification.of(ZooNetwork.withAnySize(NetworkZoo.create("mobilenetv2", 1)));
    Plan plan = org.sysmol.core.plan.PlanBuilder.build(network, 3, 32, 32, java.util.Set.of());
    float[] pixels = new float[2 * 3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (i * 37 % 101) / 50f - 1;
    }
    Network equal = Equalisation.of(plan, network, List.of(new Batch(pixels, new int[] {0, 1}, 2)));
    int clipped = 0;
    int scaled = 0;
    for (Stage.Convolution made : plan.convolutions()) {
      for (Stage.Convolution c : plan.convolutions()) {
        if (plan.groups().get(c.group()).value() != made.output()) {
          continue;
        }
        float[] before = network.requireConstant(c.weight()).data();
        float[] after = equal.requireConstant(c.weight()).data();
        if (made.clamp().high() == 6f || made.residual() >= 0) {
          assertThat(after).as(c.name()).isEqualTo(before);
          clipped++;
        } else if (!Arrays.equals(after, before)) {
          scaled++;
        }
      }
    }
    assertThat(clipped).isPositive();
    assertThat(scaled).isPositive();
  }
}
