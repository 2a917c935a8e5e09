package org.sysmol.hardware.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.core.architecture.ArchitectureFile;
import org.sysmol.core.architecture.Core;

/** An access takes every line that it touches, and the level of the farthest. */
class CacheModelTest {
  @ParameterizedTest
  @CsvSource({
    "32, 0, 16, 1", "32, 24, 16, 2", "32, 0, 64, 2", "32, 8, 64, 3", "32, 31, 64, 3",
    "64, 0, 64, 1", "64, 1, 64, 2", "64, 63, 2, 2", "128, 64, 64, 1", "128, 65, 64, 2"
  })
  void everyLineIsFetchedOnce(int lineBytes, int address, int bytes, int lines) {
    Core core =
        ArchitectureFile.parse(
                "line-bytes = %d\nprefetch-lines = 0".formatted(lineBytes), "Text", "lines")
            .core();
    CacheModel caches = new CacheModel(core);
    int found = caches.access(4096 + address, bytes, false);
    assertThat(CacheModel.level(found)).isEqualTo(CacheModel.MEMORY);
    assertThat(CacheModel.lines(found)).isEqualTo(lines);
    assertThat(caches.memoryLines()).isEqualTo(lines);
    assertThat(CacheModel.level(caches.access(4096 + address, bytes, true)))
        .isEqualTo(CacheModel.L1);
    assertThat(caches.memoryLines()).isEqualTo(lines);
  }
}
