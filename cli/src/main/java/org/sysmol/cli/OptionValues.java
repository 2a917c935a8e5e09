package org.sysmol.cli;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.engine.Shapes;
import picocli.CommandLine.Model.CommandSpec;

/** What options of all commands take, and refusals of those that would mean nothing. */
final class OptionValues {
  private OptionValues() {}

  /**
   * Refuses options that were given but would do nothing.
   *
   * @param why a clause that says where they would do something
   */
  static void refuse(CommandSpec spec, String why, List<String> options) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw SysmolException.badInput(option + " means nothing here: " + why + ".");
      }
    }
  }

  /** Refuses a number that is too small, naming its option. */
  static void requireAtLeast(String option, int value, int least) {
    if (value < least) {
      throw SysmolException.badInput(
          option + " takes a number of at least " + least + ", not " + value + ".");
    }
  }

  /** Refuses numbers of threads that no machine is helped by. */
  static void requireThreads(int threads) {
    requireAtLeast("--threads", threads, 1);
    if (threads > Shapes.MOST_THREADS) {
      throw SysmolException.badInput(
          "--threads takes a number of at most " + Shapes.MOST_THREADS + ", not " + threads + ".");
    }
  }

  /** Whether the other of two words was given instead of the usual one. */
  static boolean oneOf(String option, String given, String usual, String other) {
    if (!given.equals(usual) && !given.equals(other)) {
      throw SysmolException.badInput(
          option + " takes " + usual + " or " + other + ", not " + given + ".");
    }
    return given.equals(other);
  }

  /** Three numbers with commas between them. */
  static List<Double> three(String option, String text, String example) {
    String[] parts = text.split(",", -1);
    List<Double> numbers = new ArrayList<>();
    try {
      for (String part : parts) {
        numbers.add(Double.parseDouble(part));
      }
    } catch (NumberFormatException e) {
      throw SysmolException.badInput(
          option + " takes three numbers, e.g. " + example + ", not " + text + ".", e);
    }
    if (numbers.size() != 3) {
      throw SysmolException.badInput(
          option + " takes three numbers, e.g. " + example + ", not " + text + ".");
    }
    return numbers;
  }
}
