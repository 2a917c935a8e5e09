package org.sysmol.hardware.silicon;

/** How abc maps to cells; several are tried and the smallest result of each unit is kept. */
public enum Effort {
  /** Structure first rewritten, then mapped for area. */
  REWRITTEN("strash; ifraig; scorr; dc2; dch -f; map -a -B 0.9; topo"),
  /** The structure as it was written, mapped for area: adders keep their form. */
  AS_WRITTEN("strash; ifraig; map -a -B 0.9; topo");

  private static final String SIZING = "; buffer -c; upsize; dnsize";

  private final String script;

  Effort(String script) {
    this.script = script;
  }

  /** The script of abc; with sizing where the library has cells of several strengths. */
  public String script(boolean sizing) {
    return script + (sizing ? SIZING : "") + "\n";
  }
}
