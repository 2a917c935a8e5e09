package org.sysmol.runtime.x86;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

  /** A place of the code where something is settled only once all places are known. */
  private static final class Mark {
    private final int entry;

    /** Bytes of the instructions before it, jumps being short and nothing aligned. */
    private final int start;

    private int offset;

    /** An instruction that names a label. */
    private @Nullable Encoded code;

    /** How much longer it became. */
    private int longer;

    Mark(int entry, int start) {
      this.entry = entry;
      this.start = start;
    }
  }

  private final List<Program.Entry> entries;
  private final List<Program.Constant> constants;
  private final List<Mark> marks = new ArrayList<>();
  private final @Nullable InstructionEncoder encoder;
  private final Map<Label, Integer> places = new HashMap<>();
  private final int[] starts;
  private int codeBytes;

  private Encoder(Program program) {
    entries = program.entries();
    constants = program.constants();
    starts = new int[entries.size() + 1];
    encoder = encodeAll();
  }

  /** Encodes {@code program}. */
  public static MachineCode encode(Program program) {
    Encoder encoder = new Encoder(program);
    byte[] bytes = encoder.bytes();
    return new MachineCode(bytes, encoder.offsets(), encoder.codeBytes, encoder.places);
  }

  /** The bytes alone of {@link #encode}, which are had sooner. */
  public static byte[] bytes(Program program) {
    return new Encoder(program).bytes();
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

  /** Encodes all instructions, one behind the other, and marks what is not settled. */
  private @Nullable InstructionEncoder encodeAll() {
    InstructionEncoder all = null;
    for (int i = 0; i < starts.length - 1; i++) {
      int start = all == null ? 0 : all.size();
      starts[i] = start;
      Program.Entry entry = entries.get(i);
      if (entry instanceof Instruction instruction) {
        if (all == null) {
          all = new InstructionEncoder(instruction, 8 * starts.length);
        }
        all.append(instruction, instruction.form());
        if (all.target() != null) {
          Mark mark = new Mark(i, start);
          mark.code = all.last(start);
          marks.add(mark);
        }
      } else if (!(entry instanceof Program.Comment)) {
        marks.add(new Mark(i, start));
      }
    }
    starts[starts.length - 1] = all == null ? 0 : all.size();
    return all;
  }

  private byte[] bytes() {
    int total;
    do {
      total = place();
    } while (lengthenJumps());
    byte[] bytes = new byte[total];
    int from = 0;
    int to = 0;
    for (Mark mark : marks) {
      copy(from, mark.start, bytes, to);
      from = mark.start;
      to = mark.offset;
      if (mark.code != null) {
        write(mark, mark.code, bytes);
        from += mark.code.bytes().length - mark.longer;
        to += mark.code.bytes().length;
      } else if (entries.get(mark.entry) instanceof Program.Alignment alignment) {
        to = roundUp(mark.offset, alignment.bytes());
        fill(bytes, mark.offset, to);
      }
    }
    copy(from, starts[starts.length - 1], bytes, to);
    for (Program.Constant constant : constants) {
      byte[] content = constant.bytes();
      System.arraycopy(content, 0, bytes, placeOf(constant.label()), content.length);
    }
    return bytes;
  }

  private void copy(int from, int end, byte[] bytes, int to) {
    if (encoder != null) {
      encoder.copy(from, end, bytes, to);
    }
  }

  /** Where each entry starts. */
  private List<Integer> offsets() {
    List<Integer> offsets = new ArrayList<>();
    int next = 0;
    int moved = 0;
    for (int i = 0; i < starts.length - 1; i++) {
      boolean marked = next < marks.size() && marks.get(next).entry == i;
      if (!marked) {
        offsets.add(starts[i] + moved);
        continue;
      }
      Mark mark = marks.get(next++);
      offsets.add(mark.offset);
      moved = mark.offset - mark.start + mark.longer;
      if (entries.get(i) instanceof Program.Alignment alignment) {
        moved += roundUp(mark.offset, alignment.bytes()) - mark.offset;
      }
    }
    return offsets;
  }

  /** Finds where everything lies and returns the size of all in bytes. */
  private int place() {
    int moved = 0;
    for (Mark mark : marks) {
      mark.offset = mark.start + moved;
      Program.Entry entry = entries.get(mark.entry);
      if (mark.code != null) {
        moved += mark.longer;
      } else if (entry instanceof Label label) {
        places.put(label, mark.offset);
      } else if (entry instanceof Program.Alignment alignment) {
        moved += roundUp(mark.offset, alignment.bytes()) - mark.offset;
      }
    }
    int offset = starts[starts.length - 1] + moved;
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
    for (Mark mark : marks) {
      Encoded code = mark.code;
      if (code != null
          && code.distanceBytes() == 1
          && entries.get(mark.entry) instanceof Instruction jump) {
        int distance = distance(mark, code);
        if (distance != (byte) distance) {
          mark.code = InstructionEncoder.encode(jump, farForm(jump));
          mark.longer = mark.code.bytes().length - code.bytes().length;
          changed = true;
        }
      }
    }
    return changed;
  }

  /** The encoding of {@code jump} that reaches any label. */
  private static Form farForm(Instruction jump) {
    for (Form form : jump.mnemonic().forms()) {
      if (form.slots().getFirst().kind() == Slot.Kind.FAR) {
        return form;
      }
    }
    throw new IllegalStateException("The instruction " + jump + " has no longer form.");
  }

  /** From the end of an instruction to what it names. */
  private int distance(Mark mark, Encoded code) {
    Label target = code.target();
    if (target == null) {
      throw new IllegalStateException("The instruction names no label.");
    }
    return placeOf(target) + code.addend() - (mark.offset + code.bytes().length);
  }

  private int placeOf(Label label) {
    Integer place = places.get(label);
    if (place == null) {
      throw new IllegalStateException("The label " + label + " was never bound.");
    }
    return place;
  }

  private void write(Mark mark, Encoded code, byte[] bytes) {
    int start = mark.offset;
    System.arraycopy(code.bytes(), 0, bytes, start, code.bytes().length);
    int distance = distance(mark, code);
    for (int i = 0; i < code.distanceBytes(); i++) {
      bytes[start + code.distanceAt() + i] = (byte) (distance >> (8 * i));
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
