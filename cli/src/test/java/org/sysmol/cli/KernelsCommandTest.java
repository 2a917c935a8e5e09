package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JMH times a layer in a process of its own, and what it can't time is refused before. */
class KernelsCommandTest {
  @TempDir private static Path folder;

  @Test
  void aLayerIsTimed() {
    Path json = folder.resolve("kernels.json");
    if (!CpuFeatures.detect().supports(CpuClass.AVX2)) {
      assertThat(Main.run("kernels", "--network", "resnet20")).isEqualTo(2);
      return;
    }
    int exit =
        Main.run(
            "kernels",
            "--network",
            "resnet20",
            "--layer",
            "stage1/block1/conv1",
            "--mix",
            "0,0,100",
            "--isa",
            "avx2",
            "--json",
            json.toString());
    assertThat(exit).isZero();
    JsonNode result = JsonMapper.builder().build().readTree(json.toFile());
    assertThat(result.get("isa").asString()).isEqualTo("avx2");
    JsonNode layer = result.get("layers").get(0);
    assertThat(layer.get("shape").asString()).isEqualTo("3x3 16->16 32x32");
    assertThat(layer.get("kernel").asString()).isNotBlank();
    assertThat(layer.get("macs").asLong()).isEqualTo(16L * 16 * 9 * 32 * 32);
    assertThat(layer.get("gmacs").asDouble()).isBetween(0.5, 5000.0);
  }

  @Test
  void unknownLayersAndMixesAreRefused() {
    assertThat(Main.run("kernels", "--network", "resnet20", "--layer", "nowhere")).isEqualTo(2);
    assertThat(Main.run("kernels", "--network", "resnet20", "--mix", "1,2")).isEqualTo(2);
    assertThat(Main.run("kernels", "--network", "resnet19")).isEqualTo(2);
    assertThat(Main.run("kernels", "--isa", "neon")).isEqualTo(2);
  }
}
