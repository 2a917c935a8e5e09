package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.Profile;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/** Threads that share the work on an image. */
@Timeout(120)
class WorkerTeamTest {
  private static final PackedNetwork NETWORK =
      RandomNetworks.of(
          new RandomNetworks.Spec(33, 37, 7, 5, 3, 3, 1, 1, true, false, true, true, true, false),
          8);

  private static final VarHandle COUNTER = ValueLayout.JAVA_LONG.varHandle();

  private static NativeNetwork network() {
    CpuClass best = CpuFeatures.detect().best();
    assertThat(best).as("this machine runs generated code").isNotEqualTo(CpuClass.BASELINE);
    return new NativeNetwork(NETWORK, new Target(best));
  }

  /** Barriers thousands of times, with more threads than processors, so that they have to yield. */
  @Test
  void resultsDoNotDependOnThreads() {
    float[] image = NetworkRuns.image(NETWORK, new SplittableRandom(1), 4f);
    float[] expected = new float[NETWORK.result().size()];
    try (NativeNetwork network = network()) {
      network.newContext(1).run(image, expected);
      int processors = Runtime.getRuntime().availableProcessors();
      for (int threads : List.of(2, 3, processors + 1, 2 * processors + 3)) {
        Engine.Context context = network.newContext(threads);
        assertThat(context.threads()).isEqualTo(threads);
        float[] result = new float[expected.length];
        for (int i = 0; i < 500; i++) {
          context.run(image, result);
          assertThat(result).isEqualTo(expected);
          if (i % 100 == 0) {
            // Long enough for the others to fall asleep.
            sleep(5);
          }
        }
        context.close();
      }
    }
  }

  @Test
  void stepsCanBeTimedOneByOneOnSeveralThreads() {
    float[] image = NetworkRuns.image(NETWORK, new SplittableRandom(2), 4f);
    float[] expected = new float[NETWORK.result().size()];
    float[] after = new float[expected.length];
    try (NativeNetwork network = network()) {
      Engine.Context context = network.newContext(3);
      context.run(image, expected);
      assertThat(Profile.of(context, NETWORK.steps().size(), 200)).hasSize(NETWORK.steps().size());
      context.run(image, after);
      assertThat(after).isEqualTo(expected);
    }
  }

  @Test
  void threadsEndWithTheirContextAndWithTheirNetwork() {
    NativeNetwork network = network();
    Engine.Context first = network.newContext(3);
    Engine.Context second = network.newContext(2);
    assertThat(alive()).isEqualTo(3);
    first.close();
    assertThat(alive()).isEqualTo(1);
    assertThatThrownBy(() -> first.run(new float[0], new float[0]))
        .isInstanceOf(SysmolException.class);
    float[] image = new float[NETWORK.image().size()];
    float[] result = new float[NETWORK.result().size()];
    assertThatThrownBy(() -> first.run(image, result))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("This session of network random is closed.");
    second.run(image, result);
    network.close();
    assertThat(alive()).isZero();
    assertThatThrownBy(() -> second.run(image, result))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Network random is closed.");
  }

  @Test
  void aThreadThatTheSystemRefusesIsAClearErrorAndLeavesNothingBehind() {
    try (NativeNetwork network = network()) {
      AtomicInteger started = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  network.newContext(
                      4,
                      thread -> {
                        if (started.incrementAndGet() == 3) {
                          throw new OutOfMemoryError("unable to create native thread");
                        }
                        thread.start();
                      }))
          .isInstanceOf(SysmolException.class)
          .hasMessage(
              "The system gives network random no thread 4 of 4 (unable to create native thread);"
                  + " ask for fewer threads.");
      assertThat(alive()).isZero();
      float[] result = new float[NETWORK.result().size()];
      network.newContext(2).run(new float[NETWORK.image().size()], result);
    }
  }

  @Test
  void anImpossibleNumberOfThreadsIsRefused() {
    try (NativeNetwork network = network()) {
      for (int threads : List.of(0, -1, 257)) {
        assertThatThrownBy(() -> network.newContext(threads))
            .isInstanceOf(SysmolException.class)
            .hasMessage("A session takes 1 to 256 threads but got " + threads + ".");
      }
    }
  }

  /** The leader is let through the barrier at which it would wait for a thread that broke off. */
  @Test
  void aThreadThatBreaksOffLeavesNobodyWaiting() {
    try (Arena arena = Arena.ofShared()) {
      List<MemorySegment> tables = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        tables.add(arena.allocate(128, 128));
      }
      MemorySegment counter = arena.allocate(128, 128);
      AtomicLong called = new AtomicLong();
      WorkerTeam team =
          WorkerTeam.of(
              "broken",
              address -> {
                called.set(address);
                throw new IllegalStateException("broken");
              },
              (image, part) -> {},
              counter,
              tables,
              Thread::start);
      team.begin(0, 7, null);
      while ((long) ValueLayout.JAVA_LONG.varHandle().getVolatile(counter, 0L) < 1L << 60) {
        Thread.onSpinWait();
      }
      assertThat(called.get()).isEqualTo(tables.get(1).address());
      assertThat(tables.get(1).get(ValueLayout.JAVA_LONG, Table.LAST)).isEqualTo(7);
      assertThatThrownBy(() -> team.begin(0, 7, null))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("A thread of this session broke off.")
          .hasRootCauseMessage("broken");
      team.stop();
    }
  }

  /** A team whose threads wait for each other, but for those that break off. */
  private static WorkerTeam team(Arena arena, MemorySegment counter, int threads, int... broken) {
    List<MemorySegment> tables = new ArrayList<>();
    List<Long> breaking = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      tables.add(arena.allocate(128, 128));
    }
    for (int i : broken) {
      breaking.add(tables.get(i).address());
    }
    return WorkerTeam.of(
        "random",
        address -> {
          if (breaking.contains(address)) {
            throw new StackOverflowError("broken");
          }
          long ignored = (long) COUNTER.getAndAdd(counter, 0L, 1L);
          while ((long) COUNTER.getVolatile(counter, 0L) < threads) {
            Thread.onSpinWait();
          }
        },
        (image, part) -> {},
        counter,
        tables,
        Thread::start);
  }

  @Test
  void aLeaderThatBreaksOffLeavesNobodyWaiting() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment counter = arena.allocate(128, 128);
      WorkerTeam team = team(arena, counter, 3, 0);
      assertThatThrownBy(() -> team.run(0, 7, null))
          .isInstanceOf(StackOverflowError.class)
          .hasMessage("broken");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> team.run(0, 7, null))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("A thread of this session broke off.")
            .hasRootCauseMessage("broken");
      }
      team.stop();
      assertThat(alive()).isZero();
    }
  }

  /** What lets everybody through must not run over where it comes twice. */
  @Test
  void severalThreadsThatBreakOffLeaveNobodyWaiting() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment counter = arena.allocate(128, 128);
      WorkerTeam team = team(arena, counter, 5, 1, 2, 3);
      assertThatThrownBy(() -> team.run(0, 7, null))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("A thread of this session broke off.");
      team.stop();
      assertThat(alive()).isZero();
      assertThat((long) COUNTER.getVolatile(counter, 0L)).isBetween(1L << 62, (1L << 62) + 5);
    }
  }

  private static long alive() {
    Thread[] all = new Thread[Thread.activeCount() + 50];
    int count = Thread.enumerate(all);
    long found = 0;
    for (int i = 0; i < count; i++) {
      found += all[i].getName().startsWith("sysmol random") ? 1 : 0;
    }
    return found;
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
