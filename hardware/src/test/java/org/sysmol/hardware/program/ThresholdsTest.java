package org.sysmol.hardware.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.simulate.Processor;

/** Codes made by comparisons are those that are asked for, channel by channel. */
class ThresholdsTest {
  private static final int WIDTH = 7;
  private static final int HEIGHT = 40;

  /** Grows, falls, grows and falls with the byte as signed; one to fifteen values. */
  private static int ofByte(int channel, int stored) {
    int signed = (byte) stored;
    return switch (channel % 6) {
      case 0 -> Math.min(15, stored / 16);
      case 1 -> 3 - Math.min(3, stored / 50);
      case 2 -> Math.clamp(signed / 7L, 0, 3);
      case 3 -> Math.clamp(-signed / 9L, 2, 15);
      case 4 -> stored > 254 ? 1 : 0;
      default -> 5;
    };
  }

  @Test
  void bytesBecomeCodes() {
    for (int channels : new int[] {3, 4, 15, 16, 20, 40}) {
      bytes(channels, new int[0]);
      int[] largest = new int[channels];
      java.util.Arrays.fill(largest, 15);
      bytes(channels, largest);
    }
  }

  private static void bytes(int channels, int[] largest) {
    Memory memory = new Memory(1);
    Area from = Area.allocate(memory, HEIGHT, WIDTH, channels, Area.Margin.NONE, (byte) 0);
    Area to = Area.allocate(memory, HEIGHT, WIDTH, channels + 1, Area.Margin.NONE, (byte) 77);
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < HEIGHT; y++) {
      rows.add(new ArrayList<>());
    }
    Objects.requireNonNull(ByteThresholds.of(channels, ThresholdsTest::ofByte))
        .rows("codes", from, to, largest, memory, rows, WIDTH);
    byte[] image = memory.image();
    Random random = new Random(channels);
    for (int k = 0; k < HEIGHT * WIDTH * channels; k++) {
      image[from.origin() + k] = (byte) random.nextInt(256);
    }
    Processor processor = new Processor(image, List.of());
    for (List<Call> row : rows) {
      for (Call call : row) {
        processor.arguments(call.arguments());
        processor.run(call.program());
      }
    }
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        for (int c = 0; c < channels; c++) {
          int code = ofByte(c, image[from.at(y, x) + c] & 0xFF);
          assertThat(image[to.at(y, x) + c])
              .as("%d channels, %d %d %d", channels, y, x, c)
              .isEqualTo((byte) (largest.length == 0 ? code : 2 * code - largest[c]));
        }
        // Behind a pixel's channels nothing is written.
        assertThat(image[to.at(y, x) + channels]).isEqualTo((byte) 77);
      }
    }
  }

  @Test
  void bytesOfManyValuesOrOfNoOrderAreRefused() {
    assertThat(ByteThresholds.of(1, (c, stored) -> stored / 15)).isNull();
    assertThat(ByteThresholds.of(1, (c, stored) -> stored & 1)).isNull();
    assertThat(ByteThresholds.of(2, (c, stored) -> c == 0 ? 0 : stored)).isNull();
  }

  /** Grows and falls; steps at the ends of halfwords. */
  private static int ofSum(int channel, int sum) {
    return switch (channel) {
      case 0 -> (sum > 10 ? 1 : 0) + (sum > 1000 ? 2 : 0);
      case 1 -> 3 - (sum > -5 ? 1 : 0) - (sum > 5 ? 1 : 0) - (sum > 7 ? 1 : 0);
      case 2 -> sum >= Short.MAX_VALUE ? 1 : 0;
      case 3 -> sum > Short.MIN_VALUE ? 0 : 1;
      default -> 2;
    };
  }

  @Test
  void sumsBecomeCodes() {
    int[] extremes = {
      Integer.MIN_VALUE,
      Integer.MAX_VALUE,
      Short.MIN_VALUE,
      Short.MIN_VALUE - 1,
      Short.MIN_VALUE + 1,
      Short.MAX_VALUE,
      Short.MAX_VALUE - 1,
      Short.MAX_VALUE + 1,
      -1 << 20,
      1 << 20
    };
    for (int channels : new int[] {3, 4, 5}) {
      SumThresholds thresholds =
          Objects.requireNonNull(SumThresholds.of(channels, ThresholdsTest::ofSum));
      for (int pixels = 1; pixels <= 5; pixels++) {
        for (int seed = 0; seed < 50; seed++) {
          Random random = new Random(seed);
          int[] sums = new int[4 * pixels];
          for (int k = 0; k < sums.length; k++) {
            sums[k] =
                random.nextInt(3) == 0
                    ? extremes[random.nextInt(extremes.length)]
                    : random.nextInt(-1100, 1100);
          }
          sums(thresholds, channels, sums);
        }
      }
    }
  }

  private static void sums(SumThresholds thresholds, int channels, int[] sums) {
    int pixels = sums.length / 4;
    int[] firsts = channels < 5 ? new int[] {0} : new int[] {0, 1};
    int last = firsts.length - 1;
    Memory memory = new Memory(1);
    int in = memory.allocate(4L * sums.length);
    int out = memory.allocate(8L * pixels);
    int constants = thresholds.constants(memory, firsts, 1);
    Program.Builder code = new Program.Builder("sums");
    int[] registers = new int[pixels];
    for (int p = 0; p < pixels; p++) {
      registers[p] = 3 + p;
      code.immediate(Opcode.LDR_Q, registers[p], 0, 16 * p);
    }
    thresholds.emit(
        code, registers, new int[] {0, 1, 2}, 2, last * thresholds.blockBytes(), 3, 0, 8);
    byte[] image = memory.image();
    ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < sums.length; k++) {
      words.putInt(in + 4 * k, sums[k]);
    }
    Processor processor = new Processor(image, List.of());
    processor.arguments(in, 0, constants, out);
    processor.run(code.build());
    for (int p = 0; p < pixels; p++) {
      for (int k = 0; k < 4; k++) {
        int channel = Math.min(firsts[last] + k, channels - 1);
        int sum = sums[4 * p + k];
        assertThat(image[out + 8 * p + k])
            .as("%d of %d, channel %d, sum %d", p, pixels, channel, sum)
            .isEqualTo((byte) ofSum(channel, sum));
      }
      assertThat(image[out + 8 * p + 4]).isZero();
    }
  }

  @Test
  void sumsOfManyCodesOrBeyondHalfwordsAreRefused() {
    assertThat(SumThresholds.of(1, (c, sum) -> Math.clamp(sum, 0, 4))).isNull();
    assertThat(SumThresholds.of(1, (c, sum) -> sum > 1 << 15 ? 1 : 0)).isNull();
    assertThat(SumThresholds.of(1, (c, sum) -> sum < -(1 << 15) ? 1 : 0)).isNull();
    assertThat(SumThresholds.of(1, (c, sum) -> sum > 32766 ? 1 : 0)).isNotNull();
  }
}
