package org.sysmol.onnx;

/**
 * One node asks for something that sysmol does not take. Caught by {@link GraphReader}, which lists
 * all of them at once.
 */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The message is the kind of the refusal, as the list shows it: {@code Einsum}. */
  Refused(String kind) {
    super(kind, null, false, false);
  }
}
