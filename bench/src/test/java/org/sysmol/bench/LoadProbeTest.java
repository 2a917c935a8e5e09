package org.sysmol.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;

/** Loading in a process of its own: on every engine, and one sentence where it fails. */
class LoadProbeTest {
  @TempDir private static Path folder;

  @Test
  void aPortableEngineLoads() {
    Path file = folder.resolve("network.smol");
    SmolFile.write(Subject.ofZoo("resnet20", new ChannelMix(0, 0, 100), 1).packed(), file);
    LoadProbe probe = LoadProbe.ofSysmol(file, EngineClass.parse("vector", Optional.empty()));
    assertThat(probe.loadMs()).isPositive();
    assertThat(probe.codeBytes()).isZero();
  }

  @Test
  void whatFailsThereIsSaidInOneLine() {
    Path missing = folder.resolve("missing.smol");
    assertThatThrownBy(
            () -> LoadProbe.ofSysmol(missing, EngineClass.parse("auto", Optional.empty())))
        .isInstanceOf(SysmolException.class)
        .message()
        .contains("in a process of its own", "missing.smol")
        .doesNotContain("Exception", "\n");
    assertThatThrownBy(
            () -> LoadProbe.ofOnnxRuntime(folder.resolve("no.onnx"), new long[] {1, 3, 8, 8}))
        .isInstanceOf(SysmolException.class)
        .message()
        .contains("no.onnx")
        .doesNotContain("\n");
  }
}
