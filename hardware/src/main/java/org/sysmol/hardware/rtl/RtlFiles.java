package org.sysmol.hardware.rtl;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sysmol.core.architecture.Architecture;

/** All files that an architecture is emitted as. */
public final class RtlFiles {
  private RtlFiles() {}

  /**
   * Each unit's Verilog, by the name of its file: every file is whole in itself, and the top module
   * has the file's name.
   */
  public static Map<String, String> units(Architecture architecture) {
    Map<String, String> files = new LinkedHashMap<>();
    for (UnitModule.Kind kind : UnitModule.Kind.values()) {
      files.put(
          kind.module() + ".v", head(architecture) + UnitModule.of(kind, architecture).emit());
    }
    files.put(SumModule.NAME + ".v", head(architecture) + SumModule.of(architecture).emit());
    return files;
  }

  private static String head(Architecture architecture) {
    return "// sysmol: architecture %s, registers of %d bits. Verilog-2005.\n\n"
        .formatted(architecture.name(), architecture.registerBits());
  }
}
