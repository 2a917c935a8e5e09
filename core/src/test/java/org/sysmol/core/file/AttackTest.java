package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

class AttackTest {
  /** The corpus as it lies in the tree. */
  static Map<String, Path> corpus() throws IOException, URISyntaxException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> entries = Files.list(directory())) {
      entries
          .filter(path -> path.toString().endsWith(".smol"))
          .forEach(path -> files.put(path.getFileName().toString(), path));
    }
    return files;
  }

  private static Path directory() throws URISyntaxException {
    return Path.of(Objects.requireNonNull(AttackTest.class.getResource("/attacks")).toURI());
  }

  @Test
  void theCorpusIsWhatItsProgramMakes() throws Exception {
    Map<String, byte[]> made = Attacks.all();
    Map<String, Path> stored = corpus();
    assertThat(stored.keySet()).isEqualTo(made.keySet()).hasSizeGreaterThan(100);
    for (String name : made.keySet()) {
      assertThat(Files.readAllBytes(stored.get(name))).as(name).isEqualTo(made.get(name));
    }
  }

  @Test
  void everyAttackIsRefusedForItsOwnLieWithinBoundedMemory() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThat(threads.isThreadAllocatedMemorySupported()).isTrue();
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Path> attack : corpus().entrySet()) {
      long before = threads.getCurrentThreadAllocatedBytes();
      SysmolException refusal =
          catchThrowableOfType(SysmolException.class, () -> SmolFile.read(attack.getValue()));
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      if (refusal == null
          || refusal.exitCode() != 2
          || FileProblem.ruleOf(refusal) != Attacks.rule(attack.getKey())
          || !String.valueOf(refusal.getMessage()).startsWith(attack.getValue().toString())
          || !String.valueOf(refusal.getMessage()).endsWith(".")
          || allocated > 8 << 20) {
        wrong.add(attack.getKey() + " (" + allocated + " bytes): " + refusal);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** A file must be refused for its own lie, not for another that it tells by accident. */
  @Test
  void refusalsSayWhatAndWhereAndWhatToDo() throws Exception {
    StringBuilder refusals = new StringBuilder();
    Attacks.all()
        .forEach((name, file) -> refusals.append(Attacks.refusal(name, file)).append('\n'));
    assertThat(refusals.toString())
        .isEqualTo(Files.readString(directory().resolve(Attacks.REFUSALS)));
  }
}
