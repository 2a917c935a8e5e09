package org.sysmol.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How numbers are written. */
final class NumbersTest {
  @Test
  void numbersAreShortAndExact() {
    assertThat(Numbers.count(1_234_567)).isEqualTo("1,234,567");
    assertThat(Numbers.decimal(2.0, 3)).isEqualTo("2");
    assertThat(Numbers.decimal(100, 0)).isEqualTo("100");
    assertThat(Numbers.decimal(-0.0001, 2)).isEqualTo("0");
    assertThat(Numbers.fixed(1.9, 3)).isEqualTo("1.900");
    assertThat(Numbers.significant(0.000123456)).isEqualTo("0.0001235");
    assertThat(Numbers.significant(12345.6)).isEqualTo("12,346");
    assertThat(Numbers.significant(3)).isEqualTo("3");
    assertThat(Numbers.percent(88.9)).isEqualTo("88.90 %");
    assertThat(Numbers.points(0.5)).isEqualTo("+0.50 points");
    assertThat(Numbers.points(-0.5)).isEqualTo("-0.50 points");
    assertThat(Numbers.points(0)).isEqualTo("0.00 points");
    assertThat(Numbers.points(-0.001)).isEqualTo("0.00 points");
    assertThat(Numbers.milliseconds(1.23456)).isEqualTo("1.235 ms");
    assertThat(Numbers.bytes(1000)).isEqualTo("1,000 bytes");
    assertThat(Numbers.bytes(121_344)).isEqualTo("121,344 bytes (118.5 KiB)");
    assertThat(Numbers.bytes(3_145_728)).isEqualTo("3,145,728 bytes (3.00 MiB)");
  }

  @Test
  void whatWasNotMeasuredIsADash() {
    assertThat(
            List.of(
                Numbers.decimal(Double.NaN, 2),
                Numbers.fixed(Double.NaN, 2),
                Numbers.significant(Double.POSITIVE_INFINITY),
                Numbers.percent(Double.NaN),
                Numbers.points(Double.NaN),
                Numbers.milliseconds(Double.NaN)))
        .containsOnly("–");
  }

  @Test
  void runsJoinEqualNeighbours() {
    assertThat(HeatMap.runs(new double[] {4, 4, 2, 4}, 0)).isEqualTo("2 × 4, 1 × 2, 1 × 4");
    assertThat(HeatMap.runs(new double[0], 0)).isEmpty();
  }

  @Test
  void raggedTablesAreRefused() {
    assertThatThrownBy(
            () -> new Block.Table("t", List.of(Block.Column.text("a")), List.of(List.of("1", "2"))))
        .hasMessage("A row of table 't' has 2 cells for 1 columns.");
  }
}
