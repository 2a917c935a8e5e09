package org.sysmol.runtime.machine;

/**
 * The two calls to the operating system by which a process asks for registers that are not saved
 * unasked.
 *
 * <p>An interface so that tests can stand in for a system that refuses.
 */
interface ArchitectureControl {
  /** The state of tile registers, by its number in XCR0. */
  int TILE_DATA = 18;

  // Values of <errno.h> on Linux.
  int NOT_PERMITTED = 1;
  int INVALID = 22;
  int NO_SPACE = 28;
  int NO_SUCH_CALL = 38;
  int NOT_SUPPORTED = 95;

  /** Asks for the state with number {@code feature}; returns 0 or the system's error number. */
  int requestPermission(int feature);

  /** The states that this process may use, one bit each; 0 where the system does not say. */
  long permissions();
}
