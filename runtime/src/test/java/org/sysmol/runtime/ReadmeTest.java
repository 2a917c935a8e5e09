package org.sysmol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/** What the README tells people who embed the runtime is compiled and run as it stands there. */
class ReadmeTest {
  private static final String PROGRAM =
      """
      import java.nio.file.Path;
      import org.sysmol.runtime.SmolNetwork;

      public class YourProgram {
        public static void main(String[] arguments) {
          byte[] pixels = new byte[35];
          %s
          try (SmolNetwork network = SmolNetwork.load(Path.of("demo.smol"))) {
            System.out.println(network.engine().engine().name());
          }
        }
      }
      """;

  @TempDir private Path folder = Path.of("");

  @Test
  void theExampleRunsAsItStandsThere() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    Matcher example = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    assertThat(example.find()).isTrue();
    assertThat(example.group(1).lines()).as("five lines").hasSize(5);
    Matcher command =
        Pattern.compile("\n    java (.*) -cp core.jar:runtime.jar:. YourProgram\n").matcher(readme);
    assertThat(command.find()).isTrue();
    List<String> flags = List.of(command.group(1).split(" "));
    assertThat(readme).contains("`--add-modules jdk.incubator.vector`");

    Files.writeString(folder.resolve("YourProgram.java"), PROGRAM.formatted(example.group(1)));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                classPath(),
                "-d",
                folder.toString(),
                folder.resolve("YourProgram.java").toString());
    assertThat(compiled).isZero();
    PackedNetwork network = named();
    SmolFile.write(network, folder.resolve("demo.smol"));
    float[] image = network.preprocessing().normalise(new byte[35]);
    String answer;
    try (SmolNetwork scalar = SmolNetwork.of(network, EngineChoice.named("scalar"))) {
      answer = network.classNames().get(SmolNetwork.argmax(scalar.newSession().run(image)));
    }
    boolean generates = CpuFeatures.detect().best() != CpuClass.BASELINE;
    assertThat(run(flags))
        .isEqualTo(answer + "\n" + (generates ? "machine-code" : "scalar") + "\n");
    assertThat(run(List.of("--illegal-native-access=deny"))).isEqualTo(answer + "\nscalar\n");
    assertThat(
            run(List.of("--illegal-native-access=deny", "--add-modules", "jdk.incubator.vector")))
        .isEqualTo(
            "WARNING: Using incubator modules: jdk.incubator.vector\n" + answer + "\nvector\n");
  }

  private static PackedNetwork named() {
    PackedNetwork n =
        RandomNetworks.of(
            new RandomNetworks.Spec(33, 37, 7, 5, 3, 3, 1, 1, true, false, true, true, true, false),
            8);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < n.result().size(); i++) {
      names.add("class " + i);
    }
    return new PackedNetwork(
        n.name(),
        n.patterns(),
        n.assign(),
        n.tensors(),
        n.steps(),
        n.placements(),
        n.preprocessing(),
        names,
        n.provenance(),
        n.goldens());
  }

  private static String classPath() throws Exception {
    List<String> places = new ArrayList<>();
    for (Class<?> type : List.of(PackedNetwork.class, SmolNetwork.class)) {
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(":", places);
  }

  private String run(List<String> flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath() + ":.", "YourProgram"));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the program ends").isTrue();
      return read(output);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path output) throws IOException {
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
