package org.sysmol.train;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps freed memory in the process instead of giving it back to the system after every step.
 *
 * <p>glibc maps each large tensor anew and unmaps it when it dies, so that every training step
 * touches fresh pages: that took more than half of an epoch's time. With these thresholds the same
 * pages serve all steps. Results don't depend on it.
 */
final class NativeMemory {
  private static final Logger LOG = LoggerFactory.getLogger(NativeMemory.class);

  /** {@code M_TRIM_THRESHOLD}: how much free memory at the end of the heap is kept. */
  private static final int TRIM_THRESHOLD = -1;

  /** {@code M_TOP_PAD}: by how much the heap grows at a time. */
  private static final int TOP_PAD = -2;

  /** {@code M_MMAP_THRESHOLD}: blocks of at least this size are mapped on their own. */
  private static final int MMAP_THRESHOLD = -3;

  private NativeMemory() {}

  /** Sets glibc's thresholds; does nothing where there is no {@code mallopt}. */
  static void keep() {
    Linker linker = Linker.nativeLinker();
    Optional<MethodHandle> mallopt =
        linker
            .defaultLookup()
            .find("mallopt")
            .map(
                address ->
                    linker.downcallHandle(
                        address,
                        FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
    if (mallopt.isEmpty()) {
      LOG.debug("No mallopt: the allocator's thresholds stay as they are.");
      return;
    }
    set(mallopt.get(), MMAP_THRESHOLD, 32 << 20);
    set(mallopt.get(), TRIM_THRESHOLD, 1 << 30);
    set(mallopt.get(), TOP_PAD, 64 << 20);
  }

  private static void set(MethodHandle mallopt, int parameter, int value) {
    try {
      int done = (int) mallopt.invokeExact(parameter, value);
      LOG.debug("mallopt({}, {}) gave {}", parameter, value, done);
    } catch (Throwable e) {
      throw new LinkageError("mallopt", e);
    }
  }
}
