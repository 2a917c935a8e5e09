package org.sysmol.runtime.machine;

import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.Encoder;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Program;

/** The processor at hand, asked through generated code. */
final class ProcessorCpuid implements Cpuid, AutoCloseable {
  /** What came of asking. */
  sealed interface Outcome {}

  /** The processor answers. */
  record Ready(ProcessorCpuid cpuid) implements Outcome {}

  /** Generated code cannot run here. */
  record Unavailable(String reason) implements Outcome {}

  private final ExecutableCode identify;
  private final ExecutableCode saved;

  private ProcessorCpuid(ExecutableCode identify, ExecutableCode saved) {
    this.identify = identify;
    this.saved = saved;
  }

  static Outcome load() {
    return switch (ExecutableCode.load(Encoder.bytes(identifyProgram()))) {
      case CodeLoading.Refused refused -> new Unavailable(refused.reason());
      case CodeLoading.Loaded identify ->
          switch (ExecutableCode.load(Encoder.bytes(savedProgram()))) {
            case CodeLoading.Refused refused -> {
              identify.code().close();
              yield new Unavailable(refused.reason());
            }
            case CodeLoading.Loaded saved ->
                new Ready(new ProcessorCpuid(identify.code(), saved.code()));
          };
    };
  }

  /** {@code f(leaf, subleaf, out)}: runs CPUID and stores eax, ebx, ecx, edx at {@code out}. */
  private static Program identifyProgram() {
    Assembler a = new Assembler(Set.of());
    a.push(RBX);
    a.mov(GeneralRegister.R8, RDX);
    a.mov(RAX, RDI);
    a.mov(RCX, RSI);
    a.cpuid();
    a.mov(mem(GeneralRegister.R8, 0), RAX.dword());
    a.mov(mem(GeneralRegister.R8, 4), RBX.dword());
    a.mov(mem(GeneralRegister.R8, 8), RCX.dword());
    a.mov(mem(GeneralRegister.R8, 12), RDX.dword());
    a.pop(RBX);
    a.ret();
    return a.finish();
  }

  private static Program savedProgram() {
    Assembler a = new Assembler(Set.of());
    a.xor(RCX.dword(), RCX.dword());
    a.xgetbv();
    a.shl(RDX, 32);
    a.or(RAX, RDX);
    a.ret();
    return a.finish();
  }

  @Override
  public Registers leaf(int leaf, int subleaf) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(16, 16);
      long ignored = identify.call(leaf, subleaf, out.address());
      return new Registers(
          out.get(ValueLayout.JAVA_INT, 0),
          out.get(ValueLayout.JAVA_INT, 4),
          out.get(ValueLayout.JAVA_INT, 8),
          out.get(ValueLayout.JAVA_INT, 12));
    }
  }

  @Override
  public long savedState() {
    return saved.call();
  }

  @Override
  public void close() {
    identify.close();
    saved.close();
  }
}
