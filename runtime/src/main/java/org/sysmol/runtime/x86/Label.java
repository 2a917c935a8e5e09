package org.sysmol.runtime.x86;

/**
 * A place in a program: a jump target or a constant that follows the code.
 *
 * <p>Two labels are the same only if they are one object; the name is for people.
 */
public final class Label implements Operand, Program.Entry {
  private final String name;

  /** A new place, called {@code name} in listings. */
  public Label(String name) {
    this.name = name;
  }

  @Override
  public int shape() {
    return 7 << 10;
  }

  /** The name for listings. */
  public String name() {
    return name;
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
