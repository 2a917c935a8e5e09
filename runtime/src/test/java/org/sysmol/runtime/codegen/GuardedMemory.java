package org.sysmol.runtime.codegen;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Native memory between two pages that nobody may touch: each piece ends right before the second or
 * begins right behind the first. One byte read or written beyond ends the process.
 */
final class GuardedMemory implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final int READ_WRITE = 3;
  private static final int NONE = 0;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final MethodHandle MAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle PROTECT =
      function(
          "mprotect",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle UNMAP =
      function(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private final boolean atEnd;
  private final List<long[]> mappings = new ArrayList<>();

  /** Memory whose pieces touch the forbidden page behind them, or the one before. */
  GuardedMemory(boolean atEnd) {
    this.atEnd = atEnd;
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  /** A piece of {@code bytes}, at least one of them. */
  MemorySegment allocate(long bytes) {
    long room = Math.ceilDiv(Math.max(1, bytes), PAGE) * PAGE;
    try {
      long start =
          (long) MAP.invokeExact(0L, room + 2 * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (start == -1) {
        throw new IllegalStateException("mmap failed");
      }
      mappings.add(new long[] {start, room + 2 * PAGE});
      int before = (int) PROTECT.invokeExact(start, PAGE, NONE);
      int behind = (int) PROTECT.invokeExact(start + PAGE + room, PAGE, NONE);
      if (before != 0 || behind != 0) {
        throw new IllegalStateException("mprotect failed");
      }
      long at = start + PAGE + (atEnd ? room - bytes : 0);
      return MemorySegment.ofAddress(at).reinterpret(bytes, Arena.global(), null);
    } catch (RuntimeException | Error known) {
      throw known;
    } catch (Throwable broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** What the system says of an address: {@code rw-p}, {@code ---p}. */
  static String permissions(long address) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      int dash = line.indexOf('-');
      int blank = line.indexOf(' ');
      long from = Long.parseUnsignedLong(line, 0, dash, 16);
      long to = Long.parseUnsignedLong(line, dash + 1, blank, 16);
      if (Long.compareUnsigned(address, from) >= 0 && Long.compareUnsigned(address, to) < 0) {
        return line.substring(blank + 1, blank + 5);
      }
    }
    return "none";
  }

  @Override
  public void close() {
    for (long[] mapping : mappings) {
      try {
        int result = (int) UNMAP.invokeExact(mapping[0], mapping[1]);
        if (result != 0) {
          throw new IllegalStateException("munmap failed");
        }
      } catch (RuntimeException | Error known) {
        throw known;
      } catch (Throwable broken) {
        throw new IllegalStateException(broken);
      }
    }
    mappings.clear();
  }
}
