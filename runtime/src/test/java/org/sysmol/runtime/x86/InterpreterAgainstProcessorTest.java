package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The interpreter against the processor at hand, for every instruction that it has. */
class InterpreterAgainstProcessorTest {
  private static final int STATES = 6;

  /** Those that cannot stand alone between a load and a store of all registers. */
  private static final Set<Mnemonic> APART =
      EnumSet.of(
          Mnemonic.CPUID,
          Mnemonic.XGETBV,
          Mnemonic.RET,
          Mnemonic.CALL,
          Mnemonic.JMP,
          Mnemonic.PUSHFQ,
          Mnemonic.PUSH,
          Mnemonic.POP);

  /** Instructions of one form: registers apart and alike, memory, broadcasts, masks, constants. */
  private static List<Instruction> variants(Form form, Random random) {
    List<Instruction> variants = new ArrayList<>();
    for (int length : FormSamples.lengths(form)) {
      boolean constant =
          !form.slots().isEmpty() && form.slots().getLast().field() == Slot.Field.IMMEDIATE;
      for (int repeat = 0; repeat < (constant ? 5 : 1); repeat++) {
        for (int kind = 0; kind < 5; kind++) {
          List<Operand> operands = operands(form, length, kind, random);
          if (operands != null && form.match(operands) == length) {
            addMasked(variants, form, length, operands, random);
          }
        }
      }
    }
    return variants;
  }

  private static void addMasked(
      List<Instruction> variants, Form form, int length, List<Operand> operands, Random random) {
    variants.add(new Instruction(form.mnemonic(), form, length, operands, null, false));
    if (form.laneBits() != 0) {
      MaskRegister mask = MaskRegister.k(1 + random.nextInt(7));
      variants.add(new Instruction(form.mnemonic(), form, length, operands, mask, false));
      if (operands.getFirst() instanceof VectorRegister) {
        variants.add(new Instruction(form.mnemonic(), form, length, operands, mask, true));
      }
    }
  }

  private static @Nullable List<Operand> operands(Form form, int length, int kind, Random random) {
    List<Operand> operands = new ArrayList<>();
    boolean memoryUsed = false;
    int same = random.nextInt(16);
    for (Slot slot : form.slots()) {
      boolean memory = slot.field() == Slot.Field.RM || slot.field() == Slot.Field.RM_MEMORY;
      if (slot.field() == Slot.Field.RELATIVE) {
        return null;
      }
      if (slot.field() == Slot.Field.IMMEDIATE) {
        operands.add(new Immediate(constant(slot, random)));
      } else if (memory && kind >= 2) {
        Memory place = kind == 3 ? ProcessorBench.INDEXED_PLACE : ProcessorBench.PLACE;
        place = kind == 4 ? place.broadcast() : place;
        operands.add(sized(form, slot, place, length));
        memoryUsed = true;
      } else if (slot.field() == Slot.Field.RM_MEMORY) {
        return null;
      } else {
        operands.add(register(form, slot, length, kind == 1 ? same : random.nextInt(32)));
      }
    }
    return memoryUsed == kind >= 2 ? operands : null;
  }

  private static Memory sized(Form form, Slot slot, Memory place, int length) {
    if (form.prefix() != Form.Prefix.LEGACY || !slot.kind().general()) {
      return place;
    }
    return switch (slot.memoryBits(length)) {
      case 8 -> place.ofByte();
      case 16 -> place.ofWord();
      case 32 -> place.ofDword();
      default -> place.ofQword();
    };
  }

  private static Operand register(Form form, Slot slot, int length, int choice) {
    if (slot.kind() == Slot.Kind.MASK) {
      return MaskRegister.k(choice % 8);
    }
    if (slot.kind().general()) {
      int index = choice % 12;
      return new GeneralRegister(index == 4 ? 3 : index, slot.kind().bits(length));
    }
    int count = form.prefix() == Form.Prefix.EVEX ? 32 : 16;
    return new VectorRegister(choice % count, Math.max(128, slot.kind().bits(length)));
  }

  private static long constant(Slot slot, Random random) {
    return switch (slot.kind()) {
      case BYTE_PATTERN -> random.nextInt(3) == 0 ? random.nextInt(4) : random.nextInt(256);
      case SIGNED_8 -> (byte) random.nextInt();
      case SIGNED_32, PATTERN_32 -> random.nextInt();
      default -> random.nextLong();
    };
  }

  @Test
  void everyInstructionOfThisProcessorAgrees() {
    List<String> wrong = new ArrayList<>();
    Set<String> lacking = new TreeSet<>();
    Set<Form> compared = new HashSet<>();
    int runs = 0;
    Random random = new Random(20260401);
    try (ProcessorBench bench = new ProcessorBench(EnumSet.allOf(Feature.class))) {
      for (Mnemonic mnemonic : Mnemonic.values()) {
        boolean apart = APART.contains(mnemonic) || TileUnit.executes(mnemonic);
        for (Form form : apart ? List.<Form>of() : mnemonic.forms()) {
          for (Instruction instruction : variants(form, random)) {
            if (!bench.has(instruction)) {
              lacking.add(form.feature().text() + ":" + mnemonic.text());
              continue;
            }
            int different = bench.differences(instruction, instruction, STATES, random);
            if (different > 0) {
              wrong.add(instruction + " (" + different + " of " + STATES + ")");
            }
            compared.add(form);
            runs += STATES;
          }
        }
      }
      System.out.println(
          "Interpreter: "
              + compared.size()
              + " encodings compared with the processor in "
              + runs
              + " runs; the processor lacks "
              + (lacking.isEmpty() ? "none." : lacking + "."));
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).hasSizeGreaterThan(200);
  }

  /** What the test above does on a machine without AVX-512, so that it is known to work there. */
  @Test
  void theComparisonWorksWithoutAvx512() {
    Random random = new Random(9);
    Set<Feature> allowed =
        EnumSet.of(Feature.X86_64, Feature.POPCNT, Feature.AVX, Feature.AVX2, Feature.AVX_VNNI);
    int compared = 0;
    try (ProcessorBench bench = new ProcessorBench(allowed)) {
      for (Mnemonic mnemonic :
          List.of(Mnemonic.VPMADDUBSW, Mnemonic.VPSHUFB, Mnemonic.VMULPS, Mnemonic.ADD)) {
        for (Form form : mnemonic.forms()) {
          for (Instruction instruction : variants(form, random)) {
            if (bench.has(instruction)) {
              assertThat(bench.differences(instruction, instruction, STATES, random)).isZero();
              compared++;
            }
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(30);
  }

  @Test
  void plantedFaultsAreFound() {
    Random random = new Random(5);
    try (ProcessorBench bench = new ProcessorBench(EnumSet.allOf(Feature.class))) {
      Set<Feature> host = bench.host;
      VectorRegister one = VectorRegister.ymm(1);
      VectorRegister two = VectorRegister.ymm(2);
      Instruction bytes = Instruction.of(host, Mnemonic.VPADDB, one, two, ProcessorBench.PLACE);
      Instruction words = Instruction.of(host, Mnemonic.VPADDW, one, two, ProcessorBench.PLACE);
      Instruction swapped = Instruction.of(host, Mnemonic.VPSUBB, one, one, two);
      Instruction straight = Instruction.of(host, Mnemonic.VPSUBB, one, two, one);
      Instruction narrow =
          Instruction.of(
              host,
              Mnemonic.VPADDB,
              VectorRegister.xmm(1),
              VectorRegister.xmm(2),
              ProcessorBench.PLACE);
      assertThat(bench.differences(bytes, bytes, 20, random)).isZero();
      assertThat(bench.differences(bytes, words, 20, random)).isGreaterThan(10);
      assertThat(bench.differences(swapped, straight, 20, random)).isGreaterThan(10);
      assertThat(bench.differences(bytes, narrow, 20, random)).isGreaterThan(10);
      GeneralRegister rax = GeneralRegister.RAX;
      Instruction add = Instruction.of(host, Mnemonic.ADD, rax, GeneralRegister.RCX);
      Instruction or = Instruction.of(host, Mnemonic.OR, rax, GeneralRegister.RCX);
      Instruction compare = Instruction.of(host, Mnemonic.CMP, rax, GeneralRegister.RCX);
      Instruction test = Instruction.of(host, Mnemonic.TEST, rax, GeneralRegister.RCX);
      assertThat(bench.differences(add, or, 20, random)).isGreaterThan(5);
      assertThat(bench.differences(compare, test, 20, random)).isGreaterThan(5);
    }
  }
}
