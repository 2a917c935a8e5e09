package org.sysmol.hardware.simulate;

import java.util.List;
import org.sysmol.hardware.isa.Opcode;

/**
 * When the instructions of one call began and ended, and on which unit: the call of a step's main
 * program that stands for most of its calls, timed from an empty pipeline as {@link Simulator}
 * does.
 *
 * @param step name of the step
 * @param program name of the program, the one of which the step executes most instructions
 * @param calls of that program in the step
 * @param alike how many of them find as many data in each level of memory as this one
 * @param cycles of the call, from its first instruction to the end of its last
 * @param instructions that the call executes
 * @param unitInstructions how many of them by {@link Opcode.Unit}
 * @param shown consecutive instructions of the middle of the call, where most of them multiply
 */
public record Timeline(
    String step,
    String program,
    int calls,
    int alike,
    long cycles,
    int instructions,
    long[] unitInstructions,
    List<Entry> shown) {
  /** Where an instruction found its data. */
  public enum Place {
    /** It has none in memory. */
    NONE,
    /** In the first cache. */
    FIRST_CACHE,
    /** In the second cache. */
    SECOND_CACHE,
    /** Behind the caches. */
    MEMORY
  }

  /**
   * An executed instruction.
   *
   * @param at its number in the call, from 0
   * @param text of the assembler
   * @param unit kind of unit that executed it
   * @param number which unit of the kinds that share units, from 0
   * @param entered first cycle in which it could begin had its operands and a unit been there: out
   *     of order, when it entered the window
   * @param begun cycle in which it began
   * @param done cycle in which its result can be used
   * @param data where its data were
   */
  public record Entry(
      int at,
      String text,
      Opcode.Unit unit,
      int number,
      long entered,
      long begun,
      long done,
      Place data) {}

  /** Copies the list. */
  public Timeline {
    shown = List.copyOf(shown);
  }
}
