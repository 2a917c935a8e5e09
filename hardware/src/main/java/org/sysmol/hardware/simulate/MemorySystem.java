package org.sysmol.hardware.simulate;

/** Where data are found: told of every access, in program order. */
interface MemorySystem {
  /** Nobody counts. */
  MemorySystem NONE = (address, bytes, store) -> 0;

  /**
   * An access.
   *
   * @param address of the first byte
   * @param bytes 1 to 64
   * @param store whether it changes the data
   * @return the level that had the data: see {@link CacheModel}
   */
  int access(long address, int bytes, boolean store);
}
