package org.sysmol.runtime.x86;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A finished piece of machine code as objects: code that is entered at its first entry and left by
 * {@code ret}, and the constants it reads.
 *
 * @param entries instructions, labels, alignments and comments in order
 * @param constants what lies behind the code, in order
 */
public record Program(List<Entry> entries, List<Constant> constants) {
  /** A line of a program. */
  public sealed interface Entry permits Instruction, Label, Alignment, Comment {}

  /**
   * Fills up with instructions that do nothing until the address is a multiple of {@code bytes}.
   *
   * @param bytes a power of two, at most 64
   */
  public record Alignment(int bytes) implements Entry {
    /** Checks the power of two. */
    public Alignment {
      if (Integer.bitCount(bytes) != 1 || bytes > 64) {
        throw new IllegalArgumentException("Code cannot be aligned to " + bytes + " bytes.");
      }
    }
  }

  /**
   * Words for whoever reads the listing.
   *
   * @param text one line
   */
  public record Comment(String text) implements Entry {}

  /**
   * Bytes that the code reads, never writes.
   *
   * @param label its place
   * @param bytes its content
   * @param alignment a power of two, at most 64
   */
  public record Constant(Label label, byte[] bytes, int alignment) {
    /** Checks the alignment. */
    public Constant {
      if (Integer.bitCount(alignment) != 1 || alignment > 64) {
        throw new IllegalArgumentException(
            "A constant cannot be aligned to " + alignment + " bytes.");
      }
    }
  }

  /** Freezes the lists. */
  public Program {
    entries = List.copyOf(entries);
    constants = List.copyOf(constants);
  }

  /** The extensions that a processor needs for this program. */
  public Set<Feature> features() {
    Set<Feature> features = EnumSet.of(Feature.X86_64);
    for (Entry entry : entries) {
      if (entry instanceof Instruction instruction) {
        features.addAll(instruction.features());
      }
    }
    return features;
  }

  /** The program as text, one entry a line. */
  public String listing() {
    StringBuilder text = new StringBuilder();
    for (Entry entry : entries) {
      switch (entry) {
        case Instruction instruction -> text.append("    ").append(instruction);
        case Label label -> text.append(label).append(':');
        case Alignment alignment -> text.append("    align ").append(alignment.bytes());
        case Comment comment -> text.append("    ; ").append(comment.text());
      }
      text.append('\n');
    }
    for (Constant constant : constants) {
      text.append(constant.label()).append(": ").append(constant.bytes().length);
      text.append(" bytes\n");
    }
    return text.toString();
  }
}
