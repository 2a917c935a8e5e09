package org.sysmol.runtime.x86;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One instruction, bound to the encoding that takes its operands.
 *
 * @param mnemonic what it does
 * @param form the encoding
 * @param length vector length in bits, 0 where there is no vector
 * @param operands as in the processors' manuals, destination first, without the mask
 * @param mask the mask on the destination, or null
 * @param zeroing whether lanes left out by the mask become 0
 */
public record Instruction(
    Mnemonic mnemonic,
    Form form,
    int length,
    List<Operand> operands,
    @Nullable MaskRegister mask,
    boolean zeroing)
    implements Program.Entry {
  /** Freezes the operands. */
  public Instruction {
    operands = List.copyOf(operands);
  }

  /**
   * The first encoding of {@code mnemonic} that takes {@code operands} and that a processor with
   * {@code allowed} has.
   *
   * @throws IllegalArgumentException where there is none
   */
  public static Instruction of(Set<Feature> allowed, Mnemonic mnemonic, Operand... operands) {
    List<Operand> plain = new ArrayList<>(List.of(operands));
    MaskRegister mask = null;
    boolean zeroing = false;
    if (!plain.isEmpty() && plain.getFirst() instanceof Masked masked) {
      mask = masked.mask();
      zeroing = masked.zeroing();
      plain.set(0, masked.target());
    }
    boolean fitsElsewhere = false;
    for (Form form : mnemonic.forms()) {
      int length = mask != null && form.laneBits() == 0 ? -1 : form.match(plain);
      if (length >= 0) {
        if (form.allowedWith(allowed, length)) {
          checkTiles(mnemonic, plain);
          return new Instruction(mnemonic, form, length, plain, mask, zeroing);
        }
        fitsElsewhere = true;
      }
    }
    throw new IllegalArgumentException(
        "The instruction "
            + mnemonic.text()
            + " "
            + List.of(operands)
            + (fitsElsewhere
                ? " needs an extension that is not among " + allowed + "."
                : " has no encoding; its operands can be "
                    + mnemonic.forms().stream()
                        .map(Form::operandText)
                        .distinct()
                        .collect(Collectors.joining(" or "))
                    + "."));
  }

  /** The processor refuses products of tiles of which two are the same. */
  private static void checkTiles(Mnemonic mnemonic, List<Operand> operands) {
    long tiles = operands.stream().filter(TileRegister.class::isInstance).count();
    if (tiles > operands.stream().filter(TileRegister.class::isInstance).distinct().count()) {
      throw new IllegalArgumentException(
          "The instruction " + mnemonic.text() + " " + operands + " needs three different tiles.");
    }
  }

  /** The extensions that a processor needs for this instruction. */
  public Set<Feature> features() {
    Set<Feature> features = EnumSet.of(form.feature());
    if (form.needsVectorLength(length)) {
      features.add(Feature.AVX512VL);
    }
    return features;
  }

  /** The constant of this instruction, which must have one as its last operand. */
  public long immediate() {
    if (operands.getLast() instanceof Immediate immediate) {
      return immediate.value();
    }
    throw new IllegalStateException("The instruction " + this + " has no constant.");
  }

  /** Bits of memory that the memory operand at {@code index} spans, one lane if broadcast. */
  int memoryBits(int index) {
    Slot slot = form.slots().get(index);
    return operands.get(index) instanceof Memory memory && memory.repeated()
        ? slot.broadcastBits()
        : slot.memoryBits(length);
  }

  /** The instruction as an assembler with Intel's order of operands writes it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(mnemonic.text());
    for (int i = 0; i < operands.size(); i++) {
      text.append(i == 0 ? " " : ", ");
      if (operands.get(i) instanceof Memory memory) {
        text.append(sizeWord(memoryBits(i))).append(memory.repeated() ? "bcst " : "");
      }
      text.append(operands.get(i));
      if (i == 0 && mask != null) {
        text.append('{').append(mask).append('}').append(zeroing ? "{z}" : "");
      }
    }
    return text.toString();
  }

  private static String sizeWord(int bits) {
    return switch (bits) {
      case 8 -> "byte ";
      case 16 -> "word ";
      case 32 -> "dword ";
      case 64 -> "qword ";
      case 128 -> "xmmword ";
      case 256 -> "ymmword ";
      case 512 -> "zmmword ";
      default -> "";
    };
  }
}
