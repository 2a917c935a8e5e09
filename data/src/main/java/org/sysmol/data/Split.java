package org.sysmol.data;

/** Which part of a data set is meant. */
public enum Split {
  /** The images to learn from. */
  TRAIN,
  /** The images to measure accuracy on; none of them is in {@link #TRAIN}. */
  TEST,
  /** All images: those of {@link #TRAIN}, then those of {@link #TEST}. */
  ALL
}
