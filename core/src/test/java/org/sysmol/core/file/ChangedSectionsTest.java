package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * Files whose sections were changed and whose checksums were made to agree again, so that changes
 * reach the code behind the checksums. Each ends in a refusal that names its rule, or in something
 * that can be written and read again; never in another exception or in much memory.
 *
 * <p>A script of bytes says which good file is taken and what is changed in it. A fuzzer writes
 * scripts when the tests run with {@code JAZZER_FUZZ=1}; otherwise its stored ones are run, and
 * seeded random ones.
 */
class ChangedSectionsTest {
  private static final long MAX_ALLOCATED = 64L << 20;
  private static final int MAX_BYTES = 1 << 14;

  /** What replaces bytes: ends of ranges, as bytes, varints and floats. */
  private static final byte[][] INTERESTING = {
    {0},
    {1},
    {(byte) 0xFF},
    {0x7F},
    {(byte) 0x80, 1},
    {(byte) 0xFF, (byte) 0xFF, 3},
    {(byte) 0x80, (byte) 0x80, 4},
    {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 7},
    {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 15},
    {0, 0, (byte) 0xC0, 0x7F},
    {0, 0, (byte) 0x80, 0x7F},
    {1, 0, 0, 0},
    {0, 0, 0, (byte) 0x80},
  };

  private static final List<Forge> NETWORKS =
      List.of(
          Forge.of(FileKind.NETWORK, SmolFile.bytes(SampleNetworks.of(4, 3, 1))),
          Forge.of(FileKind.NETWORK, SmolFile.bytes(SampleNetworks.of(5, 1, 2))));
  private static final List<Forge> TRAINED =
      List.of(
          Forge.of(FileKind.TRAINED, TrainedFile.bytes(SampleTrained.of(1))),
          Forge.of(FileKind.TRAINED, TrainedFile.bytes(SampleTrained.of(2))));

  @FuzzTest
  void scriptsEndInARefusalOrARoundTrip(byte[] script) {
    run(script);
  }

  @Test
  void seededScriptsEndInARefusalOrARoundTrip() {
    Random random = new Random(2024);
    int accepted = 0;
    int scripts = 1500;
    for (int i = 0; i < scripts; i++) {
      byte[] script = new byte[2 + 5 * (1 + random.nextInt(2))];
      random.nextBytes(script);
      accepted += run(script) ? 1 : 0;
    }
    // Changes in weights, scales and names are often harmless; most others are not.
    assertThat(accepted).isBetween(scripts / 50, scripts / 2);
  }

  /** True if the changed file was accepted. */
  private static boolean run(byte[] script) {
    ByteBuffer in = ByteBuffer.wrap(script);
    if (in.remaining() < 2) {
      return false;
    }
    boolean packed = in.get() % 2 == 0;
    Forge forge = (packed ? NETWORKS : TRAINED).get(in.get() & 1);
    byte[] file = changed(forge, in);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    byte[] again;
    try {
      if (packed) {
        PackedNetwork network = SmolFile.read(file, "changed");
        again = SmolFile.bytes(network);
        Exactly.assertSame(SmolFile.read(again, "again"), network);
      } else {
        TrainedNetwork trained = TrainedFile.read(file, "changed");
        again = TrainedFile.bytes(trained);
        Exactly.assertSame(TrainedFile.read(again, "again"), trained);
      }
      return true;
    } catch (SysmolException e) {
      assertThat(e).hasCauseInstanceOf(FileProblem.class);
      assertThat(e.exitCode()).isEqualTo(2);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MAX_ALLOCATED);
      return false;
    }
  }

  private static byte[] changed(Forge forge, ByteBuffer in) {
    Map<String, byte[]> sections = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(forge.names());
    while (in.remaining() >= 5) {
      int choice = in.get() & 0xFF;
      // Half of the changes go to the structure, which is where most can go wrong.
      String name = choice % 2 == 0 ? names.getFirst() : names.get(choice / 2 % names.size());
      byte[] bytes = sections.getOrDefault(name, forge.section(name));
      int at = bytes.length == 0 ? 0 : (in.getShort() & 0xFFFF) % bytes.length;
      byte[] changed = change(bytes, at, in.get() & 0xFF, in.get());
      if (changed.length <= MAX_BYTES) {
        sections.put(name, changed);
      }
    }
    return forge.withSections(sections);
  }

  private static byte[] change(byte[] bytes, int at, int kind, byte value) {
    byte[] interesting = INTERESTING[(value & 0xFF) % INTERESTING.length];
    return switch (kind % 6) {
      case 0 -> spliced(bytes, at, 1, new byte[] {value});
      case 1 -> spliced(bytes, at, 1, interesting);
      case 2 -> spliced(bytes, at, interesting.length, interesting);
      case 3 -> spliced(bytes, at, 0, new byte[] {value});
      case 4 -> spliced(bytes, at, value & 7, new byte[0]);
      default ->
          spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 16)));
    };
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, byte[] put) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(put);
    int rest = Math.min(bytes.length, at + removed);
    out.write(bytes, rest, bytes.length - rest);
    return out.toByteArray();
  }
}
