package org.sysmol.hardware.silicon;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/**
 * What a library's cells compute, as Verilog that yosys makes of the Liberty file.
 *
 * @param verilog a module for each cell
 * @param outputs names of each cell's outputs
 */
record CellModels(String verilog, Map<String, Set<String>> outputs) {
  private static final int MINUTES = 10;
  private static final Pattern MODULE = Pattern.compile("module (\\S+?)\\(.*");
  private static final Pattern OUTPUT = Pattern.compile("  output \\\\?(\\S+) ?;");

  /** Of the library {@code cells.lib} in a folder. */
  static CellModels of(WorkFolder folder) {
    folder.write(
        "models.ys",
        """
        read_liberty -ignore_miss_func cells.lib
        write_verilog -noattr models.v
        """);
    ExternalProgram.YOSYS.run(folder.path(), MINUTES, List.of("-q", "-s", "models.ys"));
    String text = folder.read("models.v");
    Map<String, Set<String>> outputs = new HashMap<>();
    Set<String> current = new HashSet<>();
    for (String line : text.lines().toList()) {
      Matcher module = MODULE.matcher(line);
      Matcher output = OUTPUT.matcher(line);
      if (module.matches()) {
        current = new HashSet<>();
        outputs.put(module.group(1), current);
      } else if (output.matches()) {
        current.add(output.group(1));
      }
    }
    return new CellModels(text, outputs);
  }
}
