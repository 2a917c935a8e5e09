package org.sysmol.runtime.machine;

/**
 * The three calls to the operating system that executable memory takes.
 *
 * <p>An interface so that tests can stand in for a system that refuses.
 */
interface PageMemory {
  /** A call that the system refused. */
  final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  /** Maps {@code bytes} of fresh memory that can be read and written; returns the address. */
  long map(long bytes) throws Refusal;

  /** Makes the memory readable and executable, and no longer writable. */
  void makeExecutable(long address, long bytes) throws Refusal;

  /** Gives the memory back. */
  void unmap(long address, long bytes);
}
