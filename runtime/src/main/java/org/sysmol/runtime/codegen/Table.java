package org.sysmol.runtime.codegen;

/**
 * The table whose address is the one argument of a network's code: 64-bit entries, first those of
 * the run, then the tensors' addresses, then thirteen for each step. Each thread has a table of its
 * own, behind which lies what its layers use as scratch.
 */
final class Table {
  /** First step to run. */
  static final int FIRST = 0;

  /** Last step to run. */
  static final int LAST = 8;

  /** Address of the normalised binary32 image. */
  static final int IMAGE = 16;

  /** 1 for the thread that writes halos, 0 for others. */
  static final int LEADER = 24;

  /** Address of the counter at which threads wait for each other, or 0 for one thread. */
  static final int COUNTER = 32;

  /** The number of threads. */
  static final int THREADS = 40;

  /** What the counter reaches at the last barrier that the thread passed; kept by the code. */
  static final int TARGET = 48;

  /** Address of a function without arguments that lets other threads run. */
  static final int YIELD = 56;

  private static final int TENSORS = 64;

  /** Entries of a step: weights, parameters, the part of this thread, whether threads meet. */
  private static final int STEP = 8 * 13;

  private final int tensors;
  private final int steps;

  Table(int tensors, int steps) {
    this.tensors = tensors;
    this.steps = steps;
  }

  /** Address of a tensor's buffer. */
  static int tensor(int index) {
    return TENSORS + 8 * index;
  }

  /** Address of a step's weights. */
  int weights(int step) {
    return TENSORS + 8 * tensors + STEP * step;
  }

  /** Address of a step's parameters. */
  int parameters(int step) {
    return weights(step) + 8;
  }

  /** A number of the thread's part of a step. */
  int part(int step, Part.Entry entry) {
    return weights(step) + 16 + entry.offset;
  }

  /** 1 where the threads meet after a step, 0 elsewhere. */
  int meeting(int step) {
    return weights(step) + STEP - 8;
  }

  int bytes() {
    return TENSORS + 8 * tensors + STEP * steps;
  }

  /** Where the thread's scratch begins, whose address is a multiple of 64 if the table's is. */
  int scratch() {
    return NativeTensor.roundUp(bytes(), 64);
  }
}
