package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.packed.NetworkSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Training, calibrating and retargeting as a user does it. */
class TrainCommandTest {
  private static final String SHAPES = "../datasets/shapes";

  @TempDir private Path folder;

  private static String error = "";

  private static int run(List<String> arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setErr(stream);
      return Main.run(arguments.toArray(new String[0]));
    } finally {
      System.setErr(before);
      error = bytes.toString(StandardCharsets.UTF_8);
    }
  }

  private JsonNode succeed(String command, String... more) throws IOException {
    Path json = folder.resolve("result.json");
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--threads", "1", "--json", json.toString()));
    assertThat(run(arguments)).as(() -> error).isZero();
    return JsonMapper.builder().build().readTree(Files.readString(json));
  }

  private static void refused(String part, String... arguments) {
    assertThat(run(List.of(arguments))).as(() -> error).isEqualTo(2);
    assertThat(error).startsWith("sysmol: ").endsWith(".\n").contains(part);
    assertThat(error.lines()).hasSize(1);
  }

  @Test
  void anOnnxFileIsTrainedRetargetedAndItsBudgetKept() throws IOException {
    Path out = folder.resolve("run");
    JsonNode trained =
        succeed(
            "train",
            "--from",
            SHAPES + "/residual.onnx",
            "--data",
            SHAPES,
            "--bytes",
            "6000",
            "--epochs",
            "1,1,1",
            "--batch",
            "64",
            "--shift",
            "0",
            "--no-flip",
            "--no-baseline",
            "--out",
            out.toString());
    assertThat(Files.size(out.resolve("network.smol"))).isBetween(5000L, 6000L);
    assertThat(trained.get("bytes").get("file").asLong())
        .isEqualTo(Files.size(out.resolve("network.smol")));
    assertThat(trained.get("missed").asString()).isEmpty();
    List<String> log = Files.readAllLines(out.resolve("log.csv"));
    assertThat(log).hasSize(4);
    assertThat(log.getFirst())
        .startsWith(
            "phase,epoch,loss,train_accuracy,held_out_accuracy,seconds,images_per_second,bits,bits ");
    assertThat(log.get(3)).startsWith("fine-tuning,1,");
    assertThat(log)
        .allSatisfy(line -> assertThat(line.split(",")).hasSize(log.getFirst().split(",").length));
    assertThat(Files.readString(out.resolve("report.html"))).contains("Loss over training");
    JsonNode retargeted =
        succeed(
            "retarget",
            out.resolve("network.trained").toString(),
            "--patterns",
            "register",
            "--bits",
            "2.5",
            "--data",
            SHAPES,
            "--epochs",
            "1",
            "--out",
            folder.resolve("retargeted").toString());
    assertThat(retargeted.get("loss").get("before").asDouble()).isPositive();
    assertThat(retargeted.get("loss").get("tuned").asDouble()).isPositive();
    assertThat(retargeted.get("bits").get("all").asDouble()).isLessThanOrEqualTo(2.5);
    var smol = SmolFile.read(folder.resolve("retargeted/network.smol"));
    assertThat(smol.patterns()).isEqualTo("128,0,0;0,64,0;0,0,32");
    assertThat(TrainedFile.read(folder.resolve("retargeted/network.trained")).provenance().facts())
        .containsKeys("recipe", "retargeted", "tuned", "trained with command", "trained with seed")
        .hasEntrySatisfying("command", c -> assertThat(c).startsWith("sysmol retarget "))
        .hasEntrySatisfying("recipe", r -> assertThat(r).contains("bits=2.5"));
  }

  @Test
  void registersAreKeptAndThePapersRuleSaysWhatItTook() throws IOException {
    String[] common = {
      "--from",
      SHAPES + "/plain.onnx",
      "--data",
      SHAPES,
      "--calibrate-only",
      "--batch",
      "50",
      "--out",
      folder.resolve("out").toString()
    };
    JsonNode registers = succeed("train", with(common, "--registers", "300"));
    assertThat(registers.get("registers").asLong()).isLessThanOrEqualTo(300);
    assertThat(registers.get("assign").asString()).isEqualTo("registers");
    assertErrors(registers.get("layer_errors"));
    var smol = SmolFile.read(folder.resolve("out/network.smol"));
    assertThat(NetworkSize.of(smol).registers()).isEqualTo(registers.get("registers").asLong());
    JsonNode paper = succeed("train", with(common, "--assign", "paper", "--bits", "1.6"));
    assertThat(paper.get("bits").get("all").asDouble()).isGreaterThan(1.6);
    assertThat(error)
        .contains(
            "warning: The rule paper takes the fewest registers", "above the budget of 1.600");
    refused("the smallest possible is", args("train", with(common, "--registers", "3")));
    refused("the smallest possible has about", args("train", with(common, "--bytes", "900")));
    refused("give one of them", args("train", with(common, "--bits", "2", "--bytes", "9000")));
    refused("--rates means nothing", args("train", with(common, "--rates", "1,1,1")));
    // The folder of a training run is no place for a first answer.
    Files.write(folder.resolve("out/training.ckpt"), new byte[9]);
    refused("holds a training run", args("train", common));
  }

  /** The costliest first; the image's 8 bits and the searched layers' few. */
  private static void assertErrors(JsonNode errors) {
    assertThat(errors.size()).isGreaterThan(3);
    double before = Double.POSITIVE_INFINITY;
    int searched = 0;
    for (JsonNode error : errors) {
      assertThat(error.propertyNames())
          .containsExactly("name", "bits", "loss_rise", "points_lost", "activations", "weights");
      assertThat(error.get("name").asString()).isNotBlank();
      assertThat(error.get("loss_rise").asDouble()).isLessThanOrEqualTo(before);
      before = error.get("loss_rise").asDouble();
      double bits = error.get("bits").asDouble();
      assertThat(bits).isBetween(1.0, 8.0);
      searched += bits <= 4 ? 1 : 0;
      for (String part : List.of("activations", "weights")) {
        JsonNode channels = error.get(part);
        assertThat(channels.isNull()).isEqualTo(error.get("name").asString().contains("streams"));
        if (!channels.isNull()) {
          double worst = channels.get("worst_error").asDouble();
          assertThat(channels.get("mean_error").asDouble()).isBetween(0.0, worst);
          // The image's codes are those it comes in.
          assertThat(worst > 0 || bits == 8).isTrue();
          assertThat(channels.get("worst_channel").asInt())
              .isBetween(0, channels.get("channels").asInt() - 1);
        }
      }
    }
    assertThat(searched).isPositive();
  }

  private static String[] with(String[] common, String... more) {
    List<String> all = new ArrayList<>(List.of(common));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  private static String[] args(String command, String... more) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  @Test
  void foldersOfPicturesTrainABuiltInNetworkOfAnySize() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    for (String name : List.of("dark", "light", "red")) {
      Path of = Files.createDirectories(folder.resolve("pictures").resolve(name));
      for (int i = 0; i < 15; i++) {
        BufferedImage picture = new BufferedImage(17 + i, 19, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < picture.getWidth(); x++) {
          for (int y = 0; y < 19; y++) {
            int v = random.nextInt(60) + (name.equals("light") ? 190 : 10);
            picture.setRGB(x, y, name.equals("red") ? 0xC00000 + v : v * 0x10101);
          }
        }
        ImageIO.write(
            picture,
            i % 2 == 0 ? "png" : "jpg",
            of.resolve(i + (i % 2 == 0 ? ".png" : ".jpg")).toFile());
      }
    }
    String pictures = folder.resolve("pictures").toString();
    JsonNode trained =
        succeed(
            "train",
            "--network",
            "resnet20",
            "--data",
            pictures,
            "--size",
            "13x11",
            "--epochs",
            "1,1,0",
            "--batch",
            "12",
            "--no-baseline",
            "--out",
            folder.resolve("out").toString());
    assertThat(trained.get("network").asString()).isEqualTo("resnet20");
    var smol = SmolFile.read(folder.resolve("out/network.smol"));
    assertThat(smol.classNames()).containsExactly("dark", "light", "red");
    assertThat(smol.result().size()).isEqualTo(3);
    assertThat(smol.image().height()).isEqualTo(13);
    assertThat(smol.image().width()).isEqualTo(11);
    refused("--size", "train", "--data", pictures);
    refused("--size", "train", "--data", pictures, "--size", "13y11");
    refused("--size", "train", "--data", pictures, "--size", "0");
    refused("--mean", "train", "--data", pictures, "--size", "9", "--mean", "1,1,1");
    refused("--mean", "train", "--data", pictures, "--size", "9", "--mean", "1", "--std", "1");
    refused("resnet21", "train", "--data", pictures, "--network", "resnet21");
    refused("--from", "train", "--data", pictures, "--network", "resnet20", "--from", "x.onnx");
    refused("--from", "train", "--data", pictures, "--size", "9", "--calibrate-only");
    refused("--rates", "train", "--data", pictures, "--rates", "1,2");
    refused("--patience", "train", "--data", pictures, "--patience", "-1");
    refused("with --held-out", "train", "--data", pictures, "--patience", "2");
    refused("--held-out takes a share", "train", "--data", pictures, "--held-out", "0.6");
    refused("--held-out takes a share", "train", "--data", pictures, "--held-out", "NaN");
    String[] common = {"--data", pictures, "--size", "9x9", "--max-drop"};
    refused("hold some out", args("train", with(common, "1")));
    refused("from 0 to 100", args("train", with(common, "-1", "--held-out", "0.3")));
    refused(
        "leave --assign away",
        args("train", with(common, "1", "--held-out", "0.3", "--assign", "paper")));
    refused(
        "give one of them", args("train", with(common, "1", "--held-out", "0.3", "--bits", "3")));
    refused("--batch", "train", "--data", pictures, "--batch", "0");
    refused("8 results", "train", "--data", pictures, "--from", SHAPES + "/plain.onnx");
  }

  @Test
  void aGreatestDropIsJudgedOnHeldOutPictures() throws IOException {
    String[] common = {
      "--from",
      SHAPES + "/plain.onnx",
      "--data",
      SHAPES,
      "--held-out",
      "0.2",
      "--no-baseline",
      "--shift",
      "0",
      "--no-flip",
      "--out",
      folder.resolve("out").toString()
    };
    JsonNode kept = succeed("train", with(common, "--max-drop", "60", "--epochs", "4,1,1"));
    assertThat(error).contains("budget: at ");
    double bits = kept.get("budget_bits").asDouble();
    assertThat(kept.get("bits").get("all").asDouble()).isLessThanOrEqualTo(bits);
    JsonNode held = kept.get("held_out");
    assertThat(held.get("fp32").asDouble()).isGreaterThan(50);
    assertThat(held.get("quantised").asDouble()).isGreaterThan(held.get("fp32").asDouble() - 60);
    // One bit everywhere and no fine-tuning: no budget helps.
    List<String> missed = new ArrayList<>(List.of("train"));
    missed.addAll(List.of(common));
    missed.set(missed.size() - 1, folder.resolve("one").toString());
    missed.addAll(List.of("--patterns", "128,0,0", "--max-drop", "0.5", "--epochs", "4,1,0"));
    missed.addAll(List.of("--threads", "1"));
    assertThat(run(missed)).as(() -> error).isEqualTo(1);
    assertThat(error)
        .contains(
            "sysmol: The network lost ",
            "more than --max-drop 0.5; train longer with --epochs, or with more --bits where"
                + " --patterns has them.");
    assertThat(folder.resolve("one/network.smol")).exists();
  }

  @Test
  void retargetRefusesByName() {
    String missing = folder.resolve("no.trained").toString();
    refused("no.trained", "retarget", missing, "--patterns", "P4", "--data", SHAPES);
    refused("P9", "retarget", missing, "--patterns", "P9", "--data", SHAPES);
    refused(
        "--epochs", "retarget", missing, "--patterns", "P4", "--data", SHAPES, "--epochs", "-1");
    refused("--bits", "retarget", missing, "--patterns", "P4", "--data", SHAPES, "--bits", "9");
    refused("--rate", "retarget", missing, "--patterns", "P4", "--data", SHAPES, "--rate", "-1");
  }
}
