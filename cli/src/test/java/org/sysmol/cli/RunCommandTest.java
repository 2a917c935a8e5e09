package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SelfCheck;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is run decides what is said: pictures get names, labelled data sets an accuracy. */
class RunCommandTest {
  @TempDir private static Path folder;

  private static Path network = Path.of("");
  private static final Random RANDOM = new Random(4);

  @BeforeAll
  static void writeNetworkAndPictures() throws IOException {
    network = folder.resolve("net.smol");
    SmolFile.write(
        SelfCheck.sign(NetworkCompiler.compile(new ContractTest().trained(false, "P4"))), network);
    for (int i = 0; i < 3; i++) {
      picture(folder.resolve("loose/" + i + ".png"));
    }
    for (int i = 0; i < 5; i++) {
      picture(folder.resolve("classes/a/" + i + ".png"));
      picture(folder.resolve("classes/b/" + i + ".png"));
      picture(folder.resolve("few/a/" + i % 4 + ".png"));
    }
  }

  private static void picture(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(9, 9, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 81; i++) {
      image.setRGB(i % 9, i / 9, 0x010101 * RANDOM.nextInt(256));
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private static JsonNode run(int exit, String... arguments) {
    Path json = folder.resolve("run.json");
    List<String> all = new ArrayList<>(List.of("run", network.toString()));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--json", json.toString()));
    assertThat(Main.run(all.toArray(String[]::new))).isEqualTo(exit);
    return JsonMapper.builder().build().readTree(json.toFile());
  }

  private static String at(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void eachPictureOfAFolderIsNamed() {
    JsonNode result = run(0, at("loose"), at("classes/b/2.png"));
    assertThat(result.has("accuracy")).isFalse();
    assertThat(result.get("pictures").valueStream().map(p -> p.get("picture").asString()))
        .containsExactly(
            at("loose/0.png"), at("loose/1.png"), at("loose/2.png"), at("classes/b/2.png"));
    for (JsonNode picture : result.get("pictures")) {
      assertThat(picture.get("class").asString()).isIn("a", "b");
      assertThat(picture.get("share").asDouble()).isBetween(0.0, 1.0);
    }
  }

  @Test
  void limitsAndThreadsHoldForPicturesToo() {
    JsonNode few = run(0, at("loose"), at("classes/b/2.png"), "--limit", "2");
    assertThat(few.get("pictures").valueStream().map(p -> p.get("picture").asString()))
        .containsExactly(at("loose/0.png"), at("loose/1.png"), at("classes/b/2.png"));
    assertThat(run(0, at("loose"), "--threads", "256").get("pictures"))
        .isEqualTo(run(0, at("loose"), "--threads", "1").get("pictures"));
  }

  @Test
  void theClassOfTheCodeIsRecorded() {
    assertThat(run(0, "--self-check", "--engine", "scalar").get("isa").isNull()).isTrue();
    EngineChoice choice = EngineChoice.auto();
    assertThat(run(0, "--self-check").get("isa").isNull())
        .isEqualTo(!choice.engine().name().equals("machine-code"));
  }

  @Test
  void aLabelledDataSetGivesItsAccuracy() {
    JsonNode test = run(0, at("classes"));
    assertThat(test.has("pictures")).isFalse();
    assertThat(test.get("images").asInt()).isEqualTo(2);
    JsonNode all = run(0, at("classes"), "--split", "all");
    assertThat(all.get("images").asInt()).isEqualTo(10);
    assertThat(all.get("accuracy").asDouble() * 10 % 100).isZero();
    assertThat(run(0, "--data", at("classes"), "--split", "all").get("accuracy"))
        .isEqualTo(all.get("accuracy"));
  }

  @Test
  void severalDataSetsAreAllInTheResult() {
    JsonNode both = run(0, "--data", at("classes"), at("few"), "--split", "all");
    assertThat(both.has("accuracy")).isFalse();
    assertThat(both.get("datasets").valueStream().map(d -> d.get("images").asInt()))
        .containsExactly(10, 4);
  }

  @Test
  void tooFewPicturesForATestAreTakenWhenAllAreAskedFor() {
    assertThat(Main.run("run", network.toString(), at("few"))).isEqualTo(2);
    assertThat(run(0, at("few"), "--split", "all").get("images").asInt()).isEqualTo(4);
  }

  @Test
  void ordersOfChannelsAreInTheResultWhereTheyAreAskedFor() {
    Path json = folder.resolve("orders.json");
    String[] inspect = {"inspect", network.toString(), "--json", json.toString()};
    assertThat(Main.run(inspect)).isZero();
    JsonMapper mapper = JsonMapper.builder().build();
    assertThat(mapper.readTree(json.toFile()).has("orders")).isFalse();
    List<String> all = new ArrayList<>(List.of(inspect));
    all.add("--orders");
    assertThat(Main.run(all.toArray(String[]::new))).isZero();
    JsonNode orders = mapper.readTree(json.toFile()).get("orders");
    for (PackedTensor tensor : SmolFile.read(network).tensors()) {
      int[] order = orders.get(tensor.name()).valueStream().mapToInt(JsonNode::asInt).toArray();
      assertThat(order).isEqualTo(tensor.order());
    }
  }

  @Test
  void theSelfCheckCountsItsDigests() {
    assertThat(run(0, "--self-check").get("self_check").asInt()).isEqualTo(3);
  }
}
