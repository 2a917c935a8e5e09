package org.sysmol.runtime;

import java.nio.file.Path;
import java.util.List;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
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

  /** Loads a {@code .smol} on the fastest engine of this machine. */
  public static SmolNetwork load(Path file) {
    return of(SmolFile.read(file), EngineChoice.auto());
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

  /** What runs each step, in order. */
  public List<String> kernels() {
    return prepared.kernels();
  }

  /** A cheap session for one thread at a time. */
  public Session newSession() {
    return new Session(prepared.newContext(), packed.result().size());
  }

  /** A session that keeps all tensors of its last run, for comparing engines. */
  public Session newTracingSession() {
    return new Session(prepared.newTracingContext(), packed.result().size());
  }

  /** Releases machine code and native memory; harmless twice. */
  @Override
  public void close() {
    prepared.close();
  }

  /** The buffers of one thread. */
  public static final class Session {
    private final Engine.Context context;
    private final int results;

    private Session(Engine.Context context, int results) {
      this.context = context;
      this.results = results;
    }

    /**
     * Runs one image.
     *
     * @param image normalised binary32, {@code [channels, height, width]}, of the length that the
     *     network takes
     * @return its results in the order of {@code classNames}
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
      return context.profile(runs);
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
