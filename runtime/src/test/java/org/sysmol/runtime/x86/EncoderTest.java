package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.VectorRegister.ymm;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The encoder against objdump. */
class EncoderTest {
  private static final Set<Feature> EVERYTHING = EnumSet.allOf(Feature.class);

  /** What objdump reads otherwise than it was meant; empty if all agree. */
  private static List<String> disagreements(List<Instruction> meant, List<byte[]> encoded)
      throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<Integer> offsets = new ArrayList<>();
    for (byte[] bytes : encoded) {
      offsets.add(all.size());
      all.write(bytes);
      // A wrong length must not hide in the next instruction.
      all.write(new byte[] {(byte) 0x90, (byte) 0x90});
    }
    Map<Integer, String> read = Objdump.disassemble(all.toByteArray());
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < meant.size(); i++) {
      String expected = expected(meant.get(i));
      String actual = read.getOrDefault(offsets.get(i), "(nothing)");
      String next = read.get(offsets.get(i) + encoded.get(i).length);
      if (!Objdump.normalise(actual).equals(expected) || !"nop".equals(next)) {
        wrong.add(meant.get(i).form().prefix() + ": " + expected + " was read as " + actual);
      }
    }
    return wrong;
  }

  private static String expected(Instruction instruction) {
    String text = Objdump.normalise(instruction.toString());
    if (!instruction.operands().isEmpty()
        && instruction.operands().getLast() instanceof Immediate immediate) {
      int bits =
          switch (instruction.form().slots().getLast().kind()) {
            case BYTE_PATTERN -> 8;
            case PATTERN_64 -> 64;
            case PATTERN_32 -> 32;
            default -> instruction.form().wide() ? 64 : 32;
          };
      long pattern = bits == 64 ? immediate.value() : immediate.value() & ((1L << bits) - 1);
      return text.substring(0, text.lastIndexOf(',') + 1) + "0x" + Long.toHexString(pattern);
    }
    return text;
  }

  private static byte[] bytes(Instruction instruction) {
    return InstructionEncoder.encode(instruction, instruction.form()).bytes();
  }

  @Test
  void everyFormIsReadBackAsItWasMeant() throws Exception {
    List<Instruction> samples = FormSamples.all();
    List<String> wrong = disagreements(samples, samples.stream().map(EncoderTest::bytes).toList());
    assertThat(wrong).isEmpty();
    Set<Form> forms = samples.stream().map(Instruction::form).collect(Collectors.toSet());
    long jumps = ScalarForms.TABLE.lines().filter(line -> line.contains("rel")).count();
    long total = java.util.Arrays.stream(Mnemonic.values()).mapToLong(m -> m.forms().size()).sum();
    assertThat(forms).hasSize((int) (total - jumps));
    System.out.println(
        "Encoder: "
            + samples.size()
            + " instructions of "
            + forms.size()
            + " forms agree with objdump.");
  }

  @Test
  void everyMnemonicHasForms() {
    for (Mnemonic mnemonic : Mnemonic.values()) {
      assertThat(mnemonic.forms()).as(mnemonic.text()).isNotEmpty();
    }
  }

  @Test
  void plantedFaultsAreFound() throws Exception {
    List<Instruction> samples = new ArrayList<>();
    List<byte[]> faulty = new ArrayList<>();
    for (Instruction sample : FormSamples.all()) {
      if (sample.mnemonic() == Mnemonic.VPADDD || sample.mnemonic() == Mnemonic.VPDPBUSD) {
        Form form = sample.form();
        byte[] opcode = {(byte) (form.opcode()[0] + 1)};
        Form planted =
            new Form(
                form.mnemonic(),
                form.prefix(),
                form.mandatory(),
                form.map(),
                form.wide(),
                opcode,
                form.extension(),
                form.slots(),
                form.laneBits(),
                form.feature());
        samples.add(sample);
        faulty.add(InstructionEncoder.encode(sample, planted).bytes());
      }
    }
    assertThat(samples).hasSizeGreaterThan(100);
    assertThat(disagreements(samples, faulty)).hasSameSizeAs(samples);
  }

  @Test
  void everyBitOfAnEncodingCounts() throws Exception {
    // vpaddd zmm18{k3}{z}, zmm29, [r13 + r10 * 4 + 128]: no bit of it is without meaning.
    Instruction sample =
        Instruction.of(
            EVERYTHING,
            Mnemonic.VPADDD,
            VectorRegister.zmm(18).zeroed(MaskRegister.k(3)),
            VectorRegister.zmm(29),
            mem(GeneralRegister.R13, GeneralRegister.R10, 4, 128));
    byte[] right = bytes(sample);
    List<Instruction> samples = new ArrayList<>();
    List<byte[]> faulty = new ArrayList<>();
    for (int bit = 0; bit < 8 * right.length; bit++) {
      byte[] wrong = right.clone();
      wrong[bit / 8] ^= (byte) (1 << bit % 8);
      samples.add(sample);
      faulty.add(wrong);
    }
    assertThat(disagreements(samples, faulty)).hasSameSizeAs(samples);
    assertThat(disagreements(List.of(sample), List.of(right))).isEmpty();
  }

  @Test
  void jumpsReachTheirLabels() throws Exception {
    Assembler a = new Assembler(EVERYTHING);
    Label start = a.here("start");
    Label end = a.label("end");
    Label near = a.label("near");
    List<Integer> jumps = new ArrayList<>();
    List<Label> targets = new ArrayList<>();
    int entry = 1;
    for (Mnemonic mnemonic : Mnemonic.values()) {
      if (mnemonic.forms().getFirst().operandText().contains("RELATIVE")) {
        for (Label target : List.of(start, near, end)) {
          jumps.add(entry++);
          targets.add(target);
          a.emit(mnemonic, target);
        }
      }
    }
    a.bind(near);
    for (int i = 0; i < 40; i++) {
      a.vpaddb(ymm(8), ymm(9), mem(RSI, 0x1000));
    }
    a.align(32);
    a.bind(end);
    a.ret();
    Program program = a.finish();
    Encoder.MachineCode code = Encoder.encode(program);
    Map<Integer, String> read = Objdump.disassemble(code.bytes());
    assertThat(jumps).hasSize(42);
    for (int i = 0; i < jumps.size(); i++) {
      Instruction jump = (Instruction) program.entries().get(jumps.get(i));
      int place = code.offsets().get(program.entries().indexOf(targets.get(i)));
      assertThat(read.get(code.offsets().get(jumps.get(i))).replaceAll("\\s+", " ").trim())
          .isEqualTo(jump.mnemonic().text() + " 0x" + Integer.toHexString(place));
    }
    int last = code.offsets().getLast();
    assertThat(last % 32).isZero();
    assertThat(read.get(last)).startsWith("ret");
  }

  @Test
  void jumpsAtTheLimitOfAByteAreShortAndBeyondItLong() {
    for (int filler : new int[] {126, 127, 128, 129}) {
      Assembler a = new Assembler(EVERYTHING);
      Label end = a.label("end");
      a.jmp(end);
      for (int i = 0; i < filler; i++) {
        a.nop();
      }
      a.bind(end);
      a.ret();
      int jump = filler <= 127 ? 2 : 5;
      assertThat(Encoder.encode(a.finish()).bytes()).hasSize(jump + filler + 1);
    }
  }

  @Test
  void constantsAreAddressedRelativeToTheInstruction() throws Exception {
    Assembler a = new Assembler(EVERYTHING);
    Label first = a.constant("first", new byte[] {1, 2, 3});
    Label second = a.constant("second", 1.5f, -2f);
    a.vmovdqu(ymm(9), mem(first, 1));
    a.vpshufd(ymm(1), mem(second), 5);
    a.vpermd(VectorRegister.zmm(20), VectorRegister.zmm(21), mem(second, 64));
    a.cmp(mem(second, -4).ofDword(), 0x12345);
    a.lea(RAX, mem(second));
    a.ret();
    Encoder.MachineCode code = Encoder.encode(a.finish());
    List<String> lines = List.copyOf(Objdump.disassemble(code.bytes()).values());
    assertThat(lines.get(0)).endsWith("# 0x41");
    assertThat(lines.get(1)).endsWith("# 0x80");
    assertThat(lines.get(2)).endsWith("# 0xc0");
    assertThat(lines.get(3)).endsWith("# 0x7c");
    assertThat(lines.get(4)).endsWith("# 0x80");
    assertThat(code.bytes()).hasSize(0x88);
    assertThat(code.bytes()[0x41]).isEqualTo((byte) 2);
  }

  @Test
  void paddingIsMadeOfNopsOnly() throws Exception {
    for (int before = 1; before < 64; before++) {
      Assembler a = new Assembler(Set.of());
      for (int i = 0; i < before; i++) {
        a.ret();
      }
      a.align(64);
      a.ret();
      byte[] bytes = Encoder.encode(a.finish()).bytes();
      assertThat(bytes).hasSize(65);
      if (before % 9 == 1) {
        Map<Integer, String> read = Objdump.disassemble(bytes);
        read.forEach(
            (offset, text) -> assertThat(text).containsPattern("^(ret|nop|xchg|cs nop|data16)"));
        assertThat(read.get(64)).startsWith("ret");
      }
    }
  }
}
