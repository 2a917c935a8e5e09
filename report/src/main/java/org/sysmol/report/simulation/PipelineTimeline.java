package org.sysmol.report.simulation;

import java.util.List;

/**
 * When instructions of a loop began and ended, and on which unit.
 *
 * @param step name of the step
 * @param program name of the program
 * @param calls of the program in the step
 * @param alike how many of them find as many data in each level of memory as the one shown
 * @param cycles of that call
 * @param instructions that it executes
 * @param issueWidth instructions that can begin in a cycle
 * @param units use of each kind of unit during the call
 * @param shown consecutive instructions of it
 */
public record PipelineTimeline(
    String step,
    String program,
    int calls,
    int alike,
    long cycles,
    long instructions,
    int issueWidth,
    List<Use> units,
    List<Executed> shown) {
  /**
   * How busy units of a kind were.
   *
   * @param name of the kind
   * @param units of it
   * @param instructions that they began, one a cycle each at most
   */
  public record Use(String name, int units, long instructions) {}

  /**
   * An executed instruction.
   *
   * @param at its number in the call, from 0
   * @param text of the assembler
   * @param kind what it does, for its colour
   * @param unit which unit executed it, for instance {@code vector 1}
   * @param entered first cycle in which it could begin had its operands and a unit been there
   * @param begun cycle in which it began
   * @param done cycle in which its result can be used
   * @param data where its data were; empty where it has none in memory
   */
  public record Executed(
      int at,
      String text,
      String kind,
      String unit,
      long entered,
      long begun,
      long done,
      String data) {}

  /** Copies the lists. */
  public PipelineTimeline {
    units = List.copyOf(units);
    shown = List.copyOf(shown);
  }

  /** Share of the cycles of the call in which units of a kind began an instruction, 0 to 100. */
  double percent(Use use) {
    return 100.0 * use.instructions() / (cycles * use.units());
  }
}
