package org.sysmol.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * The machine that a figure was measured on: no figure is published without its class.
 *
 * @param cpu the processor's name
 * @param cpuClass the widest class that processor and operating system offer
 * @param cores processors that the JVM may use
 * @param java version of the JVM
 */
public record Machine(String cpu, String cpuClass, int cores, String java) {
  /** This machine. */
  public static Machine here() {
    CpuFeatures features = CpuFeatures.detect();
    return new Machine(
        name(features),
        features.best().text(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.name") + " " + Runtime.version());
  }

  private static String name(CpuFeatures features) {
    if (!features.name().isBlank()) {
      return features.name().strip();
    }
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
