package org.sysmol.runtime.machine;

/**
 * Whether the operating system lets this process use tiles (AMX).
 *
 * <p>Linux saves the large tile registers only for processes that ask; one that uses tiles without
 * having asked is killed. It refuses once any thread has an alternative signal stack too small for
 * the registers, so asking comes first: before other native libraries start threads.
 */
public sealed interface TilePermission {
  /** Tiles can be used by all threads of this process. */
  record Granted() implements TilePermission {}

  /**
   * Tiles must not be used.
   *
   * @param reason one full sentence for people
   */
  record Refused(String reason) implements TilePermission {}

  /** Asks on the first call and gives the same answer ever after; any thread may ask. */
  static TilePermission request() {
    return TileRequest.ofThisProcess();
  }
}
