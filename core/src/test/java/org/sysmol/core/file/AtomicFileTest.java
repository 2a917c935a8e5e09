package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;

class AtomicFileTest {
  @TempDir Path directory;

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static SysmolException.Kind kindOf(Throwable refusal) {
    return ((SysmolException) refusal).kind();
  }

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path file = directory.resolve("a");
    AtomicFile.write(file, new byte[] {1});
    AtomicFile.write(file, new byte[] {2, 3});
    assertThat(Files.readAllBytes(file)).containsExactly(2, 3);
    assertThat(names()).containsExactly("a");
  }

  @Test
  void keepsTheOldFileWhenTheDiskFillsUpHalfWay() throws IOException {
    Path file = directory.resolve("a");
    AtomicFile.write(file, new byte[] {1});
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[1000]));
                      assertThat(names()).hasSize(2);
                      throw new IOException("No space left on device");
                    }))
        .hasMessage(
            file
                + " can't be written because the disk is full; free some space or choose another"
                + " path.")
        .satisfies(e -> assertThat(kindOf(e)).isEqualTo(SysmolException.Kind.FAILED));
    assertThat(Files.readAllBytes(file)).containsExactly(1);
    assertThat(names()).containsExactly("a");
  }

  @Test
  void removesItsTemporaryFileWhateverIsThrown() throws IOException {
    Path file = directory.resolve("a");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      throw new IllegalStateException("a bug");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(names()).isEmpty();
  }

  @Test
  void writesToDevicesDirectlySoThatAFullOneIsNoticed() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(Files.isWritable(full)).as("/dev/full, which only Linux has").isTrue();
    assertThatThrownBy(() -> AtomicFile.write(full, new byte[10]))
        .hasMessage(
            "/dev/full can't be written because the disk is full; free some space or choose another"
                + " path.");
    AtomicFile.write(Path.of("/dev/null"), new byte[10]);
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void namesWhatStandsInTheWay() throws IOException {
    Path missing = directory.resolve("no").resolve("a");
    assertThatThrownBy(() -> AtomicFile.write(missing, new byte[1]))
        .hasMessage(
            missing
                + " can't be written because the directory "
                + missing.getParent()
                + " does not exist; create it or choose another path.");
    assertThatThrownBy(() -> AtomicFile.write(directory, new byte[1]))
        .hasMessage(
            directory + " can't be written because it is a directory; choose another name.");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    directory.resolve("a"),
                    channel -> {
                      throw new AccessDeniedException("a");
                    }))
        .hasMessageEndingWith(
            "a can't be written for lack of permission; change the directory's permissions or"
                + " choose another path.");
    assertThat(names()).isEmpty();
  }

  @Test
  void followsASymbolicLinkInsteadOfReplacingIt() throws IOException {
    Path target = Files.write(directory.resolve("target"), new byte[] {1});
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    AtomicFile.write(link, new byte[] {2});
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(Files.readAllBytes(target)).containsExactly(2);
  }

  @Test
  void removesWhatAKilledProcessLeftOfTheSameNameOnly() throws IOException {
    long own = ProcessHandle.current().pid();
    long gone = 4_000_000_000L;
    long alive = ProcessHandle.of(1).isPresent() && own != 1 ? 1 : own;
    Files.write(directory.resolve(".a." + gone + "-1.partial"), new byte[9]);
    Files.write(directory.resolve(".a." + own + "-999999999.partial"), new byte[9]);
    List<String> others =
        Stream.of(
                ".b." + gone + "-1.partial",
                ".a.b." + gone + "-1.partial",
                ".a.partial",
                ".a..partial",
                ".a.x-1.partial",
                alive == own ? ".a.none" : ".a." + alive + "-1.partial")
            .sorted()
            .toList();
    for (String other : others) {
      Files.write(directory.resolve(other), new byte[9]);
    }
    AtomicFile.write(directory.resolve("a"), new byte[] {1});
    assertThat(names())
        .containsExactlyElementsOf(
            Stream.concat(others.stream(), Stream.of("a")).sorted().toList());
  }

  @Test
  void writersOfOneNameDoNotMix() throws Exception {
    Path file = directory.resolve("a");
    List<Callable<Object>> writers =
        Stream.<Integer>iterate(1, i -> i + 1)
            .limit(20)
            .map(
                i ->
                    Executors.callable(
                        () -> {
                          byte[] bytes = new byte[100_000 + i];
                          java.util.Arrays.fill(bytes, (byte) (int) i);
                          AtomicFile.write(file, bytes);
                        }))
            .toList();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var done : threads.invokeAll(writers)) {
        done.get();
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(100_000 + bytes[0]).containsOnly(bytes[0]);
    assertThat(names()).containsExactly("a");
  }
}
