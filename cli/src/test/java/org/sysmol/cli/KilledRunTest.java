package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run killed at any moment ends, when started again, in the same bits; SIGTERM loses not even a
 * step.
 */
class KilledRunTest {
  private static final int SIZE = 28;

  /** Checkpoints after which a run is killed, of the nine that it writes. */
  private static final int[] CHECKPOINTS = {0, 1, 4, 7};

  @TempDir private Path folder;

  @Test
  void aKilledRunResumesToTheSameBits() throws Exception {
    data("train", 200);
    data("t10k", 20);
    Path whole = Files.createDirectory(folder.resolve("whole"));
    assertThat(run(whole, OptionalInt.empty())).as("an undisturbed run").isZero();
    byte[] expected = Files.readAllBytes(whole.resolve("out/network.trained"));

    int killed = 0;
    int resumed = 0;
    for (int checkpoints : CHECKPOINTS) {
      Path cut = Files.createDirectory(folder.resolve("cut" + checkpoints));
      int code = run(cut, OptionalInt.of(checkpoints));
      killed += code == 128 + 9 ? 1 : 0;
      resumed += Files.exists(cut.resolve("out/training.ckpt")) ? 1 : 0;
      assertThat(run(cut, OptionalInt.empty())).as("resumed after %s", checkpoints).isZero();
      byte[] got = Files.readAllBytes(cut.resolve("out/network.trained"));
      assertThat(Arrays.mismatch(got, expected))
          .as("first byte that differs, killed after %s checkpoints", checkpoints)
          .isEqualTo(-1);
      try (Stream<Path> left = Files.list(cut.resolve("out"))) {
        assertThat(left.map(p -> p.getFileName().toString()).sorted().toList())
            .as("nothing half-written is left")
            .containsExactly(
                "log.csv", "network.smol", "network.trained", "report.html", "training.ckpt");
      }
      assertThat(log(cut)).as("epochs of the earlier run are in the log too").isEqualTo(log(whole));
    }
    assertThat(killed).isEqualTo(CHECKPOINTS.length);
    assertThat(resumed).isEqualTo(CHECKPOINTS.length - 1);
  }

  @Test
  void aTerminatedRunGoesOnAtItsStep() throws Exception {
    data("train", 600);
    data("t10k", 20);
    Path whole = Files.createDirectory(folder.resolve("whole"));
    assertThat(start(whole, "20").waitFor(5, TimeUnit.MINUTES)).isTrue();
    byte[] expected = Files.readAllBytes(whole.resolve("out/network.trained"));
    for (long wait : new long[] {10, 150}) {
      Path cut = Files.createDirectory(folder.resolve("cut" + wait));
      Process process = start(cut, "20");
      Path checkpoint = cut.resolve("out/training.ckpt");
      while (!Files.exists(checkpoint) && process.isAlive()) {
        Thread.sleep(1);
      }
      // In an epoch of 27 steps, each of some ten milliseconds, or between two.
      Thread.sleep(wait);
      process.destroy();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + 15);
      assertThat(Files.readString(cut.resolve("log")))
          .containsPattern("Training was stopped after (step \\d+ of 27 in )?epoch \\d of phase")
          .contains("its state is kept, and the same command goes on from there.");
      assertThat(start(cut, "20").waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(Files.readString(cut.resolve("log"))).contains("steps were done before");
      assertThat(Arrays.mismatch(Files.readAllBytes(cut.resolve("out/network.trained")), expected))
          .as("first byte that differs")
          .isEqualTo(-1);
      assertThat(log(cut)).isEqualTo(log(whole));
    }
  }

  /** The lines of a run's log without its two columns of time, which must all be there. */
  private static List<String> log(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("out/log.csv"))) {
      List<String> fields = new ArrayList<>(List.of(line.split(",")));
      for (int i = 0; i < 2; i++) {
        String time = fields.remove(5);
        assertThat(lines.isEmpty() || Double.parseDouble(time) > 0).as(line).isTrue();
      }
      lines.add(String.join(",", fields));
    }
    return lines;
  }

  /**
   * Runs {@code sysmol train} in a process of its own, killed a while after it has written a number
   * of checkpoints: in the middle of an epoch, or of the next checkpoint.
   */
  private int run(Path in, OptionalInt checkpoints) throws Exception {
    Process process = start(in, "100");
    if (checkpoints.isPresent()) {
      File checkpoint = in.resolve("out/training.ckpt").toFile();
      int seen = 0;
      long last = 0;
      while (seen < checkpoints.getAsInt() && process.isAlive()) {
        // Written to another name first, so that each checkpoint is a new file.
        long now = checkpoint.lastModified();
        seen += now != last ? 1 : 0;
        last = now;
        Thread.sleep(1);
      }
      Thread.sleep(20L + 10L * checkpoints.getAsInt());
      process.destroyForcibly();
    }
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  private static Process start(Path in, String batch) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Main.class.getName(),
            "train",
            "--data",
            "../data",
            "--out",
            "out",
            "--epochs",
            "1,2,2",
            "--held-out",
            "0.1",
            "--patience",
            "1",
            "--batch",
            batch,
            "--threads",
            "1");
    ProcessBuilder builder = new ProcessBuilder(command).directory(in.toFile());
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    File log = in.resolve("log").toFile();
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    return builder.start();
  }

  /** Pictures of ten classes as IDX files. */
  private void data(String prefix, int count) throws IOException {
    SplittableRandom random = new SplittableRandom(count);
    byte[] pixels = new byte[count * SIZE * SIZE];
    byte[] labels = new byte[count];
    for (int n = 0; n < count; n++) {
      labels[n] = (byte) (n % 10);
      for (int i = 0; i < SIZE * SIZE; i++) {
        int bright = i / SIZE * 10 / SIZE == labels[n] ? 200 : 40;
        pixels[n * SIZE * SIZE + i] = (byte) (bright + random.nextInt(56));
      }
    }
    Path data = Files.createDirectories(folder.resolve("data"));
    write(
        data.resolve(prefix + "-images-idx3-ubyte.gz"),
        ByteBuffer.allocate(16).putInt(0x803).putInt(count).putInt(SIZE).putInt(SIZE),
        pixels);
    write(
        data.resolve(prefix + "-labels-idx1-ubyte.gz"),
        ByteBuffer.allocate(8).putInt(0x801).putInt(count),
        labels);
  }

  private static void write(Path file, ByteBuffer header, byte[] content) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(header.array());
      out.write(content);
    }
  }
}
