package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;

/** Compares records with all that they hold, floats by their bits. */
final class Exactly {
  private Exactly() {}

  static void assertSame(Object actual, Object expected) {
    assertThat(actual)
        .usingRecursiveComparison()
        .withStrictTypeChecking()
        .withEqualsForType(
            (a, b) -> Float.floatToRawIntBits(a) == Float.floatToRawIntBits(b), Float.class)
        .isEqualTo(expected);
  }
}
