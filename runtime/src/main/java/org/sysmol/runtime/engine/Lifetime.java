package org.sysmol.runtime.engine;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Says when what a network and its contexts hold outside the heap is given back.
 *
 * <p>A context's memory goes when the context is closed or forgotten, or its network closed; a run
 * that is under way finishes first. The network's own memory goes once it is closed or forgotten
 * and the last context's is gone. Each is given back once, by whichever thread comes last, and
 * nobody waits for a run of another thread.
 *
 * <p>Neither this object nor what {@code release} refers to may lead to the network or context
 * whose end it waits for.
 */
public final class Lifetime {
  private static final Cleaner CLEANER = Cleaner.create();

  private final String network;
  private final Runnable release;
  private final Set<Use> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private volatile boolean closed;

  private Lifetime(String network, Runnable release) {
    this.network = network;
    this.release = release;
  }

  /**
   * The lifetime of a prepared network.
   *
   * @param owner whose end closes it, if nothing did before
   * @param network its name, for messages
   * @param release gives back what it holds, called once
   */
  public static Lifetime of(Object owner, String network, Runnable release) {
    Lifetime lifetime = new Lifetime(network, release);
    CLEANER.register(owner, lifetime::close);
    return lifetime;
  }

  /**
   * Begins the use of the network by a context.
   *
   * @param owner whose end closes the use, if nothing did before
   * @param memory gives back what the context holds, called once
   * @throws IllegalStateException if the network is closed
   */
  public Use open(Object owner, Runnable memory) {
    Use use = new Use(memory);
    synchronized (this) {
      checkOpen();
      open.add(use);
    }
    use.cleanable = CLEANER.register(owner, use::end);
    return use;
  }

  /**
   * Checks that the network is open.
   *
   * @throws IllegalStateException if not
   */
  public void checkOpen() {
    if (closed) {
      throw new IllegalStateException("Network " + network + " is closed.");
    }
  }

  /** Ends all uses, those under way when they finish; harmless twice. */
  public void close() {
    List<Use> uses;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      uses = List.copyOf(open);
    }
    if (uses.isEmpty()) {
      release.run();
    }
    uses.forEach(Use::close);
  }

  private void gone(Use use) {
    boolean last;
    synchronized (this) {
      open.remove(use);
      last = closed && open.isEmpty();
    }
    if (last) {
      release.run();
    }
  }

  /** The use of a network by one context, and which thread may run it. */
  public final class Use {
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int LAST_RUN = 2;
    private static final int ENDED = 3;

    private static final int SPARE_CALLS = 16;

    private final AtomicInteger state = new AtomicInteger(IDLE);
    private final Runnable memory;
    private volatile Cleaner.Cleanable cleanable = () -> {};

    private Use(Runnable memory) {
      this.memory = memory;
    }

    /**
     * Begins a run; {@link #leave} must follow.
     *
     * @throws IllegalStateException if the network or the context is closed, or another thread is
     *     using the context
     */
    public void enter() {
      switch (begin(SPARE_CALLS)) {
        case IDLE -> {}
        case RUNNING ->
            throw new IllegalStateException(
                "A session of network "
                    + network
                    + " serves one thread at a time and another one is using it; take a session"
                    + " for each thread.");
        default -> {
          checkOpen();
          throw new IllegalStateException("This session of network " + network + " is closed.");
        }
      }
    }

    /**
     * Takes more of the stack than leaving does: a run that finds it full between the two leaves
     * nevertheless, or the session would be in use for ever.
     */
    private int begin(int calls) {
      return calls > 0 ? begin(calls - 1) : state.compareAndExchange(IDLE, RUNNING);
    }

    /**
     * Ends a run.
     *
     * @param owner kept alive until here: its code may know addresses only
     */
    public void leave(Object owner) {
      try {
        if (!state.compareAndSet(RUNNING, IDLE)) {
          state.set(ENDED);
          finish();
        }
      } finally {
        Reference.reachabilityFence(owner);
      }
    }

    /** Ends the use, or has the run that is under way end it; harmless twice. */
    public void close() {
      // Runs the action below, unless it has run, and forgets it.
      cleanable.clean();
      end();
    }

    private void end() {
      while (true) {
        switch (state.get()) {
          case IDLE -> {
            if (state.compareAndSet(IDLE, ENDED)) {
              finish();
              return;
            }
          }
          case RUNNING -> {
            if (state.compareAndSet(RUNNING, LAST_RUN)) {
              return;
            }
          }
          default -> {
            return;
          }
        }
      }
    }

    private void finish() {
      try {
        memory.run();
      } finally {
        gone(this);
      }
    }
  }
}
