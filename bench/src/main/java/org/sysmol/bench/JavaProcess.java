package org.sysmol.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sysmol.core.SysmolException;

/** Starts a main class of the bench in a process of its own: the same Java, the same class path. */
public final class JavaProcess {
  private JavaProcess() {}

  /**
   * Starts it; its standard input and output are pipes, its errors go where ours go.
   *
   * @param main class to run
   * @param environment added to ours
   * @param arguments of the class
   */
  public static Process start(
      Class<?> main, Map<String, String> environment, List<String> arguments) {
    return start(List.of(), main, environment, arguments);
  }

  /**
   * As {@link #start(Class, Map, List)}.
   *
   * @param flags more flags of the Java machine
   */
  static Process start(
      List<String> flags, Class<?> main, Map<String, String> environment, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    // Not among the arguments: ONNX Runtime 1.29 reads its process's command line recursively when
    // it
    // starts, and overflows its stack where that has some 4000 characters.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    try {
      return builder.start();
    } catch (IOException e) {
      throw SysmolException.failed(
          "A second Java process can't be started (" + e.getMessage() + ").", e);
    }
  }
}
