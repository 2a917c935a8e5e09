package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.ChildJava;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * Runs that break off because the caller's stack is full: no thread waits for them, their sessions
 * work or say what happened, and can be closed. In a process of its own, as the Java machine loses
 * a class whose first use finds the stack full.
 */
class FullStackTest {
  private static final int SESSIONS = 100;

  @TempDir private Path folder;

  @Test
  void aRunWithoutStackLeavesNobodyWaiting() throws Exception {
    String text = ChildJava.run(folder.resolve("output"), List.of(), Child.class);
    assertThat(text).contains("closed");
    System.out.print(
        "On a full stack: " + text.lines().reduce((_, last) -> last + "\n").orElse(""));
  }

  /** The process whose stack is filled. */
  static final class Child {
    private static final int WARM = 50;

    private final List<Engine.Context> contexts = new ArrayList<>();
    private final float[] image;
    private final float[] result;
    private int tried;

    private Child(PackedNetwork network) {
      image = NetworkRuns.image(network, new SplittableRandom(3), 4f);
      result = new float[network.result().size()];
    }

    /** Runs sessions at the end of a stack, then each again, and closes them. */
    public static void main(String[] arguments) throws InterruptedException {
      PackedNetwork network =
          RandomNetworks.of(
              new RandomNetworks.Spec(
                  33, 37, 7, 5, 3, 3, 1, 1, true, false, false, true, true, false),
              8);
      Child child = new Child(network);
      Target target = new Target(CpuFeatures.detect().best());
      try (NativeNetwork made = new NativeNetwork(network, target)) {
        child.run(made);
      }
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().startsWith("sysmol random"));
    }

    private void run(NativeNetwork network) throws InterruptedException {
      for (int i = 0; i < SESSIONS; i++) {
        contexts.add(network.newContext(2));
      }
      float[] expected = new float[result.length];
      try (Engine.Context context = network.newContext(2)) {
        for (int i = 0; i < WARM; i++) {
          context.run(image, expected);
        }
      }
      Thread thread = new Thread(null, this::fill, "full stack", 512 << 10);
      thread.start();
      thread.join();
      assertThat(tried).isEqualTo(SESSIONS);
      int broken = 0;
      for (Engine.Context context : contexts) {
        try {
          context.run(image, result);
          assertThat(result).isEqualTo(expected);
        } catch (IllegalStateException refused) {
          assertThat(refused).hasMessage("A thread of this session broke off.");
          broken++;
        }
      }
      contexts.forEach(Engine.Context::close);
      System.out.println(tried + " sessions closed, of which " + broken + " broke off");
    }

    /** Down to the end of the stack; on the way back, with ever more of it left, the sessions. */
    private void fill() {
      try {
        fill();
      } catch (StackOverflowError full) {
        // Here, or in a session's run on a frame below.
      }
      if (tried < SESSIONS) {
        contexts.get(tried++).run(image, result);
      }
    }
  }
}
