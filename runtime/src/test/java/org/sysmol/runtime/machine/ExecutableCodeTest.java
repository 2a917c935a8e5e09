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
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

  @Test
  void pagesAreFirstWrittenAndThenExecutedButNeverBoth() throws IOException {
    List<String> seen = new ArrayList<>();
    PageMemory watched =
        new PageMemory() {
          @Override
          public long map(long bytes) throws Refusal {
            long address = new LinuxPageMemory().map(bytes);
            note(address, bytes);
            return address;
          }

          @Override
          public void makeExecutable(long address, long bytes) throws Refusal {
            note(address, bytes);
            new LinuxPageMemory().makeExecutable(address, bytes);
            note(address, bytes);
          }

          @Override
          public void unmap(long address, long bytes) {
            note(address, bytes);
            new LinuxPageMemory().unmap(address, bytes);
          }

          private void note(long address, long bytes) {
            try {
              seen.add(permissions(address) + " to " + permissions(address + bytes - 1));
            } catch (IOException broken) {
              throw new UncheckedIOException(broken);
            }
          }
        };
    byte[] threePages = new byte[10_000];
    Arrays.fill(threePages, (byte) 0xC3);
    if (!(ExecutableCode.load(threePages, watched) instanceof CodeLoading.Loaded loaded)) {
      fail("This machine runs no generated code.");
      return;
    }
    loaded.code().call();
    loaded.code().entry(9_999).call(0, 0, 0, 0, 0, 0);
    loaded.code().close();
    assertThat(seen)
        .containsExactly("rw-p to rw-p", "rw-p to rw-p", "r-xp to r-xp", "r-xp to r-xp");
  }

  @Test
  void severalEntriesOfOneCodeCanBeCalled() {
    Assembler a = new Assembler(Set.of());
    Label sum = a.here("sum");
    a.lea(RAX, mem(RDI, R9, 1, 0));
    a.ret();
    a.align(64);
    Label difference = a.here("difference");
    a.mov(RAX, RDI);
    a.sub(RAX, R9);
    a.ret();
    Encoder.MachineCode encoded = Encoder.encode(a.finish());
    if (!(ExecutableCode.load(encoded.bytes()) instanceof CodeLoading.Loaded loaded)) {
      fail("This machine runs no generated code.");
      return;
    }
    ExecutableCode code = loaded.code();
    ExecutableCode.Entry minus = code.entry(encoded.offsetOf(difference));
    assertThat(code.entry(encoded.offsetOf(sum)).call(40, 0, 0, 0, 0, 2)).isEqualTo(42);
    assertThat(minus.call(40, 0, 0, 0, 0, 2)).isEqualTo(38);
    for (int outside : new int[] {-1, encoded.bytes().length}) {
      assertThatThrownBy(() -> code.entry(outside))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Offset "
                  + outside
                  + " lies outside of the code, which has "
                  + encoded.bytes().length
                  + " bytes.");
    }
    code.close();
    assertThatThrownBy(() -> minus.call(1, 1, 1, 1, 1, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> code.entry(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anEntryKeepsForgottenCodeAlive() throws InterruptedException {
    AtomicLong unmapped = new AtomicLong();
    ExecutableCode.Entry entry = entryOnly(new CountingMemory(unmapped));
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      assertThat(entry.call(i, 0, 0, 0, 0, 0)).isEqualTo(i);
    }
    assertThat(unmapped.get()).isZero();
    entry = entryOnly(new CountingMemory(new AtomicLong()));
    for (int i = 0; i < 200 && unmapped.get() < 1; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(unmapped.get()).isEqualTo(1);
    assertThat(entry.call(7, 0, 0, 0, 0, 0)).isEqualTo(7);
  }

  private static ExecutableCode.Entry entryOnly(PageMemory memory) {
    // mov rax, rdi; ret
    byte[] identity = {0x48, (byte) 0x89, (byte) 0xF8, (byte) 0xC3};
    if (ExecutableCode.load(identity, memory) instanceof CodeLoading.Loaded loaded) {
      return loaded.code().entry(0);
    }
    return fail("This machine runs no generated code.");
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
