package org.sysmol.hardware.silicon;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.SysmolException;

/**
 * How often each net of a simulation changed, read from the file of changes (VCD) that the
 * simulator wrote. It holds one value for each net and time, the one after all gates have settled:
 * activity without delays and without glitches.
 */
final class Activity {
  /**
   * A stretch of time in which changes are counted, in picoseconds.
   *
   * @param from the first time
   * @param to the first time after it
   */
  record Stretch(long from, long to) {}

  private final Map<String, Integer> nets = new HashMap<>();
  private final List<int[]> changes = new ArrayList<>();

  private Activity() {}

  /** Counts; {@code stretches} follow each other in time and don't overlap. */
  static Activity read(Path vcd, List<Stretch> stretches) {
    Activity activity = new Activity();
    try (BufferedReader in = Files.newBufferedReader(vcd, StandardCharsets.ISO_8859_1)) {
      activity.read(in, stretches);
      return activity;
    } catch (IOException e) {
      throw SysmolException.failed(
          "The simulator's file of changes can't be read (%s); check that there is room for it in %s."
              .formatted(e.getMessage(), vcd.getParent()),
          e);
    }
  }

  private void read(BufferedReader in, List<Stretch> stretches) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    boolean picoseconds = false;
    String line = in.readLine();
    while (line != null && !line.startsWith("$enddefinitions")) {
      String[] words = line.strip().split("\\s+", -1);
      picoseconds |= words[0].equals("1ps");
      if (words[0].equals("$var")) {
        // $var wire 1 <id> <name> [<range>] $end; several nets may share an id.
        StringBuilder name = new StringBuilder();
        for (int i = 4; i < words.length - 1; i++) {
          name.append(words[i]);
        }
        int number = ids.computeIfAbsent(words[3], id -> ids.size());
        nets.put(name.charAt(0) == '\\' ? name.substring(1) : name.toString(), number);
      }
      line = in.readLine();
    }
    if (!picoseconds) {
      throw SysmolException.failed(
          "The simulator's file of changes does not count in picoseconds; use iverilog 11 or later.");
    }
    int count = ids.size();
    for (int s = 0; s < stretches.size(); s++) {
      changes.add(new int[count]);
    }
    char[] values = new char[count];
    long time = 0;
    int stretch = 0;
    line = in.readLine();
    while (line != null) {
      char first = line.isEmpty() ? '$' : line.charAt(0);
      if (first == '#') {
        time = Long.parseLong(line.substring(1));
        while (stretch < stretches.size() && time >= stretches.get(stretch).to) {
          stretch++;
        }
      } else if (first == '0' || first == '1' || first == 'x' || first == 'z') {
        Integer number = ids.get(line.substring(1));
        if (number != null) {
          boolean counted = stretch < stretches.size() && time >= stretches.get(stretch).from;
          if (counted && (first > '1' || values[number] > '1')) {
            throw SysmolException.failed(
                "A net of the netlist has no value at time %d of the simulation; a register was not set before it was read."
                    .formatted(time));
          }
          if (counted && values[number] != first) {
            changes.get(stretch)[number]++;
          }
          values[number] = first;
        }
      }
      line = in.readLine();
    }
  }

  /** Changes of a net in a stretch; 0 if the netlist has no such net, as for constants. */
  int changes(int stretch, String net) {
    Integer number = nets.get(net);
    return number == null ? 0 : changes.get(stretch)[number];
  }

  /** Whether the net was recorded. */
  boolean has(String net) {
    return nets.containsKey(net);
  }
}
