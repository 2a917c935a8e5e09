package org.sysmol.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.HeatMap;

class ErrorSectionTest {
  @Test
  void anErrorOfAQuarterIsOneBitAndNoneIsEight() {
    assertThat(ErrorSection.effectiveBits(0.25)).isCloseTo(1, within(1e-12));
    assertThat(ErrorSection.effectiveBits(1.0 / 256)).isCloseTo(4, within(1e-12));
    assertThat(ErrorSection.effectiveBits(0)).isEqualTo(8);
    assertThat(ErrorSection.effectiveBits(9)).isEqualTo(0.1);
  }

  @Test
  void partsWithoutChannelsAreInTheTableAndNotInTheMaps() {
    List<Block> blocks = ErrorSection.of(SampleReport.realistic().errors()).blocks();
    Block.Table table =
        blocks.stream()
            .filter(Block.Table.class::isInstance)
            .map(Block.Table.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(table.rows()).hasSize(2);
    assertThat(table.rows().get(0)).contains("block2.conv2", "110.50 %", "9.00 %");
    assertThat(table.rows().get(1)).startsWith("image and streams").endsWith("", "");
    List<HeatMap> maps =
        blocks.stream().filter(HeatMap.class::isInstance).map(HeatMap.class::cast).toList();
    assertThat(maps).hasSize(2).allMatch(map -> map.rows().size() == 1);
  }
}
