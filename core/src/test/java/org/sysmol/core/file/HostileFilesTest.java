package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;

/** Files that someone made to do harm: each is refused with a sentence, at little expense. */
class HostileFilesTest {
  private static final long MAX_ALLOCATED = 64L << 20;

  @TempDir Path directory;

  @Test
  void namesBothVersionsOfANewerFile() {
    byte[] bytes = sample();
    little(bytes).putInt(8, FileKind.VERSION + 1);
    assertRefused(bytes, FileProblem.Rule.VERSION)
        .hasMessageContaining("format version 2")
        .hasMessageContaining("reads version 1");
  }

  @Test
  void refusesWhatDoesNotBeginAsSuchAFile() {
    byte[] bytes = sample();
    bytes[0] = 'P';
    assertRefused(bytes, FileProblem.Rule.MAGIC);
    assertRefused(new byte[100], FileProblem.Rule.MAGIC);
    // A transfer as text turns the carriage return and line feed into a line feed.
    byte[] text = sample();
    text[6] = '\n';
    assertRefused(text, FileProblem.Rule.MAGIC);
  }

  @Test
  void refusesHugeHeadersBeforeTheyAreAllocated() {
    for (long length : new long[] {1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1, 1 << 24}) {
      byte[] bytes = sample();
      little(bytes).putLong(16, length);
      assertRefused(bytes, FileProblem.Rule.LENGTH);
    }
  }

  @Test
  void refusesHugeCountsBehindRightChecksums() {
    // Each header declares far more than the file has: entries, a name, a section, dimensions.
    byte[][] headers = {
      {(byte) 0xFF, (byte) 0xFF, (byte) 0x03, 0, 0},
      {1, (byte) 0xFF, (byte) 0x07, 0, 0},
      {0, (byte) 0xFF, (byte) 0xFF, 0x03, 0},
      {0, 1, 1, 'x', 0, 1, -1, -1, -1, -1, 0x7F, 0, -1, -1, -1, -1, 0x7F, 0, 0, 0, 0},
      {0, 1, 1, 'x', 4, 2, -1, -1, -1, -1, -1, 0x7F, -1, -1, -1, -1, -1, 0x7F, 0, 0, 0, 0, 0, 0},
    };
    for (byte[] header : headers) {
      byte[] file = new byte[64 + header.length];
      System.arraycopy(sample(), 0, file, 0, 12);
      CRC32C crc = new CRC32C();
      crc.update(header);
      little(file).putInt(12, (int) crc.getValue());
      little(file).putLong(16, header.length).putLong(24, file.length);
      System.arraycopy(header, 0, file, 32, header.length);
      assertThatThrownBy(bounded(() -> SmolFile.read(file, "attack.smol")))
          .isInstanceOfSatisfying(
              SysmolException.class,
              e ->
                  assertThat(FileProblem.ruleOf(e))
                      .isIn(FileProblem.Rule.HEADER, FileProblem.Rule.LAYOUT));
    }
  }

  @Test
  void survivesChangedSectionsBehindRightChecksums() {
    byte[] packed = sample();
    byte[] trained = TrainedFile.bytes(SampleTrained.of(1));
    assertThat(refusals(packed, FileKind.NETWORK)).isBetween(100, 499);
    assertThat(refusals(trained, FileKind.TRAINED)).isBetween(100, 499);
  }

  /** Of 500 files with a changed structure and otherwise right, how many are refused. */
  private static int refusals(byte[] good, FileKind kind) {
    Random random = new Random(kind.ordinal());
    int refused = 0;
    try (Container container = Container.open(ByteBuffer.wrap(good), "good", kind)) {
      byte[] structure = container.bytes(container.section("structure"));
      for (int i = 0; i < 500; i++) {
        byte[] bad = structure.clone();
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
        byte[] file = withStructure(container, kind, bad);
        try {
          bounded(() -> read(kind, file)).call();
        } catch (SysmolException e) {
          assertThat(e).hasCauseInstanceOf(FileProblem.class);
          refused++;
        } catch (Throwable e) {
          throw new AssertionError("attempt " + i, e);
        }
      }
    }
    return refused;
  }

  private static byte[] withStructure(Container container, FileKind kind, byte[] structure) {
    ContainerWriter out = new ContainerWriter(kind);
    container.metadata().forEach(out::metadata);
    for (Section section : container.sections()) {
      if (section.name().equals("structure")) {
        out.section("structure", structure);
      } else if (section.type() == DataType.U8) {
        out.section(section.name(), container.bytes(section));
      } else {
        int[] shape = section.shape().stream().mapToInt(Math::toIntExact).toArray();
        out.section(section.name(), container.floats(section), shape);
      }
    }
    return out.bytes();
  }

  /** Whatever the bytes: a network, or a refusal that names the broken rule. */
  @FuzzTest
  void readsOrRefusesAnyBytes(byte[] bytes) throws Throwable {
    for (FileKind kind : FileKind.values()) {
      try {
        bounded(() -> read(kind, bytes)).call();
      } catch (SysmolException e) {
        assertThat(e).hasCauseInstanceOf(FileProblem.class);
      }
    }
  }

  @Test
  void refusesTargetsThatCannotBeWritten() throws IOException {
    Path missing = directory.resolve("missing").resolve("x.smol");
    assertThatThrownBy(() -> SmolFile.write(SampleNetworks.of(1, 3, 1), missing))
        .isInstanceOfSatisfying(SysmolException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessageContaining("does not exist; create it");
    assertThatThrownBy(() -> SmolFile.write(SampleNetworks.of(1, 3, 1), directory))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("it is a directory");
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> SmolFile.write(SampleNetworks.of(1, 3, 1), file.resolve("x.smol")))
        .isInstanceOf(SysmolException.class);
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }

  private static void read(FileKind kind, byte[] bytes) {
    switch (kind) {
      case NETWORK -> SmolFile.read(bytes, "attack");
      case TRAINED -> TrainedFile.read(bytes, "attack");
      case CHECKPOINT -> CheckpointFile.read(bytes, "attack");
    }
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertRefused(
      byte[] bytes, FileProblem.Rule rule) {
    return assertThatThrownBy(bounded(() -> SmolFile.read(bytes, "attack.smol")))
        .isInstanceOfSatisfying(
            SysmolException.class, e -> assertThat(FileProblem.ruleOf(e)).isEqualTo(rule));
  }

  /** The same action, failing if it allocates more than the bound, whether it throws or not. */
  private static ThrowingCallable bounded(ThrowingCallable action) {
    return () -> {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        action.call();
      } finally {
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED);
      }
    };
  }

  private static byte[] sample() {
    return SmolFile.bytes(SampleNetworks.of(1, 3, 1));
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
