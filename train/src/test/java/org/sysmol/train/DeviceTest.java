package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.Checkpoint;
import org.sysmol.core.file.CheckpointFile;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * Where tensors lie. libtorch's device without memory, {@code meta}, stands for a GPU where there
 * is none: operations on it compute shapes only, but refuse to mix tensors of two devices as they
 * do on a GPU. It has no convolution, so a whole pass can't be run on it.
 */
class DeviceTest {
  private static final String WITHOUT_MEMORY = "meta";

  @BeforeAll
  static void library() {
    Libtorch.prepare();
  }

  @AfterEach
  void back() {
    Device.use(Device.CPU);
  }

  @Test
  void choices() {
    assertThat(Device.find("cpu")).isEqualTo("cpu");
    assertThat(Device.find("auto")).isEqualTo(torch.cuda_is_available() ? "cuda" : "cpu");
    assertThatThrownBy(() -> Device.find("gpu"))
        .isInstanceOf(SysmolException.class)
        .hasMessage("--device takes auto or cpu or cuda, not gpu.");
    assertThatThrownBy(() -> TinyTraining.recipe().withDevice("meta"))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("no device meta");
  }

  @Test
  void aGpuThatIsNotThereIsRefused() {
    assumeFalse(torch.cuda_is_available(), "This machine has a GPU.");
    assertThatThrownBy(() -> Device.find("cuda"))
        .isInstanceOf(SysmolException.class)
        .hasMessageMatching(
            "(This build has libtorch for the CPU alone|libtorch finds no GPU, .*)"
                + "; take --device cpu, or see docs/training.md, \"On a GPU\"\\.");
  }

  @Test
  void aRecipeSaysItsDeviceWhereItIsNotTheCpu() {
    TrainingRecipe recipe = TinyTraining.recipe();
    assertThat(recipe.toString()).doesNotContain("device");
    assertThat(recipe.withDevice("cuda").toString()).endsWith(", device=cuda]");
    assertThat(recipe.withDevice("cuda").withDevice("cpu")).isEqualTo(recipe);
  }

  @Test
  void exactIntegersStayOnTheCpu() {
    TrainedNetwork trained = RandomTraining.of(NetworkSketch.excited(3), 3, 9, 8, 30);
    float[] images = new float[2 * 3 * 9 * 8];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Math.sin(i);
    }
    float[] expected = new QuantisedEvaluation(trained).results(images, 2);
    Device.use(WITHOUT_MEMORY);
    assertThat(new QuantisedEvaluation(trained).results(images, 2)).isEqualTo(expected);
    assertThat(Device.inUse()).isEqualTo(WITHOUT_MEMORY);
  }

  @Test
  void twoDevicesDoNotMix() {
    // What the tests below rest on.
    try (PointerScope _ = new PointerScope()) {
      Tensor here = Tensors.of(new float[] {1, 2}, 2);
      Device.use(WITHOUT_MEMORY);
      Tensor there = Tensors.of(new float[] {1, 2}, 2);
      assertThatThrownBy(() -> there.add(here)).hasMessageContaining("same device");
    }
  }

  @Test
  void quantisersLieWhereTheNetworkDoes() {
    for (TrainedNetwork trained :
        List.of(
            RandomTraining.of(NetworkSketch.residual(3), 3, 11, 9, 30),
            RandomTraining.of(NetworkSketch.depthwise(3), 1, 10, 13, 30),
            RandomTraining.of(NetworkSketch.rearranged(3), 3, 9, 8, 30))) {
      Device.use(WITHOUT_MEMORY);
      try (PointerScope _ = new PointerScope()) {
        Plan plan = trained.plan();
        Parameters parameters = new Parameters(trained.network(), plan);
        Quantisation quantisation = new Quantisation(plan, trained.quantisers());
        step(plan, parameters, quantisation, quantisation.learned());
        float[][] delta = Calibration.startDelta(plan, trained.network(), false);
        Noise noise = new Noise(plan, delta, trained.quantisers().alpha(), 4);
        noise.seed(5);
        step(plan, parameters, noise, noise.learned());
        there(noise.price(_ -> 1.0));
        try (NoGradGuard _ = new NoGradGuard()) {
          noise.clampWeights(parameters);
        }
      }
      Device.use(Device.CPU);
    }
  }

  private static void there(Tensor tensor) {
    assertThat(tensor.device().is_meta()).isTrue();
  }

  @Test
  void stateIsPutWhereTheTensorsLie() {
    TrainedNetwork trained = RandomTraining.of(NetworkSketch.residual(3), 3, 11, 9, 30);
    PhaseState here = state(trained);
    Checkpoint checkpoint = new Checkpoint();
    here.optimisers.save(checkpoint);
    java.util.Objects.requireNonNull(here.mean).save(checkpoint);
    Device.use(WITHOUT_MEMORY);
    PhaseState there = state(trained);
    there.set(here.values());
    there.optimisers.load(checkpoint);
    java.util.Objects.requireNonNull(there.mean).load(checkpoint);
    there.parameters.names().forEach(name -> there(there.parameters.get(name)));
    there.learned.values().forEach(DeviceTest::there);
  }

  private static PhaseState state(TrainedNetwork trained) {
    Parameters parameters = new Parameters(trained.network(), trained.plan());
    Quantisation quantisation = new Quantisation(trained.plan(), trained.quantisers());
    return new PhaseState(Phase.QUANTISED, parameters, quantisation.learned(), 3);
  }

  @Test
  void aRunOfAnotherDeviceIsRefusedByName(@TempDir Path folder) {
    Path file = folder.resolve("training.ckpt");
    CheckpointFile.write(new Checkpoint().put("recipe", "r[seed=1, device=cuda] on x"), file);
    assertThatThrownBy(() -> new TrainingState("r[seed=1] on x", file).resume())
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("go on with --device cuda, or choose another folder");
    CheckpointFile.write(new Checkpoint().put("recipe", "r[seed=1] on x"), file);
    assertThatThrownBy(() -> new TrainingState("r[seed=1, device=cuda] on x", file).resume())
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("go on with --device cpu, or choose another folder");
    assertThatThrownBy(() -> new TrainingState("r[seed=2, device=cuda] on x", file).resume())
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("is of another run");
  }

  /**
   * Forward through all that disturbs, and an update. Back through it meta can't go: what backward
   * passes read are the same tensors.
   */
  private static void step(
      Plan plan, Parameters parameters, Disturbance disturbance, Map<String, Tensor> learned) {
    List<Stage.Convolution> layers = plan.convolutions();
    for (int i = 0; i < layers.size(); i++) {
      Stage.Convolution c = layers.get(i);
      if (!plan.groups().get(c.group()).searched()) {
        continue; // Their step is a largest magnitude, which meta can't take.
      }
      there(disturbance.weights(i, parameters.kernel(c)));
    }
    for (InputGroup group : plan.groups()) {
      if (!group.searched()) {
        continue; // They have no tensor of their own to lie anywhere.
      }
      Tensor map = map(plan.value(group));
      there(disturbance.activations(group, map));
    }
    parameters.names().stream().map(parameters::get).forEach(DeviceTest::giveGradient);
    learned.values().forEach(DeviceTest::giveGradient);
    PhaseState state = new PhaseState(Phase.QUANTISED, parameters, learned, 3);
    try (NoGradGuard _ = new NoGradGuard()) {
      state.weights.forEach((name, tensor) -> state.optimisers.descend(name, tensor, 0.1, 1e-4));
      state.optimisers.count();
      learned.forEach((name, tensor) -> state.optimisers.adapt(name, tensor, 1e-3));
      java.util.Objects.requireNonNull(state.mean).step();
      state.mean.apply();
    }
    learned.values().forEach(DeviceTest::there);
  }

  private static void giveGradient(Tensor tensor) {
    if (tensor.requires_grad()) {
      tensor.mul(Tensors.scalar(2)).sum().backward();
      there(tensor.grad());
    }
  }

  private static Tensor map(Value value) {
    int size = 2 * value.channels() * value.height() * value.width();
    return Tensors.of(new float[size], 2, value.channels(), value.height(), value.width())
        .set_requires_grad(true);
  }
}
