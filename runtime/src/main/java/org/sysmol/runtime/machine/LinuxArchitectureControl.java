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

/** {@code arch_prctl} of Linux for x86-64, for which the C library has no function of its own. */
final class LinuxArchitectureControl implements ArchitectureControl {
  // Values of <asm/unistd_64.h> and <asm/prctl.h>.
  private static final long ARCH_PRCTL = 158;
  private static final long GET_PERMISSIONS = 0x1022;
  private static final long REQUEST_PERMISSION = 0x1023;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle systemCall;

  LinuxArchitectureControl() {
    Linker linker = Linker.nativeLinker();
    ValueLayout word = ValueLayout.JAVA_LONG;
    systemCall =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(word, word, word, word),
            Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(1));
  }

  @Override
  public int requestPermission(int feature) {
    return call(REQUEST_PERMISSION, feature);
  }

  @Override
  public long permissions() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(ValueLayout.JAVA_LONG);
      return call(GET_PERMISSIONS, answer.address()) == 0
          ? answer.get(ValueLayout.JAVA_LONG, 0)
          : 0;
    }
  }

  /** 0 or the error number. */
  private int call(long code, long argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) systemCall.invokeExact(state, ARCH_PRCTL, code, argument);
      return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
    } catch (Throwable broken) {
      throw new IllegalStateException("A call to the C library broke off.", broken);
    }
  }
}
