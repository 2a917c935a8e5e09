package org.sysmol.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

/** Rounds are interleaved, every contestant sees the same images, medians are medians. */
class SideBySideTest {
  private static final List<float[]> IMAGES = List.of(new float[] {0}, new float[] {1});

  @Test
  void roundsAreInterleaved() {
    List<String> calls = new ArrayList<>();
    Contestant.Stopwatch fixed =
        (images, first, nanoseconds) -> {
          calls.add("a" + first);
          java.util.Arrays.fill(nanoseconds, 2_000_000);
        };
    Contestant.Stopwatch other =
        (images, first, nanoseconds) -> {
          calls.add("b" + first);
          // The first one is cold and must not count.
          for (int i = 0; i < nanoseconds.length; i++) {
            nanoseconds[i] = i == 0 ? 1_000_000_000 : i * 1_000_000L;
          }
        };
    List<Timing> timings =
        SideBySide.run(
            List.of(new Contestant("a", fixed), new Contestant("b", other)), IMAGES, 3, 3, 0);
    // One untimed run each, then the rounds.
    assertThat(calls).containsExactly("a0", "b0", "a0", "b0", "a1", "b1", "a0", "b0");
    assertThat(timings.get(0).medianMs()).isCloseTo(2, within(1e-12));
    assertThat(timings.get(1).medianMs()).isCloseTo(2, within(1e-12));
    assertThat(timings.get(1).lowMs()).isCloseTo(1, within(1e-12));
    assertThat(timings.get(1).highMs()).isCloseTo(3, within(1e-12));
    assertThat(timings.get(1).runs()).isEqualTo(9);
  }

  @Test
  void theSlowestContestantDecidesHowManyRunsARoundHas() {
    int[] most = {0};
    Contestant.Stopwatch quick =
        (images, first, nanoseconds) -> {
          most[0] = Math.max(most[0], nanoseconds.length);
          java.util.Arrays.fill(nanoseconds, 1000);
        };
    Contestant.Stopwatch slow =
        (images, first, nanoseconds) -> java.util.Arrays.fill(nanoseconds, 25_000_000);
    SideBySide.run(
        List.of(new Contestant("quick", quick), new Contestant("slow", slow)), IMAGES, 1, 0, 0);
    // Four that are timed and one that is not.
    assertThat(most[0]).isEqualTo(5);
  }

  @Test
  void inProcessContestantsAreTimedOneByOne() {
    List<Float> seen = new ArrayList<>();
    long[] nanoseconds = {-1, -1, -1};
    Contestant.of("x", image -> seen.add(image[0])).stopwatch().time(IMAGES, 1, nanoseconds);
    assertThat(seen).containsExactly(1f, 0f, 1f);
    assertThat(nanoseconds).doesNotContain(-1L);
  }

  @Test
  void nothingToTimeIsRefused() {
    assertThatThrownBy(() -> SideBySide.run(List.of(), List.of(), 1, 1, 0))
        .isInstanceOf(SysmolException.class);
    assertThatThrownBy(() -> SideBySide.run(List.of(), IMAGES, 0, 1, 0))
        .isInstanceOf(SysmolException.class);
  }

  /** More times than can be kept; their product would not even be a number of times. */
  @Test
  void tooMuchToTimeIsRefused() {
    int most = SideBySide.ROUNDS_LIMIT;
    assertThatThrownBy(() -> SideBySide.run(List.of(), IMAGES, most + 1, 1, 0))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("at most 10000 rounds and 1000 inferences");
    assertThatThrownBy(() -> SideBySide.run(List.of(), IMAGES, most, Integer.MAX_VALUE, 0))
        .isInstanceOf(SysmolException.class);
  }
}
