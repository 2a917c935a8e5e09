package org.sysmol.runtime.x86;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.sysmol.runtime.x86.InstructionEncoder.Encoded;

/**
 * Turns a program into bytes that run at any address that is a multiple of 64.
 *
 * <p>Jumps start short; a pass over the places of all labels makes those long that do not reach,
 * until nothing changes. Constants follow the code.
 */
public final class Encoder {
  /**
   * A program as bytes.
   *
   * @param bytes code, then constants
   * @param offsets where each entry of the program starts, in bytes
   * @param codeBytes how many of the bytes are code
   * @param places where each label of the program lies, in bytes
   */
  public record MachineCode(
      byte[] bytes, List<Integer> offsets, int codeBytes, Map<Label, Integer> places) {
    /** Freezes the lists. */
    public MachineCode {
      offsets = List.copyOf(offsets);
      places = Map.copyOf(places);
    }

    /**
     * Where {@code label} lies, in bytes from the start: an entry of the code, if it is one.
     *
     * @throws IllegalArgumentException if it belongs to another program
     */
    public int offsetOf(Label label) {
      Integer place = places.get(label);
      if (place == null) {
        throw new IllegalArgumentException("The label " + label + " is not one of the program.");
      }
      return place;
    }
  }

  /** Fillers of 1 to 9 bytes that processors decode as one instruction each. */
  private static final String[] NOPS = {
    "90",
    "6690",
    "0f1f00",
    "0f1f4000",
    "0f1f440000",
    "660f1f440000",
    "0f1f8000000000",
    "0f1f840000000000",
    "660f1f840000000000"
  };

  private final List<Program.Entry> entries;
  private final List<Program.Constant> constants;
  private final Encoded[] encoded;
  private final int[] offsets;
  private final Map<Label, Integer> places = new HashMap<>();
  private int codeBytes;

  private Encoder(Program program) {
    entries = program.entries();
    constants = program.constants();
    encoded = new Encoded[entries.size()];
    offsets = new int[entries.size() + 1];
  }

  /** Encodes {@code program}. */
  public static MachineCode encode(Program program) {
    return new Encoder(program).encode();
  }

  /** The program as text with the bytes of each instruction, for people. */
  public static String listing(Program program) {
    MachineCode code = encode(program);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < program.entries().size(); i++) {
      int start = code.offsets().get(i);
      boolean last = i + 1 == program.entries().size();
      int end = last ? code.codeBytes() : code.offsets().get(i + 1);
      Program.Entry entry = program.entries().get(i);
      String hex = HexFormat.of().formatHex(code.bytes(), start, end);
      String line = new Program(List.of(entry), List.of()).listing();
      text.append(String.format("%6x  %-24s", start, entry instanceof Instruction ? hex : ""));
      text.append(line);
    }
    return text.toString();
  }

  private MachineCode encode() {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i) instanceof Instruction instruction) {
        encoded[i] = InstructionEncoder.encode(instruction, instruction.form());
      }
    }
    int total;
    do {
      total = place();
    } while (lengthenJumps());
    byte[] bytes = new byte[total];
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      starts.add(offsets[i]);
      if (entries.get(i) instanceof Instruction) {
        write(i, bytes);
      } else if (entries.get(i) instanceof Program.Alignment) {
        fill(bytes, offsets[i], offsets[i + 1]);
      }
    }
    for (Program.Constant constant : constants) {
      byte[] content = constant.bytes();
      System.arraycopy(content, 0, bytes, placeOf(constant.label()), content.length);
    }
    return new MachineCode(bytes, starts, codeBytes, places);
  }

  /** Finds where everything lies and returns the size of all in bytes. */
  private int place() {
    int offset = 0;
    for (int i = 0; i < entries.size(); i++) {
      offsets[i] = offset;
      switch (entries.get(i)) {
        case Instruction instruction -> offset += encoded[i].bytes().length;
        case Label label -> places.put(label, offset);
        case Program.Alignment alignment -> offset = roundUp(offset, alignment.bytes());
        case Program.Comment comment -> {}
      }
    }
    offsets[entries.size()] = offset;
    codeBytes = offset;
    for (Program.Constant constant : constants) {
      offset = roundUp(offset, constant.alignment());
      places.put(constant.label(), offset);
      offset = Math.addExact(offset, constant.bytes().length);
    }
    return offset;
  }

  private boolean lengthenJumps() {
    boolean changed = false;
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i) instanceof Instruction jump && encoded[i].distanceBytes() == 1) {
        int distance = distance(i);
        if (distance != (byte) distance) {
          encoded[i] = InstructionEncoder.encode(jump, farForm(jump));
          changed = true;
        }
      }
    }
    return changed;
  }

  /** The encoding of {@code jump} that reaches any label. */
  private static Form farForm(Instruction jump) {
    return jump.mnemonic().forms().stream()
        .filter(form -> form.slots().getFirst().kind() == Slot.Kind.FAR)
        .findFirst()
        .orElseThrow();
  }

  /** From the end of the instruction at {@code index} to what it names. */
  private int distance(int index) {
    Encoded code = encoded[index];
    Label target = code.target();
    if (target == null) {
      throw new IllegalStateException("The instruction names no label.");
    }
    return placeOf(target) + code.addend() - (offsets[index] + code.bytes().length);
  }

  private int placeOf(Label label) {
    Integer place = places.get(label);
    if (place == null) {
      throw new IllegalStateException("The label " + label + " was never bound.");
    }
    return place;
  }

  private void write(int index, byte[] bytes) {
    Encoded code = encoded[index];
    int start = offsets[index];
    System.arraycopy(code.bytes(), 0, bytes, start, code.bytes().length);
    if (code.target() != null) {
      int distance = distance(index);
      for (int i = 0; i < code.distanceBytes(); i++) {
        bytes[start + code.distanceAt() + i] = (byte) (distance >> (8 * i));
      }
    }
  }

  private static void fill(byte[] bytes, int from, int to) {
    for (int at = from; at < to; ) {
      byte[] nop = HexFormat.of().parseHex(NOPS[Math.min(to - at, NOPS.length) - 1]);
      System.arraycopy(nop, 0, bytes, at, nop.length);
      at += nop.length;
    }
  }

  private static int roundUp(int offset, int unit) {
    return (offset + unit - 1) & -unit;
  }
}
