package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A packed network leaves as ONNX, and what was compared is said. */
class ExportCommandTest {
  @TempDir private Path folder;

  private Path network(Path file) {
    SmolFile.write(NetworkCompiler.compile(new ContractTest().trained(false, "P4")), file);
    return file;
  }

  private Path pictures() throws IOException {
    Random random = new Random(5);
    Path pictures = folder.resolve("pictures");
    for (int i = 0; i < 12; i++) {
      BufferedImage image = new BufferedImage(9, 9, BufferedImage.TYPE_BYTE_GRAY);
      for (int k = 0; k < 81; k++) {
        image.setRGB(k % 9, k / 9, 0x010101 * random.nextInt(256));
      }
      Path file = pictures.resolve((i % 2 == 0 ? "a/" : "b/") + i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
    return pictures;
  }

  @Test
  void scoresAreComparedOnADataSet() throws IOException {
    Path onnx = folder.resolve("net.onnx");
    Path json = folder.resolve("export.json");
    assertThat(
            Main.run(
                "export",
                network(folder.resolve("net.smol")).toString(),
                "--onnx",
                onnx.toString(),
                "--check",
                pictures().toString(),
                "--split",
                "all",
                "--threads",
                "1",
                "--json",
                json.toString()))
        .isZero();
    JsonNode result = JsonMapper.builder().build().readTree(json.toFile());
    assertThat(result.get("images").asInt()).isEqualTo(12);
    assertThat(result.get("bytes").asLong()).isEqualTo(Files.size(onnx));
    JsonNode off = result.get("optimisations_off");
    assertThat(off.get("other_bits").asInt()).isZero();
    assertThat(off.get("other_class").asInt()).isZero();
    assertThat(off.get("largest_difference").asDouble()).isZero();
    assertThat(result.get("optimisations_on").get("other_class").asInt()).isZero();
  }

  @Test
  void badInputIsExitCode2() {
    Path smol = network(folder.resolve("net.smol"));
    assertThat(Main.run("export", smol.toString())).isEqualTo(2);
    assertThat(
            Main.run("export", smol.toString(), "--onnx", folder.resolve("no/x.onnx").toString()))
        .isEqualTo(1);
    assertThat(Main.run("export", folder + "/none.smol", "--onnx", folder + "/x.onnx"))
        .isEqualTo(2);
  }
}
