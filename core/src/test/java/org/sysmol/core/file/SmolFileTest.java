package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;

class SmolFileTest {
  @TempDir Path directory;

  @Test
  void roundTripsNetworksWithAllKindsOfSteps() {
    int[] channels = {1, 3, 5, 31, 33, 37, 65};
    for (int i = 0; i < 3 * channels.length; i++) {
      PackedNetwork network = SampleNetworks.of(i, channels[i % channels.length], 1 + i % 9);
      assertThat(network.steps().stream().map(Step::getClass).distinct()).hasSize(9);
      PackedNetwork back = SmolFile.read(SmolFile.bytes(network), "sample.smol");
      Exactly.assertSame(back, network);
      assertThat(SmolFile.bytes(back)).isEqualTo(SmolFile.bytes(network));
    }
  }

  @Test
  void readsPathsAndMappedBuffersAlike() throws IOException {
    PackedNetwork network = SampleNetworks.of(7, 5, 3);
    Path file = directory.resolve("sample.smol");
    SmolFile.write(network, file);
    assertThat(Files.readAllBytes(file)).isEqualTo(SmolFile.bytes(network));
    Exactly.assertSame(SmolFile.read(file), network);
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      Exactly.assertSame(SmolFile.read(mapped, "mapped"), network);
      assertThat(mapped.position()).isZero();
    }
  }

  @Test
  void refusesEveryLengthButItsOwn() {
    byte[] bytes = SmolFile.bytes(SampleNetworks.of(1, 3, 1));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> SmolFile.read(cut, "cut.smol"))
          .isInstanceOfSatisfying(
              SysmolException.class,
              e -> {
                assertThat(e.exitCode()).isEqualTo(2);
                assertThat(FileProblem.ruleOf(e))
                    .isIn(FileProblem.Rule.LENGTH, FileProblem.Rule.MAGIC);
              });
    }
    byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> SmolFile.read(longer, "long.smol"))
        .hasMessage(
            "long.smol is not a valid packed network: it is "
                + longer.length
                + " bytes long but declares "
                + bytes.length
                + " (a transfer may have been cut off); compile the network again or copy the file"
                + " again.");
  }

  @Test
  void noticesEveryFlippedByte() {
    byte[] bytes = SmolFile.bytes(SampleNetworks.of(2, 3, 1));
    for (int i = 0; i < bytes.length; i++) {
      for (int flip : new int[] {0x01, 0x80, 0xFF}) {
        byte[] bad = bytes.clone();
        bad[i] ^= (byte) flip;
        assertThatThrownBy(() -> SmolFile.read(bad, "flipped.smol"))
            .as("byte %d", i)
            .isInstanceOf(SysmolException.class)
            .hasCauseInstanceOf(FileProblem.class);
      }
    }
  }

  @Test
  void addsLittleToWeightsScalesBoundsAndOrders() {
    // About 300,000 weights in ten layers, as a small network for pictures of 28 x 28 has.
    PackedNetwork network = SampleNetworks.of(3, 64, 80);
    long weights = 0;
    long payload = 0;
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c) {
        weights +=
            (long) c.weights().outputs() * c.weights().taps() * c.weights().channelsPerOutput();
        payload += c.weights().bits().length + 8L * c.weights().outputs();
      }
    }
    assertThat(weights).isGreaterThan(200_000);
    byte[] bytes = SmolFile.bytes(network);
    long overhead = bytes.length - payload;
    try (Container container =
        Container.open(ByteBuffer.wrap(bytes), "sample.smol", FileKind.NETWORK)) {
      overhead -= container.section("bounds").length();
    }
    assertThat(overhead).isLessThan(8000);
  }
}
