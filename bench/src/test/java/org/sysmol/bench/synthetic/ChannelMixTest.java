package org.sysmol.bench.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.train.zoo.NetworkZoo;

/** A mix holds in every layer to the channel, and over the network to a thousandth of a bit. */
class ChannelMixTest {
  private static Plan plan(String name, int side) {
    return PlanBuilder.build(NetworkZoo.create(name, 1), 3, side, side, Set.of());
  }

  @ParameterizedTest
  @CsvSource({
    "resnet20, 32, 0.01",
    "resnet18, 224, 0.002",
    "mobilenetv2, 224, 0.002",
  })
  void figuresHold(String name, int side, double tolerance) {
    Plan plan = plan(name, side);
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 30; round++) {
      double one = random.nextInt(101);
      double two = random.nextInt(101 - (int) one);
      ChannelMix mix = new ChannelMix(one, two, 100 - one - two);
      int[][] precision = mix.spread(plan, round);
      double bits = 0;
      double macs = 0;
      for (InputGroup group : plan.groups()) {
        int[] p = precision[group.id()];
        if (!group.searched()) {
          assertThat(p).containsOnly(8);
          continue;
        }
        counted(p, 1, mix.one());
        counted(p, 2, mix.two());
        counted(p, 4, mix.four());
        double work = plan.readers(group).stream().mapToDouble(c -> c.macs()).sum();
        macs += work;
        bits += work * Arrays.stream(p).average().orElseThrow();
      }
      assertThat(bits / macs).as(mix.toString()).isCloseTo(mix.bits(), within(tolerance));
    }
  }

  private static void counted(int[] precision, int bits, double percent) {
    long count = Arrays.stream(precision).filter(p -> p == bits).count();
    double exact = percent / 100 * precision.length;
    assertThat((double) count).isBetween(Math.floor(exact - 1e-6), Math.ceil(exact + 1e-6));
  }

  @Test
  void wholeChannelsAreExact() {
    Plan plan = plan("resnet18", 224);
    int[][] precision = new ChannelMix(50, 25, 25).spread(plan, 1);
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        int[] sorted = precision[group.id()].clone();
        Arrays.sort(sorted);
        assertThat(sorted[sorted.length / 2 - 1]).isEqualTo(1);
        assertThat(sorted[sorted.length / 2]).isEqualTo(2);
        assertThat(sorted[sorted.length * 3 / 4]).isEqualTo(4);
        assertThat(sorted[sorted.length * 3 / 4 - 1]).isEqualTo(2);
      }
    }
  }

  @Test
  void seedsDecideTheChannels() {
    Plan plan = plan("resnet20", 32);
    ChannelMix mix = ChannelMix.parse("50,30,20");
    assertThat(mix.spread(plan, 1)).isDeepEqualTo(mix.spread(plan, 1));
    assertThat(Arrays.deepEquals(mix.spread(plan, 1), mix.spread(plan, 2))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 100, 0, 0",
    "1.3, 80, 15, 5",
    "2, 45, 32.5, 22.5",
    "3.1, 10, 30, 60",
    "4, 0, 0, 100",
    "1.15, 90, 7.5, 2.5",
    "3.55, 5, 15, 80",
  })
  void bitsLieBetweenTheKnownMixes(double bits, double one, double two, double four) {
    ChannelMix mix = ChannelMix.ofBits(bits);
    assertThat(mix.one()).isCloseTo(one, within(1e-9));
    assertThat(mix.two()).isCloseTo(two, within(1e-9));
    assertThat(mix.four()).isCloseTo(four, within(1e-9));
  }

  @Test
  void bitsAreTheBitsOfTheMix() {
    for (int i = 0; i <= 300; i++) {
      double bits = 1 + i / 100.0;
      assertThat(ChannelMix.ofBits(bits).bits()).isCloseTo(bits, within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.99, 4.01, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void bitsOutsideTheRangeAreRefused(double bits) {
    assertThatThrownBy(() -> ChannelMix.ofBits(bits))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("from 1 to 4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "50", "50,30", "50,30,20,0", "a,b,c", "50,30,21", "150,-30,-20", "NaN,1,1"})
  void otherMixesAreRefused(String text) {
    assertThatThrownBy(() -> ChannelMix.parse(text))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("50,30,20");
  }
}
