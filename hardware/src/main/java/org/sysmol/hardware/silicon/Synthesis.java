package org.sysmol.hardware.silicon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/**
 * Area and longest path of a unit: yosys and abc map it to cells, OpenSTA times it, from registers
 * and inputs to registers and outputs, without wires.
 */
public final class Synthesis {
  /**
   * What a unit costs.
   *
   * @param unit its module
   * @param effort the script of abc that gave the smallest area
   * @param area in the library's unit
   * @param delay of the longest path, in the library's unit of time
   * @param netlist the mapped netlist, Verilog of one bit a net
   */
  public record Cost(String unit, Effort effort, double area, double delay, String netlist) {}

  private static final int MINUTES = 60;
  private static final Pattern AREA = Pattern.compile("Chip area for module '[^']*': ([0-9.]+)");
  private static final Pattern ARRIVAL = Pattern.compile("([0-9.]+)\\s+data arrival time");

  private final String liberty;
  private final boolean generic;

  private Synthesis(String liberty, boolean generic) {
    this.liberty = liberty;
    this.generic = generic;
  }

  /**
   * A flow for a library.
   *
   * @param file a Liberty file, also with .gz; empty for {@link GenericCells}
   * @throws SysmolException if the file can't be read or a program is missing
   */
  public static Synthesis of(Optional<Path> file) {
    ExternalProgram.YOSYS.require("synthesise");
    ExternalProgram.ABC.require("map to cells");
    ExternalProgram.STA.require("time a netlist");
    return new Synthesis(
        file.map(Synthesis::read).orElseGet(GenericCells::liberty), file.isEmpty());
  }

  private static String read(Path file) {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      if (!text.contains("library") || !text.contains("cell")) {
        throw SysmolException.badInput(
            file + " is not a Liberty file: name one that has a library of cells.");
      }
      return text;
    } catch (NoSuchFileException e) {
      throw SysmolException.badInput(
          file + " does not exist: name a Liberty file, or leave --liberty away.", e);
    } catch (IOException e) {
      throw SysmolException.badInput(
          "%s can't be read (%s): name a Liberty file that is whole."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * The commands of yosys that read {@code module.v} and write {@code module.mapped.v}, one bit a
   * net: OpenSTA reads no assignment to several.
   */
  public static String script(String module, String liberty) {
    return """
    read_verilog %1$s.v
    hierarchy -check -top %1$s
    synth -flatten -top %1$s
    dfflibmap -liberty %2$s
    abc -liberty %2$s -script abc.script
    splitnets -ports
    opt_clean -purge
    stat -liberty %2$s
    write_verilog -noattr -noexpr %1$s.mapped.v
    """
        .formatted(module, liberty);
  }

  /** Synthesises a unit with each of {@code efforts}; the smallest result first. */
  public List<Cost> costs(String module, String verilog, List<Effort> efforts) {
    return efforts.stream()
        .map(effort -> cost(module, verilog, effort))
        .sorted(Comparator.comparingDouble(Cost::area))
        .toList();
  }

  /** Synthesises a unit. */
  public Cost cost(String module, String verilog, Effort effort) {
    try (WorkFolder folder = WorkFolder.create()) {
      folder.write("cells.lib", liberty);
      folder.write(module + ".v", verilog);
      folder.write("abc.script", effort.script(!generic));
      folder.write("synthesis.ys", script(module, "cells.lib"));
      String log = ExternalProgram.YOSYS.run(folder.path(), MINUTES, List.of("-s", "synthesis.ys"));
      double area = number(AREA, log, "area of " + module);
      folder.write(
          "timing.tcl",
          """
          read_liberty cells.lib
          read_verilog %1$s.mapped.v
          link_design %1$s
          create_clock -name clk -period 1000 [get_ports clk]
          set_output_delay 0 -clock clk [all_outputs]
          report_checks -path_delay max -digits 4
          exit
          """
              .formatted(module));
      String timing =
          ExternalProgram.STA.run(
              folder.path(), MINUTES, List.of("-no_splash", "-exit", "timing.tcl"));
      return new Cost(
          module,
          effort,
          area,
          number(ARRIVAL, timing, "delay of " + module),
          folder.read(module + ".mapped.v"));
    }
  }

  /** The library's text, uncompressed. */
  public String liberty() {
    return liberty;
  }

  private static double number(Pattern pattern, String text, String what) {
    Matcher matcher = pattern.matcher(text);
    double value = Double.NaN;
    // The last statement is the one of the whole design.
    while (matcher.find()) {
      value = Double.parseDouble(matcher.group(1));
      if (pattern == ARRIVAL) {
        break;
      }
    }
    if (Double.isNaN(value)) {
      throw SysmolException.failed(
          "The %s was not reported; the tool's last words: %s"
              .formatted(
                  what, text.strip().lines().toList().reversed().stream().limit(5).toList()));
    }
    return value;
  }
}
