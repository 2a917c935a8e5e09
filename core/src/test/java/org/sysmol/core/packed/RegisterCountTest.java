package org.sysmol.core.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SampleNetworks;

class RegisterCountTest {
  private static final PackedNetwork GOOD = SampleNetworks.of(1, 8, 16);

  private static PackedNetwork made(String packing) {
    return new PackedNetwork(
        GOOD.name(),
        packing,
        GOOD.assign(),
        GOOD.tensors(),
        GOOD.steps(),
        GOOD.placements(),
        GOOD.preprocessing(),
        GOOD.classNames(),
        GOOD.provenance(),
        GOOD.goldens());
  }

  @Test
  void filesThatNameASetAloneAreCountedAsStored() {
    // Whatever the name: files from before packings say "P45" or a list, and count as they did.
    for (String name : new String[] {"P4", "P45", "of another house"}) {
      RegisterCount count = RegisterCount.of(made(name));
      assertThat(count.packing()).isEqualTo(name);
      assertThat(count.registerBits()).isEqualTo(128);
      for (Placement placement : GOOD.placements()) {
        for (Step step : GOOD.steps()) {
          if (step instanceof Step.Convolution c && c.input() == placement.tensor()) {
            long vectors = (long) c.weights().outputs() / c.weights().groups() * c.weights().taps();
            assertThat(count.of(c).orElseThrow().registers()).isEqualTo(placement.registers());
            assertThat(count.of(c).orElseThrow().bits())
                .isEqualTo(128 * vectors * placement.registers());
          }
        }
      }
    }
  }

  @Test
  void otherPackingsFollowFromThePrecisions() {
    long plain = NetworkSize.of(made("P45")).registerBits();
    assertThat(NetworkSize.of(made("P45+taps")).registerBits()).isPositive().isLessThan(plain);
    assertThat(NetworkSize.of(made("P45+lanes")).registerBits()).isPositive().isLessThan(plain);
    assertThat(NetworkSize.of(made("lane")).registerBits())
        .isEqualTo(NetworkSize.of(made("P45+lanes")).registerBits());
    NetworkSize wide = NetworkSize.of(made("P45+512"));
    assertThat(wide.registerBits()).isEqualTo(512 * wide.registers()).isGreaterThan(plain);
  }

  @Test
  void aPackingThatDoesNotExistIsRefusedWithTheNetworksName() {
    PackedNetwork bad = made("P4+tips");
    assertThatThrownBy(() -> RegisterCount.of(bad))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Network %s says that its registers are 'P4+tips', which is no packing; compile it again from its .trained file."
                .formatted(GOOD.name()));
  }
}
