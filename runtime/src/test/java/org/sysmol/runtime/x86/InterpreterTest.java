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
import static org.sysmol.runtime.x86.MaskRegister.k;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.VectorRegister.xmm;
import static org.sysmol.runtime.x86.VectorRegister.ymm;
import static org.sysmol.runtime.x86.VectorRegister.zmm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.ExecutableCode;

/** Whole programs in the interpreter, and the mistakes that it finds. */
class InterpreterTest {
  private static final Set<Feature> EVERYTHING = EnumSet.allOf(Feature.class);

  private static Program program(Consumer<Assembler> body) {
    Assembler a = new Assembler(EVERYTHING);
    body.accept(a);
    return a.finish();
  }

  private static long run(Consumer<Assembler> body, long... arguments) {
    return new Interpreter(new InterpretedMemory(), 10_000).call(program(body), arguments);
  }

  private static void refuses(String message, Consumer<Assembler> body, long... arguments) {
    assertThatThrownBy(() -> run(body, arguments))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  /** The sum of {@code u[i] * w[i]} over a multiple of 32 bytes, saturating never. */
  private static Program dotProduct() {
    Assembler a = new Assembler(EnumSet.of(Feature.AVX, Feature.AVX2));
    Label ones = a.constant("ones", 0x00010001);
    a.zero(ymm(0));
    a.vpbroadcastd(ymm(4), mem(ones));
    Label end = a.label("end");
    a.sub(RDX, 32);
    a.jl(end);
    a.align(16);
    Label loop = a.here("loop");
    a.vmovdqu(ymm(1), mem(RDI));
    a.vpmaddubsw(ymm(1), ymm(1), mem(RSI));
    a.vpmaddwd(ymm(1), ymm(1), ymm(4));
    a.vpaddd(ymm(0), ymm(0), ymm(1));
    a.add(RDI, 32);
    a.add(RSI, 32);
    a.sub(RDX, 32);
    a.jge(loop);
    a.bind(end);
    a.vextracti128(xmm(1), ymm(0), 1);
    a.vpaddd(xmm(0), xmm(0), xmm(1));
    a.vpshufd(xmm(1), xmm(0), 0x0E);
    a.vpaddd(xmm(0), xmm(0), xmm(1));
    a.vpshufd(xmm(1), xmm(0), 1);
    a.vpaddd(xmm(0), xmm(0), xmm(1));
    a.vmovd(RAX.dword(), xmm(0));
    a.movsxd(RAX, RAX.dword());
    a.vzeroupper();
    a.ret();
    return a.finish();
  }

  @Test
  void aKernelGivesTheSameInJavaInterpretedAndOnTheProcessor() {
    Program program = dotProduct();
    Random random = new Random(3);
    try (Arena arena = Arena.ofConfined();
        ExecutableCode code = load(program)) {
      for (int count : new int[] {0, 32, 64, 96, 1024}) {
        MemorySegment codes = arena.allocate(Math.max(count, 1));
        MemorySegment weights = arena.allocate(Math.max(count, 1));
        int expected = 0;
        for (int i = 0; i < count; i++) {
          byte code0 = (byte) random.nextInt(16);
          byte weight = (byte) (random.nextInt(129) - 64);
          codes.set(ValueLayout.JAVA_BYTE, i, code0);
          weights.set(ValueLayout.JAVA_BYTE, i, weight);
          expected += code0 * weight;
        }
        InterpretedMemory memory = new InterpretedMemory();
        memory.readable("codes", codes);
        memory.readable("weights", weights);
        Interpreter interpreter = new Interpreter(memory);
        long[] arguments = {codes.address(), weights.address(), count};
        assertThat(interpreter.call(program, arguments)).isEqualTo(expected);
        assertThat(interpreter.executed()).isEqualTo(14 + 8L * (count / 32));
        assertThat(code.call(arguments[0], arguments[1], count)).isEqualTo(expected);
      }
    }
  }

  private static ExecutableCode load(Program program) {
    return switch (ExecutableCode.load(Encoder.encode(program).bytes())) {
      case CodeLoading.Loaded loaded -> loaded.code();
      case CodeLoading.Refused refused -> fail(refused.reason());
    };
  }

  @Test
  void everyJumpIsTakenWhenTheProcessorTakesIt() {
    long[] values = {0, 1, -1, 2, 127, -128, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, -(1L << 31)};
    int jumps = 0;
    for (Mnemonic mnemonic : Mnemonic.values()) {
      if (!mnemonic.forms().getFirst().operandText().contains("RELATIVE")) {
        continue;
      }
      jumps++;
      for (boolean wide : new boolean[] {true, false}) {
        Program program =
            program(
                a -> {
                  Label yes = a.label("yes");
                  a.cmp(wide ? RDI : RDI.dword(), wide ? RSI : RSI.dword());
                  a.emit(mnemonic, yes);
                  a.mov(RAX, 10);
                  a.ret();
                  a.bind(yes);
                  a.mov(RAX, 11);
                  a.ret();
                });
        try (ExecutableCode code = load(program)) {
          for (long left : values) {
            for (long right : values) {
              long interpreted =
                  new Interpreter(new InterpretedMemory()).call(program, left, right);
              assertThat(interpreted)
                  .as(mnemonic + " " + left + " " + right)
                  .isEqualTo(code.call(left, right));
            }
          }
        }
      }
    }
    assertThat(jumps).isEqualTo(14);
  }

  @Test
  void memoryBeyondARegionIsAnError() {
    byte[] bytes = new byte[64];
    InterpretedMemory memory = new InterpretedMemory();
    long address = memory.readable("input", MemorySegment.ofArray(bytes));
    Interpreter interpreter = new Interpreter(memory);
    Program load =
        program(
            a -> {
              a.vmovdqu(xmm(0), mem(RDI));
              a.ret();
            });
    assertThat(interpreter.call(load, address + 48)).isZero();
    String place = "Line 1 of the program, 'vmovdqu xmm0, xmmword [rdi]', after 0 instructions: ";
    for (long offset : new long[] {49, -1, 64}) {
      assertThatThrownBy(() -> interpreter.call(load, address + offset))
          .hasMessage(
              place
                  + "reads 16 bytes at 0x"
                  + Long.toHexString(address + offset)
                  + ", outside of every region; that is offset "
                  + offset
                  + " of 'input', which has 64 bytes.");
    }
    assertThatThrownBy(() -> interpreter.call(load, 0))
        .hasMessage(place + "reads 16 bytes at 0x0, outside of every region.");
    Program store =
        program(
            a -> {
              a.mov(mem(RDI, 8), RDI);
              a.ret();
            });
    assertThatThrownBy(() -> interpreter.call(store, address))
        .hasMessage(
            "Line 1 of the program, 'mov qword [rdi+0x8], rdi', after 0 instructions: writes 8"
                + " bytes at offset 8 of 'input', which may only be read.");
  }

  @Test
  void lanesThatAMaskLeavesOutMayLieBeyondARegion() {
    byte[] bytes = {1, 2, 3, 4, 5};
    byte[] result = new byte[5];
    InterpretedMemory memory = new InterpretedMemory();
    long from = memory.readable("from", MemorySegment.ofArray(bytes));
    long to = memory.writable("to", MemorySegment.ofArray(result));
    Consumer<Assembler> body =
        a -> {
          a.kmovd(k(1), RDX.dword());
          a.vmovdqu8(zmm(0).zeroed(k(1)), mem(RDI));
          a.vpaddb(zmm(0).zeroed(k(1)), zmm(0), mem(RDI));
          a.vmovdqu8(mem(RSI).masked(k(1)), zmm(0));
          a.vpmovzxbd(zmm(1).zeroed(k(1)), mem(RDI));
          a.vpmovdb(mem(RSI).masked(k(1)), zmm(1));
          a.vzeroupper();
          a.ret();
        };
    new Interpreter(memory).call(program(body), from, to, 0x1F);
    assertThat(result).containsExactly(1, 2, 3, 4, 5);
    assertThatThrownBy(() -> new Interpreter(memory).call(program(body), from, to, 0x3F))
        .hasMessageContaining("reads 1 bytes")
        .hasMessageContaining("offset 5 of 'from'");
  }

  @Test
  void alignedMovesNeedAlignedAddresses() {
    InterpretedMemory memory = new InterpretedMemory();
    long address = memory.readable("input", MemorySegment.ofArray(new byte[64]));
    Program program =
        program(
            a -> {
              a.vmovdqa(xmm(0), mem(RDI));
              a.ret();
            });
    assertThat(new Interpreter(memory).call(program, address + 16)).isZero();
    assertThatThrownBy(() -> new Interpreter(memory).call(program, address + 8))
        .hasMessageContaining("needs an address that is a multiple of 16");
  }

  @Test
  void whatNothingHasWrittenCannotBeRead() {
    refuses(
        "Line 1 of the program, 'vpaddd ymm1, ymm2, ymm3', after 0 instructions: reads ymm2, which"
            + " nothing has written.",
        a -> a.vpaddd(ymm(1), ymm(2), ymm(3)));
    refuses(
        "Line 1 of the program, 'mov rax, rsi', after 0 instructions: reads rsi, which nothing has"
            + " written.",
        a -> a.mov(RAX, RSI),
        7);
    refuses(
        "Line 2 of the program, 'vpxord zmm1{k3}{z}, zmm1, zmm1', after 1 instructions: reads k3,"
            + " which nothing has written.",
        a -> {
          a.zero(zmm(1));
          a.vpxord(zmm(1).zeroed(k(3)), zmm(1), zmm(1));
        });
    refuses(
        "Line 3 of the program, 'jge here', after 1 instructions: depends on a flag that nothing"
            + " before it defines.",
        a -> {
          a.imul(RDI, RDI);
          Label here = a.here("here");
          a.jge(here);
        },
        7);
    assertThat(
            run(
                a -> {
                  a.xor(RAX.dword(), RAX.dword());
                  a.vpternlogd(zmm(20), zmm(20), zmm(20), 0xFF);
                  a.vmovd(RAX.dword(), xmm(20));
                  a.ret();
                }))
        .isEqualTo(0xFFFFFFFFL);
  }

  @Test
  void theCallersRegistersAreGuarded() {
    refuses(
        "Line 2 of the program, 'ret', after 1 instructions: returns without having restored rbx.",
        a -> {
          a.mov(RBX, RDI);
          a.ret();
        },
        1);
    refuses(
        "Line 2 of the program, 'ret', after 1 instructions: returns with something left on the"
            + " stack.",
        a -> {
          a.push(RBX);
          a.ret();
        });
    refuses(
        "Line 2 of the program, 'ret', after 1 instructions: returns without vzeroupper.",
        a -> {
          a.vpxor(ymm(1), ymm(1), ymm(1));
          a.ret();
        });
    assertThat(
            run(
                a -> {
                  a.push(RBX);
                  a.mov(RBX, RDI);
                  a.mov(RAX, RBX);
                  a.pop(RBX);
                  a.ret();
                },
                42))
        .isEqualTo(42);
  }

  @Test
  void programsThatDoNotReturnAreStopped() {
    refuses("The program did not return within 10000 instructions.", a -> a.jmp(a.here("forever")));
    refuses("The program runs on behind its last instruction.", a -> a.nop());
    refuses(
        "Line 1 of the program, 'cpuid', after 0 instructions: cannot be interpreted.",
        a -> {
          a.cpuid();
          a.ret();
        });
    Label own = new Label("own");
    refuses(
        "Line 2 of the program, 'mov rax, qword [own]', after 0 instructions: reads its own code at"
            + " own.",
        a -> {
          a.bind(own);
          a.mov(RAX, mem(own));
        });
  }

  @Test
  void constantsCannotBeWritten() {
    refuses(
        "Line 1 of the program, 'mov qword [table+0x8], rcx', after 0 instructions: writes 8 bytes"
            + " at offset 8 of 'table', which may only be read.",
        a -> a.mov(mem(a.constant("table", new byte[16]), 8), RCX),
        1,
        2,
        3,
        4);
  }
}
