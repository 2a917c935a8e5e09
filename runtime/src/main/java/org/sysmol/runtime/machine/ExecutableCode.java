package org.sysmol.runtime.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Locale;

/**
 * Machine code in memory of its own that can be called.
 *
 * <p>The memory is written first and made executable afterwards; it is never both. The code must
 * follow the System V convention: arguments in rdi, rsi, rdx, rcx, r8 and r9, the result in rax,
 * rbx, rbp and r12..r15 preserved, the upper halves of the vector registers left clean.
 *
 * <p>Any number of threads may call at once. {@link #close} while a call runs is refused; an object
 * that was forgotten gives its memory back when the garbage collector finds it.
 *
 * <p>What the code does with its arguments is beyond any check: it is for code from this project's
 * generators only, proved by the interpreter first.
 */
public final class ExecutableCode implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final MemorySegment entry;
  private final Arena arena;
  private final Cleaner.Cleanable release;
  private final long bytes;

  private ExecutableCode(MemorySegment entry, Arena arena) {
    this.entry = entry;
    this.arena = arena;
    this.bytes = entry.byteSize();
    // The action must not refer to this object, or it would never be unreachable.
    this.release = CLEANER.register(this, () -> closeOnce(arena));
  }

  /** Loads {@code code}, or says why this machine does not allow it. */
  public static CodeLoading load(byte[] code) {
    return load(code, System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static CodeLoading load(byte[] code, String system, String architecture) {
    if (!system.equals("Linux")) {
      return new CodeLoading.Refused(
          "Generated machine code needs Linux, but this system is " + system + ".");
    }
    if (!architecture.toLowerCase(Locale.ROOT).matches("amd64|x86_64")) {
      return new CodeLoading.Refused(
          "Generated machine code needs an x86-64 processor, but this one is "
              + architecture
              + ".");
    }
    try {
      return load(code, new LinuxPageMemory());
    } catch (IllegalCallerException denied) {
      return new CodeLoading.Refused(
          "Generated machine code needs native access, which this JVM was denied; start it with"
              + " --enable-native-access=ALL-UNNAMED.");
    }
  }

  // The arena lives as long as the code: close() or the cleaner closes it.
  @SuppressWarnings("MustBeClosedChecker")
  static CodeLoading load(byte[] code, PageMemory memory) {
    if (code.length == 0) {
      throw new IllegalArgumentException("There is no code to load.");
    }
    long address = 0;
    try {
      address = memory.map(code.length);
      MemorySegment.ofAddress(address)
          .reinterpret(code.length)
          .copyFrom(MemorySegment.ofArray(code));
      memory.makeExecutable(address, code.length);
    } catch (PageMemory.Refusal refusal) {
      if (address != 0) {
        memory.unmap(address, code.length);
      }
      return new CodeLoading.Refused(
          "The operating system refused executable memory ("
              + refusal.getMessage()
              + "), as hardened systems do.");
    }
    long start = address;
    Arena arena = Arena.ofShared();
    MemorySegment entry =
        MemorySegment.ofAddress(address)
            .reinterpret(code.length, arena, freed -> memory.unmap(start, code.length));
    return new CodeLoading.Loaded(new ExecutableCode(entry, arena));
  }

  /** The handle for six arguments, made when the first code is called. */
  private static final class Call {
    private static final MethodHandle SIX =
        Linker.nativeLinker()
            .downcallHandle(
                FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG));
  }

  /**
   * A place in the code that can be called: one of several kernels that were loaded together.
   *
   * <p>It keeps the code alive while it is reachable; after {@link ExecutableCode#close} its calls
   * are refused.
   */
  public static final class Entry {
    private final ExecutableCode code;
    private final MemorySegment start;

    private Entry(ExecutableCode code, long offset) {
      this.code = code;
      this.start = code.entry.asSlice(offset);
    }

    /**
     * Calls the code here with six arguments, as {@link ExecutableCode#call(long, long, long, long,
     * long, long)} calls it at its start.
     *
     * @throws IllegalStateException after {@link ExecutableCode#close}
     */
    public long call(long first, long second, long third, long fourth, long fifth, long sixth) {
      return code.call(start, first, second, third, fourth, fifth, sixth);
    }
  }

  /**
   * The place {@code offset} bytes from the start, where a function must begin.
   *
   * @throws IllegalArgumentException if that is outside of the code
   * @throws IllegalStateException after {@link #close}
   */
  public Entry entry(int offset) {
    if (offset < 0 || offset >= bytes) {
      throw new IllegalArgumentException(
          "Offset " + offset + " lies outside of the code, which has " + bytes + " bytes.");
    }
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("The code was closed.");
    }
    return new Entry(this, offset);
  }

  /** Size of the code in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Calls the code without arguments. */
  public long call() {
    return call(0, 0, 0, 0, 0, 0);
  }

  /** Calls the code with one argument: a number or the address of native memory. */
  public long call(long first) {
    return call(first, 0, 0, 0, 0, 0);
  }

  /** Calls the code with two arguments. */
  public long call(long first, long second) {
    return call(first, second, 0, 0, 0, 0);
  }

  /** Calls the code with three arguments. */
  public long call(long first, long second, long third) {
    return call(first, second, third, 0, 0, 0);
  }

  /** Calls the code with four arguments. */
  public long call(long first, long second, long third, long fourth) {
    return call(first, second, third, fourth, 0, 0);
  }

  /** Calls the code with five arguments. */
  public long call(long first, long second, long third, long fourth, long fifth) {
    return call(first, second, third, fourth, fifth, 0);
  }

  /**
   * Calls the code with six arguments, numbers or addresses of native memory. Whoever passes an
   * address keeps the memory alive during the call.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public long call(long first, long second, long third, long fourth, long fifth, long sixth) {
    return call(entry, first, second, third, fourth, fifth, sixth);
  }

  private long call(
      MemorySegment start,
      long first,
      long second,
      long third,
      long fourth,
      long fifth,
      long sixth) {
    try {
      return (long) Call.SIX.invokeExact(start, first, second, third, fourth, fifth, sixth);
    } catch (RuntimeException | Error known) {
      throw known;
    } catch (Throwable broken) {
      throw new IllegalStateException("A call of generated code broke off.", broken);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Gives the memory back; calls after that are refused. Closing twice does nothing.
   *
   * @throws IllegalStateException while a call runs
   */
  @Override
  public void close() {
    closeOnce(arena);
    release.clean();
  }

  private static void closeOnce(Arena arena) {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
