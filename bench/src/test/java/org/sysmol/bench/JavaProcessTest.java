package org.sysmol.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JavaProcessTest {
  /** Says what it was started with. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      System.out.println(System.getProperty("java.class.path"));
      System.out.println(Files.readAllBytes(Path.of("/proc/self/cmdline")).length);
      System.out.println(arguments[0] + System.getenv("GIVEN"));
    }
  }

  @Test
  void theClassPathIsNotInTheCommandLine() throws Exception {
    String given = "argument";
    Process child = JavaProcess.start(Child.class, Map.of("GIVEN", " variable"), List.of(given));
    List<String> lines =
        new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(child.waitFor()).isZero();
    String path = System.getProperty("java.class.path");
    assertThat(lines).element(0).isEqualTo(path);
    assertThat(Integer.parseInt(lines.get(1))).isLessThan(500).isLessThan(path.length());
    assertThat(lines).element(2).isEqualTo("argument variable");
  }
}
