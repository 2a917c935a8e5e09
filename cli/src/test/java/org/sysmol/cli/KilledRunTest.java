package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run killed with SIGKILL at any moment ends, when started again, in the same bits. */
class KilledRunTest {
  private static final int SIZE = 28;

  /** Moments of a run, in shares of its length. */
  private static final double[] MOMENTS = {0.35, 0.55, 0.75, 0.9};

  @TempDir private Path folder;

  @Test
  void aKilledRunResumesToTheSameBits() throws Exception {
    data("train", 200);
    data("t10k", 20);
    Path whole = Files.createDirectory(folder.resolve("whole"));
    long before = System.nanoTime();
    assertThat(run(whole, Optional.empty())).as("an undisturbed run").isZero();
    long length = (System.nanoTime() - before) / 1_000_000;
    byte[] expected = Files.readAllBytes(whole.resolve("out/network.trained"));

    int killed = 0;
    int resumed = 0;
    for (double moment : MOMENTS) {
      Path cut = Files.createDirectory(folder.resolve("cut" + moment));
      int code = run(cut, Optional.of(Math.round(moment * length)));
      killed += code == 128 + 9 ? 1 : 0;
      resumed += Files.exists(cut.resolve("out/training.ckpt")) ? 1 : 0;
      assertThat(run(cut, Optional.empty())).as("resumed after %s", moment).isZero();
      byte[] got = Files.readAllBytes(cut.resolve("out/network.trained"));
      assertThat(Arrays.mismatch(got, expected))
          .as("first byte that differs, killed at %s of %d ms", moment, length)
          .isEqualTo(-1);
      try (Stream<Path> left = Files.list(cut.resolve("out"))) {
        assertThat(left.map(p -> p.getFileName().toString()).sorted().toList())
            .as("nothing half-written is left")
            .containsExactly("network.trained", "training.ckpt");
      }
    }
    // The machine may be slow or fast in turns, but some kills must have met a run on its way.
    assertThat(killed).isGreaterThan(1);
    assertThat(resumed).isGreaterThan(1);
  }

  /** Runs {@code sysmol train} in a process of its own, killed after some milliseconds. */
  private int run(Path in, Optional<Long> killAfter) throws Exception {
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
            "--threads",
            "1");
    ProcessBuilder builder = new ProcessBuilder(command).directory(in.toFile());
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    File log = in.resolve("log").toFile();
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    Process process = builder.start();
    if (killAfter.isPresent() && !process.waitFor(killAfter.get(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
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
