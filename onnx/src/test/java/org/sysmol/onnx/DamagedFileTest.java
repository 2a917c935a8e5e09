package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Damaged files end in a sentence or in a network, never in another exception or much memory. */
class DamagedFileTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  /** True if the file was refused. */
  private boolean refused(byte[] bytes) throws Exception {
    Path file = folder.resolve("damaged.onnx");
    Files.write(file, bytes);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Network network = null;
    try {
      network = OnnxReader.read(file).network();
    } catch (SysmolException e) {
      assertThat(e.getMessage()).contains("damaged.onnx").doesNotContain("\n");
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(64L << 20);
    if (network != null) {
      runOnce(network);
    }
    return network == null;
  }

  /** What is read must also run, or be refused in words when it runs. */
  private static void runOnce(Network network) {
    var inputs = new LinkedHashMap<String, Tensor>();
    for (Network.Input input : network.inputs()) {
      int[] shape = Arrays.stream(input.shape()).map(size -> Math.max(size, 1)).toArray();
      if (Tensor.size(shape) > 10_000) {
        return;
      }
      inputs.put(input.name(), Tensor.zeros(shape));
    }
    if (network.nodes().stream().anyMatch(node -> isLarge(node.operator()))) {
      return;
    }
    try {
      new FloatEvaluator(network).evaluate(inputs);
    } catch (SysmolException e) {
      assertThat(e.kind()).isEqualTo(SysmolException.Kind.BAD_INPUT);
    }
  }

  /** True if a setting is so large that the network may be legal but slow. */
  private static boolean isLarge(Operator operator) {
    return switch (operator) {
      case Operator.Pad pad -> isLarge(pad.pads());
      case Operator.Conv conv -> isLarge(conv.padding().pads());
      case Operator.Resize resize -> isLarge(resize.sizes()) || isLarge(resize.scales());
      default -> false;
    };
  }

  private static boolean isLarge(int... values) {
    return Arrays.stream(values).anyMatch(value -> Math.abs(value) > 32);
  }

  private static boolean isLarge(float... values) {
    for (float value : values) {
      if (value > 32) {
        return true;
      }
    }
    return false;
  }

  @Test
  void everyCutIsRefused() throws Exception {
    byte[] whole = Files.readAllBytes(CaseFolders.of("C13_groupnorm_decomposed/model.onnx"));
    assertThat(refused(whole)).isFalse();
    int read = 0;
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      read += refused(cut) ? 0 : 1;
    }
    // The last field of these files lists the opsets: only a cut before it could go unnoticed.
    assertThat(read).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C04_constant_weights",
        "C13_groupnorm_decomposed",
        "C14_resize_modes",
        "C15_dynamic_batch_tail",
        "C17_clip_variants",
        "C27_pad_nodes",
        "C28b_conv1d"
      })
  void changedBytesNeverCrash(String name) throws Exception {
    byte[] whole = Files.readAllBytes(CaseFolders.of(name + "/model.onnx"));
    var random = new Random(7);
    int refusals = 0;
    for (int round = 0; round < 500; round++) {
      byte[] changed = whole.clone();
      for (int change = 0; change <= random.nextInt(3); change++) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      refusals += refused(changed) ? 1 : 0;
    }
    assertThat(refusals).isGreaterThan(30);
  }

  @Test
  void noiseIsRefused() throws Exception {
    var random = new Random(8);
    for (int round = 0; round < 500; round++) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      assertThat(refused(noise)).isTrue();
    }
  }
}
