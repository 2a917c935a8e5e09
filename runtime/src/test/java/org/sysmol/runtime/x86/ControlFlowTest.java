package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.ExecutableCode;

/** Calls, indirect jumps and counters that threads share, interpreted and on the processor. */
class ControlFlowTest {
  private static Program program(Consumer<Assembler> body) {
    Assembler a = new Assembler(Set.of());
    body.accept(a);
    return a.finish();
  }

  private static ExecutableCode load(Program program) {
    return switch (ExecutableCode.load(Encoder.encode(program).bytes())) {
      case CodeLoading.Loaded loaded -> loaded.code();
      case CodeLoading.Refused refused -> fail(refused.reason());
    };
  }

  /** Two entries, a subroutine called directly and through a register, an indirect jump. */
  private static Program callsAndJumps(Label plain, Label indirect) {
    return program(
        a -> {
          Label add = a.label("add");
          Label twice = a.label("twice");
          a.bind(plain);
          a.call(add);
          a.call(add);
          a.ret();
          a.align(16);
          a.bind(indirect);
          a.push(RBX);
          a.lea(RBX, mem(add));
          a.call(RBX);
          a.push(RBX);
          a.call(mem(RSP).ofQword());
          a.pop(RDX);
          a.pop(RBX);
          a.lea(RCX, mem(twice));
          a.jmp(RCX);
          a.bind(add);
          a.lea(RAX, mem(RDI, RSI, 1, 0));
          a.mov(RDI, RAX);
          a.ret();
          a.bind(twice);
          a.add(RAX, RAX);
          a.ret();
        });
  }

  @Test
  void callsAndIndirectJumpsGoWhereTheProcessorGoes() {
    Label plain = new Label("plain");
    Label indirect = new Label("indirect");
    Program program = callsAndJumps(plain, indirect);
    Encoder.MachineCode code = Encoder.encode(program);
    Interpreter interpreter = new Interpreter(new InterpretedMemory());
    assertThat(interpreter.call(program, 100, 7)).isEqualTo(114);
    assertThat(interpreter.callAt(program, plain, 100, 7)).isEqualTo(114);
    assertThat(interpreter.callAt(program, indirect, 100, 7)).isEqualTo(228);
    assertThat(code.offsetOf(plain)).isZero();
    assertThat(code.offsetOf(indirect)).isEqualTo(16);
    try (ExecutableCode loaded = load(program)) {
      assertThat(loaded.call(100, 7)).isEqualTo(114);
      assertThat(loaded.entry(code.offsetOf(plain)).call(100, 7, 0, 0, 0, 0)).isEqualTo(114);
      assertThat(loaded.entry(code.offsetOf(indirect)).call(100, 7, 0, 0, 0, 0)).isEqualTo(228);
    }
    assertThatThrownBy(() -> interpreter.callAt(program, new Label("elsewhere")))
        .hasMessage("The label elsewhere is not one of the program.");
    assertThatThrownBy(() -> code.offsetOf(new Label("elsewhere")))
        .hasMessage("The label elsewhere is not one of the program.");
  }

  private static void refuses(String message, Consumer<Assembler> body, long... arguments) {
    assertThatThrownBy(
            () -> new Interpreter(new InterpretedMemory()).call(program(body), arguments))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  @Test
  void callsAndJumpsToNowhereAreErrors() {
    refuses(
        "Line 1 of the program, 'jmp rdi', after 0 instructions: goes to 0x2a, where no code of the"
            + " program is.",
        a -> a.jmp(RDI),
        42);
    refuses(
        "Line 1 of the program, 'call rdi', after 0 instructions: goes to 0xffffffffffffffff, where"
            + " no code of the program is.",
        a -> a.call(RDI),
        -1);
    refuses(
        "Line 2 of the program, 'lea rax, [here+0x4]', after 0 instructions: computes the address"
            + " of no instruction.",
        a -> a.lea(RAX, mem(a.here("here"), 4)));
    refuses(
        "Line 2 of the program, 'ret', after 1 instructions: returns with something left on the"
            + " stack.",
        a -> {
          a.push(RDI);
          a.ret();
        },
        0x5EC0DE5EC0DFL);
  }

  @Test
  void countersThatThreadsShareAreCountedByTheProcessorAsInterpreted() {
    Program program =
        program(
            a -> {
              a.mfence();
              a.lockAdd(mem(RDI).ofQword(), 1000);
              a.lockInc(mem(RDI).ofQword());
              a.lockDec(mem(RDI, 8).ofDword());
              a.pause();
              a.mov(RAX, 5);
              a.lockXadd(mem(RDI), RAX);
              a.lockAdd(mem(RDI, 8), RAX.dword());
              a.ret();
            });
    try (Arena arena = Arena.ofConfined();
        ExecutableCode code = load(program)) {
      MemorySegment counters = arena.allocate(16, 8);
      InterpretedMemory memory = new InterpretedMemory();
      memory.writable("counters", counters);
      assertThat(new Interpreter(memory).call(program, counters.address())).isEqualTo(1001);
      assertThat(counters.toArray(ValueLayout.JAVA_LONG)).containsExactly(1006, 1000);
      assertThat(code.call(counters.address())).isEqualTo(2007);
      assertThat(counters.toArray(ValueLayout.JAVA_LONG)).containsExactly(2012, 3006);
    }
  }

  /** Two threads meet at a barrier of {@code lock xadd} and a spin, a hundred times. */
  @Test
  void aSpinBarrierHoldsThreadsTogether() throws InterruptedException {
    Program program =
        program(
            a -> {
              // rdi: the counter of arrivals, rsi: rounds, rdx: own counter, rcx: the other's.
              a.xor(RAX.dword(), RAX.dword());
              Label round = a.here("round");
              a.add(RAX, 2);
              a.lockInc(mem(RDX).ofQword());
              a.lockInc(mem(RDI).ofQword());
              Label wait = a.label("wait");
              Label met = a.label("met");
              a.bind(wait);
              a.cmp(mem(RDI), RAX);
              a.jge(met);
              a.pause();
              a.jmp(wait);
              a.bind(met);
              a.dec(RSI);
              a.jne(round);
              a.mov(RAX, mem(RCX));
              a.ret();
            });
    long rounds = 100;
    try (Arena arena = Arena.ofShared();
        ExecutableCode code = load(program)) {
      MemorySegment counters = arena.allocate(192, 64);
      long base = counters.address();
      long[] seen = new long[1];
      Thread other = new Thread(() -> seen[0] = code.call(base, rounds, base + 64, base + 128));
      other.start();
      long mine = code.call(base, rounds, base + 128, base + 64);
      other.join();
      assertThat(counters.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2 * rounds);
      assertThat(mine).isEqualTo(rounds);
      assertThat(seen[0]).isEqualTo(rounds);
    }
  }
}
