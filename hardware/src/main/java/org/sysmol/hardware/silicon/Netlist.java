package org.sysmol.hardware.silicon;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sysmol.core.SysmolException;

/**
 * A mapped netlist as {@link Synthesis} leaves it: cells and nets of one bit each.
 *
 * @param module its name
 * @param verilog its text, as yosys wrote it
 * @param ports in the text's order
 * @param instances all cells
 */
record Netlist(String module, String verilog, List<Port> ports, List<Instance> instances) {
  /**
   * A port of one bit.
   *
   * @param name without the backslash of escaped names: {@code q[3]}
   */
  record Port(String name, boolean input) {}

  /**
   * A cell.
   *
   * @param pins nets by pin, without the backslash of escaped names
   */
  record Instance(String cell, String name, Map<String, String> pins) {}

  private static final Pattern PORT = Pattern.compile("  (input|output) (\\S+) ?;");
  private static final Pattern HEAD = Pattern.compile("  ([\\w$]+) (\\S+) \\(");
  private static final Pattern PIN = Pattern.compile("    \\.(\\S+?) ?\\((.*)\\),?");
  private static final Pattern BIT = Pattern.compile("(.*)\\[(\\d+)]");

  /** Reads the text of a module that is flat. */
  static Netlist parse(String module, String verilog) {
    List<Port> ports = new ArrayList<>();
    List<Instance> instances = new ArrayList<>();
    for (String line : verilog.lines().toList()) {
      Matcher port = PORT.matcher(line);
      Matcher head = HEAD.matcher(line);
      Matcher pin = PIN.matcher(line);
      if (port.matches()) {
        ports.add(new Port(plain(port.group(2)), port.group(1).equals("input")));
      } else if (pin.matches() && !instances.isEmpty()) {
        instances.getLast().pins().put(plain(pin.group(1)), plain(pin.group(2)));
      } else if (head.matches() && !head.group(1).equals("module")) {
        instances.add(new Instance(head.group(1), plain(head.group(2)), new LinkedHashMap<>()));
      }
    }
    if (ports.isEmpty() || !verilog.contains("module " + module + "(")) {
      throw SysmolException.failed(
          "The netlist of %s has no ports; yosys wrote it in another form than version 0.23 does."
              .formatted(module));
    }
    return new Netlist(module, verilog, ports, instances);
  }

  private static String plain(String name) {
    String stripped = name.strip();
    return stripped.startsWith("\\") ? stripped.substring(1) : stripped;
  }

  /** The netlist's text under another name of its module. */
  String renamed(String name) {
    return verilog.replaceFirst(
        "(?m)^module " + Pattern.quote(module) + "\\(",
        "module " + Matcher.quoteReplacement(name) + "(");
  }

  /**
   * A module with the ports of the Verilog that was mapped, vectors again, that holds this netlist
   * under the name {@code cells} of its module and of its instance.
   */
  String wrapper() {
    TreeMap<String, Integer> widths = new TreeMap<>();
    TreeMap<String, Boolean> inputs = new TreeMap<>();
    StringBuilder connections = new StringBuilder();
    for (Port port : ports) {
      Matcher bit = BIT.matcher(port.name);
      boolean vector = bit.matches();
      String name = vector ? bit.group(1) : port.name;
      widths.merge(name, vector ? Integer.parseInt(bit.group(2)) + 1 : 0, Math::max);
      inputs.put(name, port.input);
      connections
          .append(connections.isEmpty() ? "\n    " : ",\n    ")
          .append(vector ? ".\\" + port.name + " (" : "." + port.name + "(")
          .append(port.name)
          .append(")");
    }
    StringBuilder text = new StringBuilder("module " + module + "(\n");
    String separator = "  ";
    for (Map.Entry<String, Integer> port : widths.entrySet()) {
      text.append(separator)
          .append(Boolean.TRUE.equals(inputs.get(port.getKey())) ? "input" : "output")
          .append(port.getValue() > 0 ? " [%d:0] ".formatted(port.getValue() - 1) : " ")
          .append(port.getKey());
      separator = ",\n  ";
    }
    return text.append("\n);\n  cells cells(")
        .append(connections)
        .append("\n  );\nendmodule\n")
        .toString();
  }
}
