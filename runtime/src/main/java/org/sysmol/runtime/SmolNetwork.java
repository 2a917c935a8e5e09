package org.sysmol.runtime;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.engine.Preparation;
import org.sysmol.runtime.engine.Profile;
import org.sysmol.runtime.engine.Shapes;
import org.sysmol.runtime.engine.Tensors;

/**
 * A network ready to run: immutable and shared by any number of threads, each with a {@link
 * Session} of its own.
 *
 * <pre>{@code
 * try (SmolNetwork network = SmolNetwork.load(Path.of("demo.smol"))) {
 *   float[] image = network.packed().preprocessing().normalise(pixels);
 *   float[] scores = network.newSession().run(image);
 * }
 * }</pre>
 *
 * <p>Many images: {@link #runAll}, or a session for each of the caller's threads. One image as soon
 * as possible: {@link #newSession(int)} with several threads. Results never depend on either.
 *
 * <p>{@link #close} gives back the machine code and all native memory, sessions' included; runs
 * that are under way finish first. A network or session that was forgotten is given back when the
 * garbage collector finds it.
 */
public final class SmolNetwork implements AutoCloseable {
  private final PackedNetwork packed;
  private final EngineChoice choice;
  private final Engine.Prepared prepared;

  private SmolNetwork(PackedNetwork packed, EngineChoice choice) {
    this.packed = packed;
    this.choice = choice;
    this.prepared = choice.engine().prepare(packed);
  }

  /**
   * Loads a {@code .smol} on the fastest engine of this machine.
   *
   * @throws SysmolException (bad input) with the file and the place if anything is wrong with it
   */
  public static SmolNetwork load(Path file) {
    return load(file, EngineChoice::auto);
  }

  /**
   * As {@link #load(Path)}, on a chosen engine: it is looked for on another thread while the file
   * is read, for either takes a while in a process that has just started.
   *
   * @throws SysmolException (bad input) if anything is wrong with the file or the choice
   */
  public static SmolNetwork load(Path file, Supplier<EngineChoice> choice) {
    FutureTask<EngineChoice> chosen = new FutureTask<>(choice::get);
    Thread chooser = new Thread(chosen, "sysmol engine");
    chooser.setDaemon(true);
    chooser.start();
    PackedNetwork packed = SmolFile.read(file);
    try {
      return of(packed, chosen.get());
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case RuntimeException known -> throw known;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException("No engine was chosen.", failed);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed("Loading was interrupted.", interrupted);
    }
  }

  /** As {@link #load(Path)}, from the bytes of a file. */
  public static SmolNetwork load(byte[] file) {
    return load(ByteBuffer.wrap(file));
  }

  /**
   * As {@link #load(Path)}, from a file in memory or mapped, from position to limit, which stay.
   * The network keeps nothing of the buffer.
   */
  public static SmolNetwork load(ByteBuffer file) {
    return of(SmolFile.read(file.duplicate(), "The given buffer"), EngineChoice.auto());
  }

  /** A network that is already in memory, on a chosen engine. */
  public static SmolNetwork of(PackedNetwork packed, EngineChoice choice) {
    return new SmolNetwork(packed, choice);
  }

  /** What the file holds. */
  public PackedNetwork packed() {
    return packed;
  }

  /** The engine in use and why faster ones were refused. */
  public EngineChoice engine() {
    return choice;
  }

  /** What it took to prepare the network for its engine. */
  public Preparation preparation() {
    return prepared.preparation();
  }

  /** What runs each step, in order. */
  public List<String> kernels() {
    return prepared.kernels();
  }

  /** Why each step runs as it does, in order. */
  public List<Explanation> explain() {
    return prepared.explain();
  }

  /**
   * A cheap session for one thread at a time.
   *
   * @throws IllegalStateException if the network is closed
   */
  public Session newSession() {
    return newSession(1);
  }

  /**
   * A session whose runs share the work on one image among several threads: the caller's and others
   * that sleep between runs and end with the session. More threads than processors are slow, not
   * wrong. Engines other than {@code machine-code} use one thread whatever is asked for.
   *
   * @param threads 1 to 256
   * @throws SysmolException if the number is another, or the system gives no such number of threads
   * @throws IllegalStateException if the network is closed
   */
  public Session newSession(int threads) {
    return new Session(prepared.newContext(threads), packed);
  }

  /** A session that keeps all tensors of its last run, for comparing engines. */
  public Session newTracingSession() {
    return newTracingSession(1);
  }

  /** As {@link #newTracingSession()}, with several threads as {@link #newSession(int)} has. */
  public Session newTracingSession(int threads) {
    return new Session(prepared.newTracingContext(threads), packed);
  }

  /**
   * Runs many images, each on one thread of several.
   *
   * @param images each as {@link Session#run(float[])} takes it
   * @param threads 1 to 256; no more are started than there are images
   * @return the results of each image, in the order of the images
   * @throws IllegalStateException if the network is closed
   */
  public List<float[]> runAll(List<float[]> images, int threads) {
    int workers = Math.max(1, Math.min(Shapes.checkThreads(threads), images.size()));
    float[][] results = new float[images.size()][];
    AtomicInteger next = new AtomicInteger();
    List<Session> sessions = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        Session session = newSession();
        sessions.add(session);
        parts.add(
            pool.submit(
                () -> {
                  int n = next.getAndIncrement();
                  while (n < results.length) {
                    results[n] = session.run(images.get(n));
                    n = next.getAndIncrement();
                  }
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException broken) {
      if (broken.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException("A run broke off.", broken.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed("Running many images was interrupted.", interrupted);
    } finally {
      sessions.forEach(Session::close);
    }
    return List.of(results);
  }

  /**
   * Gives back machine code and native memory, sessions' included; harmless twice. Runs that are
   * under way finish, later ones are refused.
   */
  @Override
  public void close() {
    prepared.close();
  }

  /** The buffers of one thread at a time; it may be closed or just forgotten. */
  public static final class Session implements AutoCloseable {
    private final Engine.Context context;
    private final int results;
    private final int steps;

    private Session(Engine.Context context, PackedNetwork network) {
      this.context = context;
      results = network.result().size();
      steps = network.steps().size();
    }

    /** Threads that share the work on an image. */
    public int threads() {
      return context.threads();
    }

    /**
     * Runs one image.
     *
     * @param image normalised binary32, {@code [channels, height, width]}, of the length that the
     *     network takes
     * @return its results in the order of {@code classNames}
     * @throws SysmolException (bad input) if the image has another length
     * @throws IllegalStateException if the network or this session is closed, or another thread is
     *     using this session
     */
    public float[] run(float[] image) {
      float[] result = new float[results];
      context.run(image, result);
      return result;
    }

    /** As {@link #run(float[])}, into an array of the caller's. */
    public void run(float[] image, float[] result) {
      context.run(image, result);
    }

    /**
     * The integers of every tensor of the last run of a tracing session.
     *
     * @throws IllegalStateException if this session reuses their memory
     */
    public Tensors tensors() {
      return context.tensors();
    }

    /**
     * Runs the last image again, step by step.
     *
     * @param runs how often, at least once
     * @return median nanoseconds of each step, in order
     */
    public long[] profile(int runs) {
      return Profile.of(context, steps, runs);
    }

    /**
     * Runs one step of the last image again; for timings.
     *
     * @param step its number, from 0
     * @throws IndexOutOfBoundsException if there is no such step
     */
    public void runStep(int step) {
      context.runStep(step);
    }

    /** Gives back the session's memory and threads, after a run that is under way. */
    @Override
    public void close() {
      context.close();
    }
  }

  /** Index of the largest value, the first where several are equal. */
  public static int argmax(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }
}
