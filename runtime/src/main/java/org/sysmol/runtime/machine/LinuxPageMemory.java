package org.sysmol.runtime.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** {@code mmap}, {@code mprotect} and {@code munmap} of the C library that the JVM runs on. */
final class LinuxPageMemory implements PageMemory {
  // Values of <sys/mman.h>, the same on every Linux for x86-64.
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x02 | 0x20;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle map;
  private final MethodHandle protect;
  private final MethodHandle unmap;

  LinuxPageMemory() {
    Linker linker = Linker.nativeLinker();
    Linker.Option errno = Linker.Option.captureCallState("errno");
    ValueLayout word = ValueLayout.JAVA_LONG;
    ValueLayout number = ValueLayout.JAVA_INT;
    map =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mmap"),
            FunctionDescriptor.of(word, word, word, number, number, number, word),
            errno);
    protect =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mprotect"),
            FunctionDescriptor.of(number, word, word, number),
            errno);
    unmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("munmap"),
            FunctionDescriptor.of(number, word, word));
  }

  @Override
  public long map(long bytes) throws Refusal {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long address =
          (long) map.invokeExact(state, 0L, bytes, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (address == -1) {
        throw new Refusal("mmap of " + bytes + " bytes failed with errno " + errno(state));
      }
      return address;
    } catch (Refusal refusal) {
      throw refusal;
    } catch (Throwable broken) {
      throw unexpected(broken);
    }
  }

  @Override
  public void makeExecutable(long address, long bytes) throws Refusal {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) protect.invokeExact(state, address, bytes, READ | EXECUTE);
      if (result != 0) {
        throw new Refusal("mprotect to read and execute failed with errno " + errno(state));
      }
    } catch (Refusal refusal) {
      throw refusal;
    } catch (Throwable broken) {
      throw unexpected(broken);
    }
  }

  @Override
  public void unmap(long address, long bytes) {
    try {
      int ignored = (int) unmap.invokeExact(address, bytes);
    } catch (Throwable broken) {
      throw unexpected(broken);
    }
  }

  private static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  private static IllegalStateException unexpected(Throwable cause) {
    return new IllegalStateException("A call to the C library broke off.", cause);
  }
}
