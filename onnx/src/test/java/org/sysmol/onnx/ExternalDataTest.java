package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.onnx.CaseResult.Outcome;

class ExternalDataTest {
  @TempDir Path folder;

  @BeforeEach
  void writeSideFile() throws Exception {
    ByteBuffer side = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (int index = 0; index < 8; index++) {
      side.putFloat(index);
    }
    Files.createDirectories(folder.resolve("inner"));
    Files.write(folder.resolve("side.bin"), side.array());
    Files.write(folder.resolve("inner/side.bin"), side.array());
    Files.write(folder.resolveSibling(folder.getFileName() + ".outside"), side.array());
  }

  private static Models model(String... entries) {
    return new Models(13)
        .input("x", 4)
        .output("y")
        .external("c", 4, entries)
        .node(": Add x, c -> y");
  }

  private void refused(String words, String... entries) {
    assertThatThrownBy(() -> model(entries).read(folder))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("tensor c")
        .hasMessageContaining(words);
  }

  private void reads(float first, String... entries) throws Exception {
    float[] data = model(entries).read(folder).network().requireConstant("c").data();
    assertThat(data).containsExactly(first, first + 1, first + 2, first + 3);
  }

  @Test
  void readsWhatLiesBesideTheModel() throws Exception {
    reads(0, "location", "side.bin");
    reads(2, "location", "side.bin", "offset", "8");
    reads(4, "location", "side.bin", "offset", "16", "length", "16");
    reads(1, "location", "inner/side.bin", "offset", "4");
  }

  @Test
  void readsNothingElse() {
    refused(
        "must lie in the model's own folder", "location", folder.resolve("side.bin").toString());
    refused(
        "must lie in the model's own folder",
        "location",
        "../" + folder.getFileName() + ".outside");
    refused("must lie in the model's own folder", "location", "inner/../side.bin");
    refused("must lie in the model's own folder", "location", "..\\side.bin");
    refused("not beside the model", "location", "absent.bin");
    refused("not beside the model", "location", "inner");
    refused("does not say in which", "offset", "0");
    refused("name is not allowed", "location", "a\0b");
  }

  @Test
  void checksPlacesBeforeItAllocates() {
    refused("which has only 32", "location", "side.bin", "offset", "20");
    refused("external offset", "location", "side.bin", "offset", "-4");
    refused("external offset", "location", "side.bin", "offset", "9223372036854775807");
    refused("external offset", "location", "side.bin", "offset", "four");
    refused("claims 12", "location", "side.bin", "length", "12");
    refused("external location twice", "location", "side.bin", "location", "side.bin");
    assertThatThrownBy(() -> model("location", "side.bin", "checksum", "abc").read(folder))
        .hasMessageContaining("external data with checksum (once: c)");
    Models huge =
        new Models(13)
            .input("x", 4)
            .output("y")
            .external("c", 500_000_000, "location", "side.bin")
            .node(": Add x, c -> y");
    assertThatThrownBy(() -> huge.read(folder)).hasMessageContaining("which has only 32");
  }

  @Test
  void linksLeadToTheModelsOwnFolder() throws Exception {
    Path real = CaseFolders.copy("C07_external_data", folder);
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    for (String name : new String[] {"case.txt", "in0_0.f32", "out0_0.f32"}) {
      Files.copy(real.resolve(name), elsewhere.resolve(name));
    }
    Files.createSymbolicLink(elsewhere.resolve("model.onnx"), real.resolve("model.onnx"));
    assertThat(CaseRunner.run(elsewhere).getFirst().outcome()).isEqualTo(Outcome.OK);

    // The other way round, as caches of downloads do: links beside each other, blobs apart.
    Path cache = Files.createDirectories(folder.resolve("cache"));
    Path blobs = Files.createDirectories(folder.resolve("blobs"));
    Files.copy(real.resolve("case.txt"), cache.resolve("case.txt"));
    int count = 0;
    for (String name : new String[] {"model.onnx", "sub.weights.bin", "in0_0.f32", "out0_0.f32"}) {
      Path blob = Files.copy(real.resolve(name), blobs.resolve("blob" + count++));
      Files.createSymbolicLink(cache.resolve(name), blob);
    }
    assertThat(CaseRunner.run(cache).getFirst().outcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void theWorkingDirectoryDoesNotMatter() throws Exception {
    Path real = CaseFolders.copy("C07_external_data", folder);
    // A process of its own, started elsewhere, where a file of the same name tempts it.
    Path start = Files.createDirectories(folder.resolve("start"));
    Files.write(start.resolve("sub.weights.bin"), new byte[16_384]);
    for (String named : new String[] {real.toString(), "../C07_external_data"}) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Printer.class.getName(),
                  named)
              .directory(start.toFile())
              .redirectErrorStream(true)
              .start();
      String printed =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(printed).contains("C07_external_data: ok");
    }
  }

  /** Prints how a case ends. */
  static final class Printer {
    private Printer() {}

    public static void main(String[] arguments) {
      CaseRunner.run(Path.of(arguments[0])).forEach(result -> System.out.println(result.line()));
    }
  }
}
