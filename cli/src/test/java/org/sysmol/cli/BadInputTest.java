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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.runtime.SelfCheck;

/**
 * What a user gets who gives the commands something bad: one sentence, and nothing half-written.
 */
class BadInputTest {
  @TempDir private static Path folder;

  private static Path good = Path.of("");

  @BeforeAll
  static void writeNetwork() {
    good = folder.resolve("good.smol");
    SmolFile.write(
        SelfCheck.sign(NetworkCompiler.compile(new ContractTest().trained(false, "P4"))), good);
  }

  /** Exit code and what was said on standard error. */
  private record Said(int code, String error) {
    /** One sentence that names the place. */
    void isOneSentence(int expected, String... parts) {
      assertThat(code).as(error).isEqualTo(expected);
      assertThat(error).startsWith("sysmol: ").endsWith(".\n");
      assertThat(error.lines()).hasSize(1);
      assertThat(error).contains(parts);
    }
  }

  private static Said run(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setErr(stream);
      int code = Main.run(arguments);
      return new Said(code, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  private static Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "run", "bench", "explain"})
  void damagedFilesAreRefusedByEveryCommand(String command) throws IOException {
    byte[] bytes = Files.readAllBytes(good);
    byte[] flipped = bytes.clone();
    flipped[bytes.length / 2] ^= 0x10;
    byte[] magic = bytes.clone();
    magic[0] = 'X';
    Path[] files = {
      file("truncated.smol", Arrays.copyOf(bytes, bytes.length - 7)),
      file("flipped.smol", flipped),
      file("magic.smol", magic),
      file("longer.smol", Arrays.copyOf(bytes, bytes.length + 9)),
      file("empty.smol", new byte[0]),
      folder.resolve("missing.smol"),
      folder,
    };
    for (Path bad : files) {
      String[] more =
          List.of("inspect", "explain").contains(command)
              ? new String[] {command, bad.toString()}
              : new String[] {command, bad.toString(), "--data", folder.toString()};
      run(more).isOneSentence(2, bad.toString());
    }
  }

  @Test
  void everySingleBitOfTheHeaderMatters() throws IOException {
    byte[] bytes = Files.readAllBytes(good);
    for (int bit = 0; bit < 64 * 8; bit += 5) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit & 7));
      Said said = run("inspect", file("bit.smol", flipped).toString());
      assertThat(said.code()).as("bit %d: %s", bit, said.error()).isEqualTo(2);
      assertThat(said.error().lines()).hasSize(1);
    }
  }

  @Test
  void missingDataIsNamed() {
    Path nowhere = folder.resolve("nowhere");
    run("run", good.toString(), "--data", nowhere.toString()).isOneSentence(2, nowhere.toString());
    run("run", good.toString(), nowhere.toString()).isOneSentence(2, nowhere.toString());
    Path out = folder.resolve("never");
    run("train", "--data", nowhere.toString(), "--out", out.toString())
        .isOneSentence(2, nowhere.toString());
    run("compile", folder.resolve("no.trained").toString()).isOneSentence(2, "no.trained");
    run("import", folder.resolve("no.onnx").toString()).isOneSentence(2, "no.onnx");
  }

  @Test
  void picturesThatAreNoneAreNamed() throws IOException {
    Path text = file("picture.png", "no picture".getBytes(StandardCharsets.UTF_8));
    run("run", good.toString(), text.toString()).isOneSentence(2, text.toString());
  }

  @Test
  void aPictureWithoutAClassIsNothingToLearnFrom() throws IOException {
    Path picture = folder.resolve("alone.png");
    ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    Path out = folder.resolve("out of a picture");
    run("train", "--network", "resnet20", "--data", picture.toString(), "--out", out.toString())
        .isOneSentence(2, "alone.png", "without a class");
    assertThat(out).doesNotExist();
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    run("run", good.toString()).isOneSentence(2, "--data");
    run("run", good.toString(), "--limit", "-1", "--self-check").isOneSentence(2, "--limit");
    run("run", good.toString(), "--threads", "-1", "--self-check").isOneSentence(2, "--threads");
    run("run", good.toString(), "--threads", "100000", "--data", "x")
        .isOneSentence(2, "--threads", "256");
    run("train", "--data", ".", "--epochs", "8,x,5").isOneSentence(2, "--epochs", "8,x,5");
    run("train", "--data", ".", "--bits", "NaN").isOneSentence(2, "--bits");
    run("train", "--data", ".", "--bits", "-1").isOneSentence(2, "--bits");
    run("train", "--data", ".", "--threads", "0").isOneSentence(2, "--threads");
    run("train", "--data", ".", "--noise-step", "0").isOneSentence(2, "--noise-step");
    run("train", "--data", ".", "--delta", "channel").isOneSentence(2, "--delta", "channel");
    run("train", "--data", ".", "--steps", "some").isOneSentence(2, "--steps", "some");
    run("train", "--data", ".", "--schedule", "step").isOneSentence(2, "--schedule", "step");
    run("train", "--data", ".", "--patterns", "P9").isOneSentence(2, "P9");
    run("train", "--data", ".", "--assign", "luck").isOneSentence(2, "luck");
    run("train", "--data", ".", "--threads", "257").isOneSentence(2, "--threads", "256");
    run("train", "--data", ".", "--network", "vgg16").isOneSentence(2, "vgg16", "demo", "wide");
    run("demo", "--images", "0").isOneSentence(2, "--images");
    run("run", good.toString(), "--self-check", "--threads", "2").isOneSentence(2, "--threads");
    run("run", good.toString(), "--self-check", "--split", "all").isOneSentence(2, "--split");
    run(
            "export",
            good.toString(),
            "--onnx",
            folder.resolve("never.onnx").toString(),
            "--limit",
            "5")
        .isOneSentence(2, "--limit", "--check");
    run("simulate", good.toString(), "--validate", "--full").isOneSentence(2, "--full");
  }

  @ParameterizedTest
  @CsvSource({
    "--distil, 0.5",
    "--steps, fixed",
    "--schedule, constant",
    "--average, ",
    "--patience, 3"
  })
  void optionsOfAFineTuningNeedOne(String option, String value) {
    List<String> all =
        new ArrayList<>(List.of("train", "--data", ".", "--epochs", "0,1,0", "--no-baseline"));
    if (option.equals("--patience")) {
      all.addAll(List.of("--held-out", "0.1"));
    }
    all.add(option);
    if (value != null) {
      all.add(value);
    }
    run(all.toArray(String[]::new)).isOneSentence(2, option, "fine-tuning");
  }

  @Test
  void wrongUsageIsOneSentenceToo() {
    run("foo").isOneSentence(2, "Nothing here takes foo", "sysmol --help");
    run("run", good.toString(), "--limit", "99999999999").isOneSentence(2, "run --help", "--limit");
    run("train").isOneSentence(2, "--data", "train --help");
    run("train", "--seed", "1.5", "--data", ".").isOneSentence(2, "--seed", "1.5", "whole number");
  }

  /** No command writes over what it reads, or over what others wrote. */
  @Test
  void inputsAreNotWrittenOver() throws IOException {
    byte[] packed = Files.readAllBytes(good);
    run("export", good.toString(), "--onnx", good.toString()).isOneSentence(2, "--onnx", "lost");
    run("inspect", good.toString(), "--json", good.toString()).isOneSentence(2, "--json");
    run("explain", good.toString(), "--cost-table", good.toString())
        .isOneSentence(2, "--cost-table");
    run("simulate", good.toString(), "--report", good.toString()).isOneSentence(2, "--report");
    run("simulate", good.toString(), "--listing", good.toString()).isOneSentence(2, "--listing");
    assertThat(Files.readAllBytes(good)).isEqualTo(packed);
    Path run = Files.createDirectories(folder.resolve("a run"));
    Path trained = run.resolve("network.trained");
    TrainedFile.write(new ContractTest().trained(false, "P4"), trained);
    byte[] before = Files.readAllBytes(trained);
    run("compile", trained.toString(), "--out", trained.toString()).isOneSentence(2, "--out");
    String[] retarget = {
      "retarget", trained.toString(), "--data", folder.toString(), "--out", run.toString()
    };
    run(retarget).isOneSentence(2, "--out", "lost");
    Path others = Files.createDirectories(folder.resolve("another run"));
    Files.write(others.resolve("training.ckpt"), new byte[9]);
    retarget[5] = others.toString();
    run(retarget).isOneSentence(2, "another run", "--out");
    assertThat(Files.readAllBytes(trained)).isEqualTo(before);
    run("retarget", trained.toString(), "--data", ".", "--assign", "paper", "--bits", "2")
        .isOneSentence(2, "paper", "--bits");
    run("retarget", trained.toString(), "--data", ".", "--rate", "0.1")
        .isOneSentence(2, "--rate", "--epochs");
  }

  @Test
  void benchesThatMakeNoSenseAreRefused() {
    run("bench").isOneSentence(2, "NET.smol", "--network");
    run("bench", good.toString(), "--network", "resnet18").isOneSentence(2, "--network");
    run("bench", good.toString(), "--mix", "50,30,20").isOneSentence(2, "--mix");
    run("bench", "--network", "vgg16").isOneSentence(2, "vgg16", "resnet18");
    run("bench", "--network", "resnet20", "--mix", "50,30").isOneSentence(2, "--mix", "50,30");
    run("bench", "--network", "resnet20", "--mix", "50,30,30").isOneSentence(2, "50,30,30");
    run("bench", "--network", "resnet20", "--bits", "5").isOneSentence(2, "--bits");
    run("bench", "--network", "resnet20", "--bits", "2", "--mix", "50,30,20")
        .isOneSentence(2, "--bits", "--mix");
    run("bench", "--network", "resnet20", "--isa", "neon").isOneSentence(2, "neon", "avx2");
    run("bench", "--network", "resnet20", "--peers", "tvm").isOneSentence(2, "tvm");
    run("bench", "--network", "resnet20", "--rounds", "0").isOneSentence(2, "--rounds");
    run("bench", "--network", "resnet20", "--threads", "0").isOneSentence(2, "--threads");
    run("bench", "--network", "resnet20", "--onnx", "a.onnx").isOneSentence(2, "--onnx");
    run("bench", good.toString(), "--onnx", "no.onnx").isOneSentence(2, "no.onnx");
    run("bench", good.toString(), "--onnx", "no.onnx", "--no-peers")
        .isOneSentence(2, "--onnx", "--no-peers");
    run("bench", "--network", "resnet20", "--rounds", "10001").isOneSentence(2, "--rounds");
    run("bench", "--network", "resnet20", "--per-round", "2000000000")
        .isOneSentence(2, "--per-round");
    run("bench", "--network", "resnet20", "--threads", "257").isOneSentence(2, "--threads", "256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "explain"})
  void enginesWithoutMachineCodeRefuseWhatIsAboutIt(String command) {
    run(command, good.toString(), "--engine", "vector", "--threads", "4")
        .isOneSentence(2, "--threads 4", "engine vector");
    run(command, good.toString(), "--engine", "scalar", "--refresh-costs")
        .isOneSentence(2, "--refresh-costs", "engine scalar");
    // No code is generated for this class, so another engine is fallen back to.
    run(command, good.toString(), "--isa", "baseline", "--threads", "2")
        .isOneSentence(2, "--threads 2", "falls back");
  }

  @Test
  void costsThatNobodyMeasuresAreNotExported() {
    Path table = folder.resolve("never.json");
    run("explain", good.toString(), "--engine", "scalar", "--cost-table", table.toString())
        .isOneSentence(2, "--cost-table", "engine scalar");
    assertThat(table).doesNotExist();
  }

  @Test
  void whatCannotBeWrittenLeavesNothing() throws IOException {
    Path parent = file("a-file", new byte[] {1});
    run("inspect", good.toString(), "--json", parent.resolve("x.json").toString())
        .isOneSentence(2, "a-file");
    run("train", "--data", "../datasets/fashion-mnist", "--out", parent.resolve("out").toString())
        .isOneSentence(1, "a-file");
    Path taken = Files.createDirectories(folder.resolve("taken.json/inside")).getParent();
    run("inspect", good.toString(), "--json", taken.toString()).isOneSentence(2, "taken.json");
    try (Stream<Path> left = Files.list(folder)) {
      List<String> names = left.map(p -> p.getFileName().toString()).toList();
      assertThat(names).noneMatch(n -> n.endsWith(".tmp") || n.endsWith(".part"));
    }
  }
}
