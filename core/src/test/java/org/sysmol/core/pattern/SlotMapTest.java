package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

class SlotMapTest {
  @Test
  void registersTakeTheNextChannelsOfEachSegment() {
    Placement p = new Placement(List.of(new Pattern(0, 0, 32), new Pattern(32, 32, 8)), 30, 31, 35);
    SlotMap map = p.slotMap();
    assertThat(map.registers()).isEqualTo(2);
    assertThat(map.channels()).isEqualTo(96);
    assertThat(map.position(0, 0)).isZero();
    assertThat(map.position(0, 31)).isEqualTo(31);
    assertThat(map.position(1, 0)).isEqualTo(32);
    assertThat(map.position(1, 2)).isEqualTo(34);
    assertThat(map.position(1, 3)).isEqualTo(SlotMap.EMPTY); // 4-bit segment ran out
    assertThat(map.position(1, 8)).isEqualTo(35); // first of the 2-bit segment
    assertThat(map.position(1, 38)).isEqualTo(65);
    assertThat(map.position(1, 39)).isEqualTo(SlotMap.EMPTY);
    assertThat(map.position(1, 40)).isEqualTo(66);
    assertThat(map.position(1, 69)).isEqualTo(95);
    assertThat(map.position(1, 71)).isEqualTo(SlotMap.EMPTY);
    assertThatThrownBy(() -> map.position(1, 72)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> map.position(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void everyChannelHasExactlyOneSlotOfItsPrecision() {
    Random random = new Random(3);
    for (int trial = 0; trial < 300; trial++) {
      int n = random.nextInt(600);
      int n4 = random.nextInt(n + 1);
      int n2 = random.nextInt(n - n4 + 1);
      PatternSet set = PatternSet.presets().get(2 + random.nextInt(4));
      Placement p = PatternSolver.of(set).solve(new Demand(n - n4 - n2, n2, n4));
      SlotMap map = p.slotMap();
      int[] seen = new int[n];
      int empty = 0;
      for (int r = 0; r < map.registers(); r++) {
        for (int s = 0; s < map.pattern(r).slots(); s++) {
          int position = map.position(r, s);
          if (position == SlotMap.EMPTY) {
            empty++;
            continue;
          }
          seen[position]++;
          int expected = position < p.n4() ? 4 : position < p.n4() + p.n2() ? 2 : 1;
          assertThat(map.precision(r, s)).isEqualTo(expected);
        }
      }
      assertThat(seen).containsOnly(n == 0 ? new int[0] : new int[] {1});
      assertThat(empty).isEqualTo(p.emptySlots());
    }
  }

  @Test
  void theOrderIsByPrecisionAndStable() {
    assertThat(SlotMap.order(new int[] {1, 4, 2, 1, 4, 2, 2})).containsExactly(1, 4, 2, 5, 6, 0, 3);
    assertThat(SlotMap.order(new int[0])).isEmpty();
    assertThatThrownBy(() -> SlotMap.order(new int[] {1, 3}))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "A channel has a precision other than 1, 2 or 4 bits: give each channel one of these.");
  }
}
