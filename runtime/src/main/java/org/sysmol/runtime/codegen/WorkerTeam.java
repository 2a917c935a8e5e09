package org.sysmol.runtime.codegen;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;

/**
 * The threads that share a session's steps with the session's caller, who leads. They sleep between
 * runs, after a short while of looking for the next one.
 *
 * <p>The leader sets the job and calls the code; each worker does the same for its own table, and
 * all meet at the code's {@link Barrier}s. No worker can miss a job: the leader gets past a job's
 * first barrier only with everybody there. A worker is past a job's last barrier, but perhaps not
 * yet out of the code, when the leader begins the next; therefore each writes its table itself.
 *
 * <p>Whoever breaks off, the leader or a worker, says so and opens all barriers, so that nobody
 * waits for it; the others' results are worthless, and there is no further job.
 *
 * <p>The threads know the memory and the code, never the session, so that one that was forgotten
 * can be found.
 */
final class WorkerTeam {
  /** Starts a thread. */
  interface Starter {
    /** As {@link Thread#start}. */
    void start(Thread thread);
  }

  /** Brings a thread's part of the image to where the code reads it. */
  interface ImageCopy {
    /** Copies what thread {@code part} reads. */
    void copy(float[] image, int part);
  }

  private static final VarHandle COUNTER = ValueLayout.JAVA_LONG.varHandle();

  /** Nanoseconds of looking for the next job: about what it takes to wake a sleeping thread. */
  private static final long LOOK = 50_000;

  /**
   * The counter's bit that lets everybody through all barriers to come. It is set, not added:
   * however many break off, the counter stays beyond every target.
   */
  private static final long OPEN = 1L << 62;

  private static final long STOP = -1;

  private final LongConsumer code;
  private final ImageCopy copy;
  private final MemorySegment counter;
  private final MemorySegment leaderTable;
  private final List<Worker> workers = new ArrayList<>();
  private final long look;
  private long jobs;
  private int first;
  private int last;
  private float @Nullable [] image;

  /** Number of the job, or {@link #STOP}; written after what the job is. */
  private volatile long job;

  private volatile @Nullable Throwable failure;

  private WorkerTeam(
      LongConsumer code, ImageCopy copy, MemorySegment counter, List<MemorySegment> tables) {
    this.code = code;
    this.copy = copy;
    this.counter = counter;
    leaderTable = tables.getFirst();
    look = Runtime.getRuntime().availableProcessors() >= tables.size() ? LOOK : 0;
    // Linked now: whoever opens the barriers may have little stack left.
    set(0);
  }

  /**
   * A team whose threads run.
   *
   * @param name of the network
   * @param code is called with the address of a table
   * @param copy is called before that, where a job brings an image
   * @param counter at which the threads wait for each other
   * @param tables of all threads, the leader's first
   * @throws SysmolException (failed) if the system gives no thread
   */
  static WorkerTeam of(
      String name,
      LongConsumer code,
      ImageCopy copy,
      MemorySegment counter,
      List<MemorySegment> tables,
      Starter starter) {
    WorkerTeam team = new WorkerTeam(code, copy, counter, tables);
    for (int i = 1; i < tables.size(); i++) {
      Worker worker = team.new Worker(i, tables.get(i), "sysmol " + name + " " + (i + 1));
      try {
        starter.start(worker.thread);
      } catch (OutOfMemoryError refused) {
        team.stop();
        throw SysmolException.failed(
            "The system gives network "
                + name
                + " no thread "
                + (i + 1)
                + " of "
                + tables.size()
                + " ("
                + refused.getMessage()
                + "); ask for fewer threads.",
            refused);
      }
      team.workers.add(worker);
    }
    return team;
  }

  /**
   * Does steps {@code first} to {@code last} with all workers; the caller leads.
   *
   * @param image of which each brings its part first, or null if it is there
   * @throws IllegalStateException if a thread broke off, now or in an earlier job: results are
   *     worthless
   */
  void run(int first, int last, float @Nullable [] image) {
    try {
      begin(first, last, image);
      work(0, leaderTable);
    } catch (Throwable broken) {
      // Written here, which takes no stack: there may be too little of it to open the barriers.
      // Then whoever uses the team next does.
      failure = failure == null ? broken : failure;
      set(OPEN);
      throw broken;
    } finally {
      this.image = null;
    }
    checkWhole();
  }

  /** Lets all workers do their part of a job. */
  void begin(int first, int last, float @Nullable [] image) {
    checkWhole();
    this.image = image;
    this.first = first;
    this.last = last;
    job = ++jobs;
    for (Worker worker : workers) {
      worker.wake();
    }
  }

  /** Does a thread's part of the job. */
  private void work(int part, MemorySegment table) {
    float[] given = image;
    if (given != null) {
      copy.copy(given, part);
    }
    table.set(ValueLayout.JAVA_LONG, Table.FIRST, first);
    table.set(ValueLayout.JAVA_LONG, Table.LAST, last);
    code.accept(table.address());
  }

  private void set(long bits) {
    long ignored = (long) COUNTER.getAndBitwiseOr(counter, 0L, bits);
  }

  private void checkWhole() {
    Throwable broken = failure;
    if (broken != null) {
      set(OPEN);
      throw new IllegalStateException("A thread of this session broke off.", broken);
    }
  }

  /** Ends all threads, while no job runs, and waits until they are out of the code. */
  void stop() {
    job = STOP;
    if (failure != null) {
      set(OPEN);
    }
    boolean interrupted = false;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
      while (worker.thread.isAlive()) {
        try {
          worker.thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker implements Runnable {
    private final int part;
    private final MemorySegment table;
    private final Thread thread;
    private volatile boolean sleeping;

    Worker(int part, MemorySegment table, String name) {
      this.part = part;
      this.table = table;
      // Nothing of the caller's, which a thread would keep alive.
      thread =
          Thread.ofPlatform()
              .daemon()
              .inheritInheritableThreadLocals(false)
              .name(name)
              .unstarted(this);
    }

    @Override
    public void run() {
      long done = 0;
      while (true) {
        long next = next(done);
        if (next == STOP) {
          return;
        }
        try {
          work(part, table);
        } catch (Throwable broken) {
          failure = broken;
          set(OPEN);
        }
        done = next;
      }
    }

    private long next(long done) {
      long now = job;
      if (now == done && look > 0) {
        long end = System.nanoTime() + look;
        while (now == done && System.nanoTime() < end) {
          Thread.onSpinWait();
          now = job;
        }
      }
      while (now == done) {
        sleeping = true;
        // Looked at again after saying so: whoever sets a job looks here afterwards.
        now = job;
        if (now == done) {
          LockSupport.park(WorkerTeam.this);
          // An interrupted thread would not sleep.
          boolean ignored = Thread.interrupted();
          now = job;
        }
        sleeping = false;
      }
      return now;
    }

    void wake() {
      if (sleeping) {
        LockSupport.unpark(thread);
      }
    }
  }
}
