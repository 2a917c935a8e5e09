package org.sysmol.runtime.x86;

import static org.sysmol.runtime.x86.MachineState.ALL_FLAGS;
import static org.sysmol.runtime.x86.MachineState.CARRY;
import static org.sysmol.runtime.x86.MachineState.OVERFLOW;
import static org.sysmol.runtime.x86.MachineState.PARITY;
import static org.sysmol.runtime.x86.MachineState.SIGN;
import static org.sysmol.runtime.x86.MachineState.ZERO;

import java.util.List;

/** Integer instructions on general registers and memory. */
final class ScalarUnit {
  private final MachineState state;
  private final byte[] buffer = new byte[8];

  ScalarUnit(MachineState state) {
    this.state = state;
  }

  /** Executes {@code instruction}, which neither jumps nor returns. */
  void execute(Instruction instruction) {
    switch (instruction.mnemonic()) {
      case MOV, MOVZX -> write(instruction, read(instruction, 1));
      case MOVSX, MOVSXD ->
          write(instruction, signExtend(read(instruction, 1), bits(instruction, 1)));
      case LEA -> write(instruction, state.addressToKeep((Memory) instruction.operands().get(1)));
      case ADD, LOCK_ADD -> add(instruction);
      case LOCK_XADD -> exchangeAndAdd(instruction);
      case SUB, CMP -> subtract(instruction);
      case AND, TEST, OR, XOR -> logic(instruction);
      case IMUL -> multiply(instruction);
      case INC, DEC, LOCK_INC, LOCK_DEC -> step(instruction);
      case NEG -> negate(instruction);
      case NOT -> write(instruction, ~read(instruction, 0));
      case SHL, SHR, SAR -> shift(instruction);
      case POPCNT -> {
        long count = Long.bitCount(read(instruction, 1));
        write(instruction, count);
        state.setFlags(count == 0 ? ZERO : 0, ALL_FLAGS);
      }
      case PUSH -> push(state.raw((GeneralRegister) instruction.operands().getFirst()));
      case POP -> state.setGeneral((GeneralRegister) instruction.operands().getFirst(), pop());
      case PUSHFQ -> push(state.flags() | 0x202);
      case NOP, PAUSE, MFENCE, PREFETCHT0, PREFETCHT1, PREFETCHT2, PREFETCHNTA, PREFETCHW -> {}
      default -> conditionalMove(instruction);
    }
  }

  /** Whether the condition at the end of a jump's or a move's name holds. */
  boolean holds(Mnemonic mnemonic) {
    String name = mnemonic.text();
    String condition = name.startsWith("cmov") ? name.substring(4) : name.substring(1);
    return switch (condition) {
      case "b" -> state.flag(CARRY);
      case "ae" -> !state.flag(CARRY);
      case "e" -> state.flag(ZERO);
      case "ne" -> !state.flag(ZERO);
      case "be" -> carryOrZero();
      case "a" -> !carryOrZero();
      case "s" -> state.flag(SIGN);
      case "ns" -> !state.flag(SIGN);
      case "l" -> state.flag(SIGN) != state.flag(OVERFLOW);
      case "ge" -> state.flag(SIGN) == state.flag(OVERFLOW);
      case "le" -> lessOrZero();
      case "g" -> !lessOrZero();
      default -> throw new IllegalStateException("cannot be interpreted");
    };
  }

  // All flags of a condition are read before it is decided: one without a meaning is an error even
  // where another decides alone.

  private boolean carryOrZero() {
    boolean carry = state.flag(CARRY);
    boolean zero = state.flag(ZERO);
    return carry || zero;
  }

  private boolean lessOrZero() {
    boolean less = state.flag(SIGN) != state.flag(OVERFLOW);
    boolean zero = state.flag(ZERO);
    return less || zero;
  }

  private void conditionalMove(Instruction instruction) {
    if (!instruction.mnemonic().text().startsWith("cmov")) {
      throw new IllegalStateException("cannot be interpreted");
    }
    // The source is read, and 32-bit destinations are widened, whether or not the condition holds.
    long source = read(instruction, 1);
    write(instruction, holds(instruction.mnemonic()) ? source : read(instruction, 0));
  }

  private static int bits(Instruction instruction, int index) {
    return instruction.form().slots().get(index).kind().bits(0);
  }

  private static long signExtend(long value, int bits) {
    return value << (64 - bits) >> (64 - bits);
  }

  /** Operand {@code index}, zero-extended; constants as they are. */
  private long read(Instruction instruction, int index) {
    return switch (instruction.operands().get(index)) {
      case GeneralRegister register ->
          isZeroIdiom(instruction) ? state.raw(register) : state.general(register);
      case Immediate immediate -> immediate.value();
      case Memory memory -> load(state.address(memory), instruction.memoryBits(index) / 8);
      default -> throw new IllegalStateException("has an operand that cannot be read");
    };
  }

  private static boolean isZeroIdiom(Instruction instruction) {
    List<Operand> operands = instruction.operands();
    return (instruction.mnemonic() == Mnemonic.XOR || instruction.mnemonic() == Mnemonic.SUB)
        && operands.get(0).equals(operands.get(1));
  }

  private void write(Instruction instruction, long value) {
    switch (instruction.operands().getFirst()) {
      case GeneralRegister register -> state.setGeneral(register, value);
      case Memory memory -> {
        Lanes.set(buffer, 64, 0, value);
        state.memory.write(state.address(memory), buffer, 0, instruction.memoryBits(0) / 8);
      }
      default -> throw new IllegalStateException("has an operand that cannot be written");
    }
  }

  private long load(long address, int bytes) {
    Lanes.set(buffer, 64, 0, 0);
    state.memory.read(address, buffer, 0, bytes);
    return Lanes.signed(buffer, 64, 0);
  }

  void push(long value) {
    long top = state.general(GeneralRegister.RSP) - 8;
    Lanes.set(buffer, 64, 0, value);
    state.memory.write(top, buffer, 0, 8);
    state.setGeneral(GeneralRegister.RSP, top);
  }

  long pop() {
    long top = state.general(GeneralRegister.RSP);
    long value = load(top, 8);
    state.setGeneral(GeneralRegister.RSP, top + 8);
    return value;
  }

  /** Zero, sign and parity of a result of {@code bits}. */
  private static int resultFlags(long result, int bits) {
    long extended = signExtend(result, bits);
    return (extended == 0 ? ZERO : 0)
        | (extended < 0 ? SIGN : 0)
        | (Long.bitCount(result & 0xFF) % 2 == 0 ? PARITY : 0);
  }

  private void add(Instruction instruction) {
    int bits = bits(instruction, 0);
    long a = signExtend(read(instruction, 0), bits);
    long b = signExtend(read(instruction, 1), bits);
    long sum = signExtend(a + b, bits);
    int flags = resultFlags(sum, bits);
    flags |= Long.compareUnsigned(sum, a) < 0 ? CARRY : 0;
    flags |= ((a ^ sum) & (b ^ sum)) < 0 ? OVERFLOW : 0;
    write(instruction, sum);
    state.setFlags(flags, ALL_FLAGS);
  }

  /** Adds the register to memory and keeps in the register what memory held. */
  private void exchangeAndAdd(Instruction instruction) {
    long before = read(instruction, 0);
    add(instruction);
    state.setGeneral((GeneralRegister) instruction.operands().get(1), before);
  }

  /** The address that an indirect jump or call goes to. */
  long target(Instruction instruction) {
    return read(instruction, 0);
  }

  private void subtract(Instruction instruction) {
    int bits = bits(instruction, 0);
    long a = signExtend(read(instruction, 0), bits);
    long b = signExtend(read(instruction, 1), bits);
    if (instruction.mnemonic() == Mnemonic.SUB) {
      write(instruction, a - b);
    }
    state.setFlags(differenceFlags(a, b, bits), ALL_FLAGS);
  }

  /** Sign extension keeps the unsigned order, so carries can be read from 64 bits. */
  private static int differenceFlags(long a, long b, int bits) {
    long difference = signExtend(a - b, bits);
    return resultFlags(difference, bits)
        | (Long.compareUnsigned(a, b) < 0 ? CARRY : 0)
        | (((a ^ b) & (a ^ difference)) < 0 ? OVERFLOW : 0);
  }

  private void logic(Instruction instruction) {
    long a = read(instruction, 0);
    long b = read(instruction, 1);
    long result =
        switch (instruction.mnemonic()) {
          case OR -> a | b;
          case XOR -> a ^ b;
          default -> a & b;
        };
    if (instruction.mnemonic() != Mnemonic.TEST) {
      write(instruction, result);
    }
    state.setFlags(resultFlags(result, bits(instruction, 0)), ALL_FLAGS);
  }

  /** Carry and overflow say whether the product fits; the other flags have no meaning after it. */
  private void multiply(Instruction instruction) {
    int bits = bits(instruction, 0);
    boolean constant = instruction.operands().size() == 3;
    long a = signExtend(read(instruction, constant ? 1 : 0), bits);
    long b = signExtend(read(instruction, constant ? 2 : 1), bits);
    long product = signExtend(a * b, bits);
    boolean fits = bits == 64 ? Math.multiplyHigh(a, b) == product >> 63 : product == a * b;
    write(instruction, product);
    state.setFlags(fits ? 0 : CARRY | OVERFLOW, CARRY | OVERFLOW);
  }

  /** Counting up or down leaves the carry alone. */
  private void step(Instruction instruction) {
    int bits = bits(instruction, 0);
    boolean up =
        instruction.mnemonic() == Mnemonic.INC || instruction.mnemonic() == Mnemonic.LOCK_INC;
    long a = signExtend(read(instruction, 0), bits);
    long result = signExtend(up ? a + 1 : a - 1, bits);
    boolean overflow = up ? result < a : result > a;
    write(instruction, result);
    state.setFlags(
        resultFlags(result, bits) | (overflow ? OVERFLOW : 0) | (state.flags() & CARRY),
        (ALL_FLAGS & ~CARRY) | (state.flagsKnown() & CARRY));
  }

  private void negate(Instruction instruction) {
    int bits = bits(instruction, 0);
    long a = signExtend(read(instruction, 0), bits);
    write(instruction, -a);
    state.setFlags(differenceFlags(0, a, bits), ALL_FLAGS);
  }

  private void shift(Instruction instruction) {
    int bits = bits(instruction, 0);
    int count = (int) instruction.immediate() & (bits - 1);
    long a = read(instruction, 0);
    boolean left = instruction.mnemonic() == Mnemonic.SHL;
    long wide = instruction.mnemonic() == Mnemonic.SAR ? signExtend(a, bits) : a;
    long result =
        left ? a << count : instruction.mnemonic() == Mnemonic.SAR ? wide >> count : a >>> count;
    write(instruction, result);
    if (count == 0) {
      return;
    }
    boolean carry = (left ? a >>> (bits - count) : wide >> (count - 1) & 1) % 2 != 0;
    boolean overflow =
        switch (instruction.mnemonic()) {
          case SHL -> signExtend(result, bits) < 0 != carry;
          case SHR -> signExtend(a, bits) < 0;
          default -> false;
        };
    state.setFlags(
        resultFlags(result, bits) | (carry ? CARRY : 0) | (overflow ? OVERFLOW : 0),
        count == 1 ? ALL_FLAGS : ALL_FLAGS & ~OVERFLOW);
  }
}
