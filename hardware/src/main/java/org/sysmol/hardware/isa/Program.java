package org.sysmol.hardware.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A function: straight code and loops, ended by RET. Its arguments are general registers.
 *
 * @param name of what it computes
 * @param segments of 128 bits of the vector registers that it uses, each of which does the same: 1,
 *     2 or 4
 * @param instructions in order
 * @param comments by index of the instruction that they stand before
 */
public record Program(
    String name, int segments, List<Instruction> instructions, Map<Integer, String> comments) {
  /** Copies the lists. */
  public Program {
    instructions = List.copyOf(instructions);
    comments = Map.copyOf(comments);
  }

  /** Bytes of code. */
  public int bytes() {
    return 4 * instructions.size();
  }

  /** The listing that a person can read: labels where branches lead, comments where given. */
  public String listing() {
    Map<Integer, String> labels = labels();
    StringBuilder text = new StringBuilder(name).append(":\n");
    if (segments > 1) {
      text.append("    // vector registers of %d bits\n".formatted(128 * segments));
    }
    for (int at = 0; at < instructions.size(); at++) {
      if (labels.containsKey(at)) {
        text.append(labels.get(at)).append(":\n");
      }
      if (comments.containsKey(at)) {
        text.append("    // ").append(comments.get(at)).append('\n');
      }
      text.append("    ").append(line(at, labels)).append('\n');
    }
    return text.toString();
  }

  /** The lines of the listing that are instructions, in order. */
  public List<String> lines() {
    Map<Integer, String> labels = labels();
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < instructions.size(); at++) {
      lines.add(line(at, labels));
    }
    return lines;
  }

  private Map<Integer, String> labels() {
    TreeMap<Integer, String> labels = new TreeMap<>();
    for (Instruction i : instructions) {
      if (i.opcode() == Opcode.B_NE) {
        labels.putIfAbsent(i.immediate(), "");
      }
    }
    int number = 0;
    for (Map.Entry<Integer, String> label : labels.entrySet()) {
      label.setValue("L" + number++);
    }
    return labels;
  }

  private String line(int at, Map<Integer, String> labels) {
    Instruction i = instructions.get(at);
    return i.opcode() == Opcode.B_NE ? "b.ne " + labels.get(i.immediate()) : i.toString();
  }

  /** Writes programs, instruction by instruction. */
  public static final class Builder {
    /** General register that addresses out of an access's reach are made in; nothing else is. */
    public static final int FAR = 28;

    private static final int LOW = 0xFFF;

    private final String name;
    private final int segments;
    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<Integer, String> comments = new TreeMap<>();

    /** An empty program on registers of 128 bits. */
    public Builder(String name) {
      this(name, 1);
    }

    /** An empty program on registers of so many segments of 128 bits. */
    public Builder(String name, int segments) {
      this.name = name;
      this.segments = segments;
    }

    /** Bytes of a vector register. */
    public int vectorBytes() {
      return 16 * segments;
    }

    /** Loads 128 bits into each segment. */
    public void repeated(int d, int n, int offset) {
      immediate(segments == 1 ? Opcode.LDR_Q : Opcode.LD1RQ, d, n, offset);
    }

    /** The same, then adds to the address register. */
    public void repeatedPost(int d, int n, int step) {
      immediate(segments == 1 ? Opcode.LDR_Q_POST : Opcode.LD1RQ_POST, d, n, step);
    }

    /** Adds a comment before what comes next. */
    public void comment(String text) {
      comments.put(instructions.size(), text);
    }

    /** Where the next instruction will be: what a branch can lead to. */
    public int here() {
      return instructions.size();
    }

    /** Adds an instruction with registers only. */
    public void op(Opcode opcode, int d, int n, int m) {
      instructions.add(new Instruction(opcode, d, n, m, 0, 0));
    }

    /**
     * Adds an instruction with an immediate. An ADD whose immediate has more than 12 bits becomes
     * two, and an access whose offset AArch64 cannot encode is made through {@link #FAR}, as an
     * assembler's programmer has to.
     */
    public void immediate(Opcode opcode, int d, int n, int immediate) {
      if (opcode == Opcode.ADD_X) {
        sum(d, n, immediate);
      } else if (opcode.bytes() == 0
          || opcode.shape() == Opcode.Shape.VX_POST
          || reaches(opcode.bytes(segments), immediate)) {
        instructions.add(new Instruction(opcode, d, n, 0, immediate, 0));
      } else {
        // Of the offset as much as the access itself can say stays with it.
        int low = immediate & LOW;
        int rest = reaches(opcode.bytes(segments), low) ? low : 0;
        sum(FAR, n, immediate - rest);
        instructions.add(new Instruction(opcode, d, FAR, 0, rest, 0));
      }
    }

    /** True if an access of so many bytes can say the offset itself: LDR's form or LDUR's. */
    private static boolean reaches(int bytes, int offset) {
      boolean scaled = offset >= 0 && offset % bytes == 0 && offset / bytes <= LOW;
      return scaled || (offset >= -256 && offset <= 255);
    }

    /** ADD, or SUB where negative, of up to 24 bits: 12 at a time. */
    private void sum(int d, int n, int immediate) {
      int size = Math.abs(immediate);
      if (size >= 1 << 24) {
        throw new IllegalArgumentException(
            "%s adds %d: two additions reach 24 bits".formatted(name, immediate));
      }
      int low = size & LOW;
      int high = size - low;
      int sign = Integer.signum(immediate);
      if (high != 0) {
        instructions.add(new Instruction(Opcode.ADD_X, d, n, 0, sign * high, 0));
      }
      if (low != 0 || high == 0) {
        instructions.add(new Instruction(Opcode.ADD_X, d, high == 0 ? n : d, 0, sign * low, 0));
      }
    }

    /** Adds an instruction with an element or a pattern register. */
    public void lane(Opcode opcode, int d, int n, int m, int lane) {
      instructions.add(new Instruction(opcode, d, n, m, 0, lane));
    }

    /** Adds an instruction with everything. */
    public void add(Instruction instruction) {
      instructions.add(instruction);
    }

    /** Counts a register down and branches back while it is not 0. */
    public void loop(int counter, int target) {
      immediate(Opcode.SUBS_X, counter, counter, 1);
      immediate(Opcode.B_NE, 0, 0, target);
    }

    /** Ends the program. */
    public Program build() {
      op(Opcode.RET, 0, 0, 0);
      for (Instruction i : instructions) {
        if (segments > 1 && !i.opcode().wide()) {
          throw new IllegalStateException("%s: %s on wide registers".formatted(name, i));
        }
      }
      return new Program(name, segments, instructions, comments);
    }
  }
}
