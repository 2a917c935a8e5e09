package org.sysmol.runtime.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.Encoder;
import org.sysmol.runtime.x86.Label;

/** Code in memory of its own: called, refused, given back. */
class ExecutableCodeTest {
  private static ExecutableCode load(Assembler a) {
    return switch (ExecutableCode.load(Encoder.encode(a.finish()).bytes())) {
      case CodeLoading.Loaded loaded -> loaded.code();
      case CodeLoading.Refused refused -> fail(refused.reason());
    };
  }

  private static ExecutableCode weightedSum() {
    Assembler a = new Assembler(Set.of());
    a.lea(RAX, mem(RDI, RSI, 2, 0));
    a.lea(RAX, mem(RAX, RDX, 4, 0));
    a.lea(RAX, mem(RAX, RCX, 8, 0));
    a.shl(R8, 4);
    a.add(RAX, R8);
    a.shl(R9, 5);
    a.add(RAX, R9);
    a.ret();
    return load(a);
  }

  @Test
  void sixArgumentsArriveInOrder() {
    try (ExecutableCode code = weightedSum()) {
      assertThat(code.call(1, 1, 1, 1, 1, 1)).isEqualTo(63);
      assertThat(code.call(1, 2, 3, 4, 5, 6)).isEqualTo(1 + 4 + 12 + 32 + 80 + 192);
      assertThat(code.call(7, 0, 0, 0, 1)).isEqualTo(23);
      assertThat(code.call(-1)).isEqualTo(-1);
      assertThat(code.call()).isZero();
    }
  }

  @Test
  void codeReadsAndWritesNativeMemory() {
    Assembler a = new Assembler(Set.of());
    Label loop = a.here("loop");
    a.add(mem(RDI).ofDword(), 5);
    a.add(RDI, 4);
    a.dec(RSI);
    a.jne(loop);
    a.ret();
    try (ExecutableCode code = load(a);
        Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(ValueLayout.JAVA_INT, 100);
      code.call(values.address(), 99);
      assertThat(values.getAtIndex(ValueLayout.JAVA_INT, 98)).isEqualTo(5);
      assertThat(values.getAtIndex(ValueLayout.JAVA_INT, 99)).isZero();
    }
  }

  @Test
  void memoryIsNeverWritableAndExecutableAtOnce() throws IOException {
    Assembler a = new Assembler(Set.of());
    Label here = a.here("here");
    a.lea(RAX, mem(here));
    a.ret();
    try (ExecutableCode code = load(a)) {
      assertThat(permissions(code.call())).isEqualTo("r-xp");
    }
  }

  /** The permissions that the kernel reports for {@code address}. */
  private static String permissions(long address) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
      if (Long.compareUnsigned(address, Long.parseUnsignedLong(range[0], 16)) >= 0
          && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0) {
        return line.substring(line.indexOf(' ') + 1, line.indexOf(' ') + 5);
      }
    }
    return "unmapped";
  }

  @Test
  void closingGivesTheMemoryBackAndRefusesCalls() throws IOException {
    Assembler a = new Assembler(Set.of());
    a.lea(RAX, mem(a.here("here")));
    a.ret();
    ExecutableCode code = load(a);
    long address = code.call();
    code.close();
    code.close();
    assertThat(permissions(address)).isNotEqualTo("r-xp");
    assertThatThrownBy(code::call).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closingWhileACallRunsIsRefused() throws InterruptedException {
    Assembler a = new Assembler(Set.of());
    a.mov(mem(RDI, 8), RDI);
    Label wait = a.here("wait");
    a.cmp(mem(RDI).ofQword(), 0);
    a.je(wait);
    a.ret();
    ExecutableCode code = load(a);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment flags = arena.allocate(16, 8);
      Thread caller = new Thread(() -> code.call(flags.address()));
      caller.start();
      while (flags.get(ValueLayout.JAVA_LONG, 8) == 0) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(code::close).isInstanceOf(IllegalStateException.class);
      flags.set(ValueLayout.JAVA_LONG, 0, 1);
      caller.join();
      code.close();
      assertThatThrownBy(code::call).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void forgottenCodeIsReclaimed() throws InterruptedException {
    AtomicLong unmapped = new AtomicLong();
    PageMemory counting = new CountingMemory(unmapped);
    for (int i = 0; i < 8; i++) {
      assertThat(ExecutableCode.load(new byte[] {(byte) 0xC3}, counting))
          .isInstanceOf(CodeLoading.Loaded.class);
    }
    for (int i = 0; i < 200 && unmapped.get() < 8; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(unmapped.get()).isEqualTo(8);
  }

  /** The real memory, counting what is given back. */
  private record CountingMemory(AtomicLong unmapped) implements PageMemory {
    @Override
    public long map(long bytes) throws Refusal {
      return new LinuxPageMemory().map(bytes);
    }

    @Override
    public void makeExecutable(long address, long bytes) throws Refusal {
      new LinuxPageMemory().makeExecutable(address, bytes);
    }

    @Override
    public void unmap(long address, long bytes) {
      new LinuxPageMemory().unmap(address, bytes);
      unmapped.incrementAndGet();
    }
  }

  @Test
  void aSystemThatRefusesIsNamedAndNothingLeaks() {
    List<Long> unmapped = new ArrayList<>();
    PageMemory hardened =
        new PageMemory() {
          @Override
          public long map(long bytes) throws Refusal {
            return new LinuxPageMemory().map(bytes);
          }

          @Override
          public void makeExecutable(long address, long bytes) throws Refusal {
            throw new Refusal("mprotect to read and execute failed with errno 13");
          }

          @Override
          public void unmap(long address, long bytes) {
            unmapped.add(bytes);
            new LinuxPageMemory().unmap(address, bytes);
          }
        };
    assertThat(ExecutableCode.load(new byte[] {(byte) 0xC3}, hardened))
        .isEqualTo(
            new CodeLoading.Refused(
                "The operating system refused executable memory (mprotect to read and execute"
                    + " failed with errno 13), as hardened systems do."));
    assertThat(unmapped).containsExactly(1L);
  }

  @Test
  void theSystemsOwnRefusalsAreReported() {
    LinuxPageMemory memory = new LinuxPageMemory();
    assertThatThrownBy(() -> memory.map(1L << 60))
        .isInstanceOf(PageMemory.Refusal.class)
        .hasMessage("mmap of 1152921504606846976 bytes failed with errno 12");
    assertThatThrownBy(() -> memory.makeExecutable(1, 1))
        .isInstanceOf(PageMemory.Refusal.class)
        .hasMessage("mprotect to read and execute failed with errno 22");
  }

  @Test
  void otherSystemsAndProcessorsAreRefusedByName() {
    byte[] code = {(byte) 0xC3};
    assertThat(ExecutableCode.load(code, "Mac OS X", "x86_64"))
        .isEqualTo(
            new CodeLoading.Refused(
                "Generated machine code needs Linux, but this system is Mac OS X."));
    assertThat(ExecutableCode.load(code, "Linux", "aarch64"))
        .isEqualTo(
            new CodeLoading.Refused(
                "Generated machine code needs an x86-64 processor, but this one is aarch64."));
    assertThatThrownBy(() -> ExecutableCode.load(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
