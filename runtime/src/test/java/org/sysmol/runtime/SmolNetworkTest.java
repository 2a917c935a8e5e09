package org.sysmol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.RandomNetworks;

/** What programs that embed the runtime rely on. */
@Timeout(180)
class SmolNetworkTest {
  private static final PackedNetwork PACKED =
      RandomNetworks.of(
          new RandomNetworks.Spec(33, 37, 7, 5, 3, 3, 1, 1, true, false, true, true, true, false),
          8);
  private static final float[] IMAGE = NetworkRuns.image(PACKED, new SplittableRandom(1), 4f);
  private static final float[] EXPECTED = expected();

  private static float[] expected() {
    try (SmolNetwork scalar = SmolNetwork.of(PACKED, EngineChoice.named("scalar"))) {
      return scalar.newSession().run(IMAGE);
    }
  }

  private static SmolNetwork network() {
    return SmolNetwork.of(PACKED, EngineChoice.auto());
  }

  @Test
  void aFileItsBytesAndAMappingGiveTheSameNetwork(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("network.smol");
    SmolFile.write(PACKED, file);
    List<SmolNetwork> networks = new ArrayList<>();
    networks.add(SmolNetwork.load(file));
    byte[] bytes = Files.readAllBytes(file);
    networks.add(SmolNetwork.load(bytes));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      ByteBuffer mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena).asByteBuffer();
      networks.add(SmolNetwork.load(mapped));
      assertThat(mapped.position()).isZero();
    }
    // Nothing of the caller's is in use any more.
    Arrays.fill(bytes, (byte) 0);
    Files.delete(file);
    for (SmolNetwork network : networks) {
      assertThat(network.newSession().run(IMAGE)).isEqualTo(EXPECTED);
      network.close();
    }
    assertThatThrownBy(() -> SmolNetwork.load(new byte[100]))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("The given buffer ");
  }

  @Test
  void misuseIsSaidWithWhatWasExpectedAndWhatCame() {
    for (String engine : List.of("auto", "scalar")) {
      SmolNetwork network = SmolNetwork.of(PACKED, EngineChoice.named(engine));
      SmolNetwork.Session session = network.newSession();
      assertThatThrownBy(() -> session.run(new float[34]))
          .isInstanceOf(SysmolException.class)
          .hasMessage("Network random takes an image of 35 values (1x7x5) but got 34.");
      assertThatThrownBy(() -> session.run(IMAGE, new float[3]))
          .isInstanceOf(SysmolException.class)
          .hasMessage("Network random gives " + EXPECTED.length + " results but got room for 3.");
      session.close();
      session.close();
      assertThatThrownBy(() -> session.run(IMAGE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("This session of network random is closed.");
      SmolNetwork.Session other = network.newSession();
      assertThat(other.run(IMAGE)).isEqualTo(EXPECTED);
      network.close();
      network.close();
      other.close();
      Stream.<Runnable>of(
              () -> other.run(IMAGE),
              () -> other.profile(1),
              network::newSession,
              network::newTracingSession,
              () -> network.runAll(List.of(IMAGE), 2))
          .forEach(
              use ->
                  assertThatThrownBy(use::run)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessage("Network random is closed."));
    }
  }

  @Test
  void manyImagesComeBackInOrder() {
    SplittableRandom random = new SplittableRandom(3);
    List<float[]> images = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      images.add(NetworkRuns.image(PACKED, random, 4f));
    }
    try (SmolNetwork network = network()) {
      SmolNetwork.Session session = network.newSession();
      for (int threads : List.of(1, 3, 64)) {
        List<float[]> results = network.runAll(images, threads);
        assertThat(results).hasSameSizeAs(images);
        for (int i = 0; i < images.size(); i++) {
          assertThat(results.get(i)).isEqualTo(session.run(images.get(i)));
        }
      }
      assertThat(network.runAll(List.of(), 2)).isEmpty();
      assertThatThrownBy(() -> network.runAll(List.of(IMAGE, new float[3]), 2))
          .isInstanceOf(SysmolException.class)
          .hasMessage("Network random takes an image of 35 values (1x7x5) but got 3.");
      assertThatThrownBy(() -> network.runAll(images, 0)).isInstanceOf(SysmolException.class);
    }
  }

  /** 160,000 runs, with the memory of this process before and after. */
  @Test
  void sixteenThreadsComputeTheSameBitsAndMemoryStaysFlat() throws Exception {
    try (SmolNetwork network = network()) {
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      inParallel(network, 1_000, wrong);
      System.gc();
      long before = resident();
      inParallel(network, 10_000, wrong);
      for (int i = 0; i < 3_000; i++) {
        try (SmolNetwork.Session session = network.newSession()) {
          assertThat(session.threads()).isEqualTo(1);
        }
      }
      System.gc();
      assertThat(wrong).isEmpty();
      assertThat(resident() - before).as("KiB grown").isLessThan(16 << 10);
    }
  }

  private static void inParallel(SmolNetwork network, int runs, ConcurrentLinkedQueue<String> wrong)
      throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    SmolNetwork.Session session = network.newSession();
                    float[] result = new float[EXPECTED.length];
                    for (int i = 0; i < runs; i++) {
                      session.run(IMAGE, result);
                      if (!Arrays.equals(result, EXPECTED)) {
                        wrong.add(Arrays.toString(result));
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Each run is whole or refused; whoever finishes last gives the memory back. */
  @Test
  void closingDuringRunsLetsThemFinish() throws Exception {
    int code = executableMappings();
    for (int round = 0; round < 30; round++) {
      SmolNetwork network = network();
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      CountDownLatch running = new CountDownLatch(4);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        SmolNetwork.Session session = network.newSession(1 + t % 2);
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        session.run(IMAGE);
                        running.countDown();
                        while (true) {
                          if (!Arrays.equals(session.run(IMAGE), EXPECTED)) {
                            wrong.add("other results");
                          }
                        }
                      } catch (IllegalStateException end) {
                        if (!"Network random is closed.".equals(end.getMessage())) {
                          wrong.add(end.toString());
                        }
                      }
                    }));
      }
      running.await();
      network.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(wrong).isEmpty();
    }
    // Other tests' networks may be reclaimed meanwhile.
    assertThat(executableMappings()).isLessThan(code + 1);
    assertThat(workers()).isZero();
  }

  @Test
  void closingASessionDuringItsRunLetsItFinish() throws Exception {
    try (SmolNetwork network = network()) {
      for (int round = 0; round < 50; round++) {
        SmolNetwork.Session session = network.newSession();
        CountDownLatch running = new CountDownLatch(1);
        ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();
        Thread thread =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        while (true) {
                          session.run(IMAGE);
                          running.countDown();
                        }
                      } catch (IllegalStateException end) {
                        ends.add(String.valueOf(end.getMessage()));
                      }
                    });
        running.await();
        session.close();
        thread.join();
        assertThat(ends).containsExactly("This session of network random is closed.");
      }
    }
  }

  /** A session for two threads at once is refused, not computed wrongly. */
  @Test
  void twoThreadsInOneSessionAreRefused() throws Exception {
    try (SmolNetwork network = network()) {
      SmolNetwork.Session session = network.newSession();
      ConcurrentLinkedQueue<String> met = new ConcurrentLinkedQueue<>();
      List<Thread> threads = new ArrayList<>();
      long end = System.nanoTime() + 20_000_000_000L;
      for (int t = 0; t < 2; t++) {
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      while (met.isEmpty() && System.nanoTime() < end) {
                        try {
                          if (!Arrays.equals(session.run(IMAGE), EXPECTED)) {
                            met.add("other results");
                          }
                        } catch (IllegalStateException refused) {
                          met.add(String.valueOf(refused.getMessage()));
                        }
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(met)
          .isNotEmpty()
          .containsOnly(
              "A session of network random serves one thread at a time and another one is using"
                  + " it; take a session for each thread.");
    }
  }

  @Test
  void forgottenNetworksAndSessionsAreReclaimed() throws Exception {
    int code = executableMappings();
    try (SmolNetwork kept = network()) {
      forget(kept);
      for (int i = 0; i < 400 && (workers() > 0 || executableMappings() > code + 1); i++) {
        System.gc();
        Thread.sleep(20);
      }
      assertThat(workers()).as("threads of forgotten sessions").isZero();
      assertThat(executableMappings()).as("code of forgotten networks").isLessThan(code + 2);
      assertThat(kept.newSession().run(IMAGE)).isEqualTo(EXPECTED);
    }
  }

  private static void forget(SmolNetwork kept) {
    for (int i = 0; i < 20; i++) {
      assertThat(network().newSession(2).run(IMAGE)).isEqualTo(EXPECTED);
      assertThat(kept.newSession(2).run(IMAGE)).isEqualTo(EXPECTED);
    }
    assertThat(workers()).isPositive();
  }

  /** Threads of sessions that are alive. */
  private static int workers() {
    Thread[] all = new Thread[Thread.activeCount() + 100];
    int count = Thread.enumerate(all);
    int found = 0;
    for (int i = 0; i < count; i++) {
      found += all[i].getName().startsWith("sysmol random") ? 1 : 0;
    }
    return found;
  }

  /** Pieces of memory that hold generated code: executable, not writable, of no file. */
  private static int executableMappings() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return (int) maps.filter(line -> line.matches("\\S+ r-xp 0+ 00:00 0 *")).count();
    }
  }

  /** Resident set of this process in KiB. */
  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS");
  }
}
