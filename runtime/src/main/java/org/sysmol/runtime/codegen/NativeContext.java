package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Lifetime;
import org.sysmol.runtime.engine.Shapes;
import org.sysmol.runtime.engine.Tensors;

/**
 * The native memory of one run: image, tensors and for each thread the table that the code reads,
 * with the thread's scratch; with more than one thread, the others.
 */
final class NativeContext implements Engine.Context {
  private static final int SLACK = 64;

  /** Two cache lines: processors fetch them in pairs. */
  private static final int APART = 128;

  private final NativeNetwork network;
  private final PackedNetwork packed;
  private final ContextPlan plan;
  private final boolean tracing;
  private final int threads;
  private final MemorySegment image;
  private final MemorySegment tensors;
  private final MemorySegment table;
  private final WorkerTeam.ImageCopy copy;
  private final @Nullable WorkerTeam team;
  private final Lifetime.Use use;

  // The arena lives as long as the use: its end closes the arena.
  @SuppressWarnings("MustBeClosedChecker")
  NativeContext(
      NativeNetwork network,
      ContextPlan plan,
      boolean tracing,
      int threads,
      WorkerTeam.Starter starter) {
    this.network = network;
    this.packed = network.network();
    this.plan = plan;
    this.tracing = tracing;
    this.threads = threads;
    Arena arena = Arena.ofShared();
    WorkerTeam workers = null;
    Lifetime.Use opened = null;
    try {
      image = arena.allocate(4L * packed.image().size() + SLACK, 64);
      copy = copyOfRows(packed.image(), image, threads);
      tensors = arena.allocate(plan.places().bytes() + SLACK, 64);
      List<MemorySegment> tables = tables(arena);
      table = tables.getFirst();
      if (threads > 1) {
        MemorySegment counter = arena.allocate(APART, APART);
        long yield = Linker.nativeLinker().defaultLookup().findOrThrow("sched_yield").address();
        for (MemorySegment each : tables) {
          each.set(ValueLayout.JAVA_LONG, Table.COUNTER, counter.address());
          each.set(ValueLayout.JAVA_LONG, Table.YIELD, yield);
        }
        workers =
            WorkerTeam.of(packed.name(), network.code()::call, copy, counter, tables, starter);
      }
      team = workers;
      opened = network.lifetime().open(this, release(arena, workers));
      use = opened;
    } finally {
      if (opened == null) {
        release(arena, workers).run();
      }
    }
  }

  /** Copies the rows of all planes that a thread quantises; must not know the context. */
  private static WorkerTeam.ImageCopy copyOfRows(
      PackedTensor shape, MemorySegment to, int threads) {
    int plane = shape.height() * shape.width();
    return (from, part) -> {
      Part.Share rows = Part.Share.of(shape.height(), part, threads);
      int length = rows.size() * shape.width();
      for (int c = 0; c < shape.channels(); c++) {
        int at = c * plane + rows.begin() * shape.width();
        MemorySegment.copy(from, at, to, ValueLayout.JAVA_FLOAT, 4L * at, length);
      }
    };
  }

  /** What gives everything back; must not know the context. */
  private static Runnable release(Arena arena, @Nullable WorkerTeam team) {
    return () -> {
      if (team != null) {
        team.stop();
      }
      arena.close();
    };
  }

  private List<MemorySegment> tables(Arena arena) {
    NetworkCode code = network.generated();
    long[] tensorAddresses = new long[plan.places().offset().length];
    for (int t = 0; t < tensorAddresses.length; t++) {
      tensorAddresses[t] = tensors.address() + plan.places().offset()[t];
    }
    List<MemorySegment> tables = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      MemorySegment each = arena.allocate(NativeTensor.roundUp(code.threadBytes(), APART), APART);
      code.fill(
          each,
          i,
          threads,
          image.address(),
          tensorAddresses,
          network.weights(),
          network.parameters());
      tables.add(each);
    }
    return tables;
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public void run(float[] input, float[] result) {
    Shapes.check(packed, input, result);
    use.enter();
    try {
      call(0, network.generated().layers().size() - 1, input);
      int[] resultAt = plan.resultAt();
      for (int i = 0; i < result.length; i++) {
        result[i] = tensors.get(ValueLayout.JAVA_FLOAT, resultAt[i]);
      }
    } finally {
      use.leave(this);
    }
  }

  private void call(int first, int last, float @Nullable [] input) {
    if (team != null) {
      team.run(first, last, input);
      return;
    }
    table.set(ValueLayout.JAVA_LONG, Table.FIRST, first);
    table.set(ValueLayout.JAVA_LONG, Table.LAST, last);
    if (input != null) {
      copy.copy(input, 0);
    }
    network.code().call(table.address());
  }

  @Override
  public Tensors tensors() {
    if (!tracing) {
      throw new IllegalStateException(
          "This session reuses the memory of its tensors; only a tracing session keeps them.");
    }
    use.enter();
    try {
      Tensors all = new Tensors(packed);
      for (int t = 0; t < packed.tensors().size(); t++) {
        copy(t, all);
      }
      return all;
    } finally {
      use.leave(this);
    }
  }

  private void copy(int t, Tensors to) {
    PackedTensor tensor = packed.tensors().get(t);
    NativeTensor layout = network.generated().layout().tensor(t);
    long start = plan.places().offset()[t];
    for (int y = 0; y < tensor.height(); y++) {
      for (int x = 0; x < tensor.width(); x++) {
        int at = (y * tensor.width() + x) * tensor.channels();
        for (int c = 0; c < tensor.channels(); c++) {
          if (layout.real()) {
            long from = start + layout.at(y, x) + 4L * c;
            to.result()[at + c] = tensors.get(ValueLayout.JAVA_FLOAT, from);
          } else {
            to.codes(t)[at + c] = (byte) layout.code(tensors, start, y, x, c);
          }
        }
      }
    }
  }

  @Override
  public void runStep(int step) {
    Objects.checkIndex(step, network.generated().layers().size());
    use.enter();
    try {
      call(step, step, null);
    } finally {
      use.leave(this);
    }
  }

  @Override
  public void close() {
    use.close();
  }
}
