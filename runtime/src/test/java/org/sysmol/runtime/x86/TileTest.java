package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.TileRegister.tmm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.runtime.machine.ExecutableCode;
import org.sysmol.runtime.x86.TileConfiguration.Shape;

/** Tiles in the interpreter, and on the processor where it has them. */
class TileTest {
  private static final Set<Feature> TILES =
      EnumSet.of(Feature.AVX, Feature.AVX2, Feature.AMX_TILE, Feature.AMX_INT8);
  private static final boolean ON_PROCESSOR = CpuFeatures.detect().supports(CpuClass.AMX);

  private static Program program(Consumer<Assembler> body) {
    Assembler a = new Assembler(TILES);
    body.accept(a);
    return a.finish();
  }

  /** Fills {@code segment} with random bytes and extremes. */
  private static void fill(MemorySegment segment, Random random) {
    int kind = random.nextInt(4);
    for (long i = 0; i < segment.byteSize(); i++) {
      int value =
          switch (kind) {
            case 0 -> random.nextBoolean() ? 0x80 : 0x7F;
            case 1 -> 0xFF;
            case 2 -> 0x80;
            default -> random.nextInt();
          };
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) value);
    }
  }

  /**
   * Calls {@code program} with the addresses of {@code segments} and numbers, in the interpreter
   * and, where it can, on the processor; both must leave the last segment, a sum, alike.
   */
  private static int[] run(Program program, List<MemorySegment> segments, long... numbers) {
    MemorySegment sums = segments.getLast();
    byte[] before = sums.toArray(ValueLayout.JAVA_BYTE);
    InterpretedMemory memory = new InterpretedMemory();
    long[] arguments = new long[6];
    int count = 0;
    for (MemorySegment segment : segments) {
      arguments[count++] =
          segment == sums
              ? memory.writable("sums", segment)
              : memory.readable("source " + count, segment);
    }
    for (long number : numbers) {
      arguments[count++] = number;
    }
    new Interpreter(memory).call(program, arguments);
    int[] result = sums.toArray(ValueLayout.JAVA_INT);
    if (ON_PROCESSOR) {
      sums.copyFrom(MemorySegment.ofArray(before));
      try (ExecutableCode code = load(program)) {
        code.call(
            arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
      }
      assertThat(sums.toArray(ValueLayout.JAVA_INT)).isEqualTo(result);
    }
    return result;
  }

  private static ExecutableCode load(Program program) {
    return switch (ExecutableCode.load(Encoder.encode(program).bytes())) {
      case CodeLoading.Loaded loaded -> loaded.code();
      case CodeLoading.Refused refused -> fail(refused.reason());
    };
  }

  /**
   * Two tiles of pixels by two tiles of weights: 32 pixels times 32 outputs, over {@code steps}
   * times 64 input channels. Arguments: codes (rows of {@code steps * 64} bytes), weights in the
   * order of the loads, sums (rows of 32), steps.
   */
  private static Program blockOf32By32(int steps) {
    return program(
        a -> {
          Label shapes = a.constant("shapes", TileConfiguration.full().bytes());
          a.ldtilecfg(mem(shapes));
          for (int i = 0; i < 4; i++) {
            a.tilezero(tmm(i));
          }
          a.mov(R8, steps * 64L);
          a.mov(R9, 64);
          a.mov(RAX, RDI);
          a.add(RAX, 16 * steps * 64);
          Label loop = a.here("loop");
          a.tileloadd(tmm(4), mem(RDI, R8, 1, 0));
          a.tileloadd(tmm(6), mem(RSI, R9, 1, 0));
          a.tdpbusd(tmm(0), tmm(4), tmm(6));
          a.tileloaddt1(tmm(7), mem(RSI, R9, 1, 1024));
          a.tdpbusd(tmm(1), tmm(4), tmm(7));
          a.tileloadd(tmm(5), mem(RAX, R8, 1, 0));
          a.tdpbusd(tmm(2), tmm(5), tmm(6));
          a.tdpbusd(tmm(3), tmm(5), tmm(7));
          a.add(RDI, 64);
          a.add(RAX, 64);
          a.add(RSI, 2048);
          a.dec(RCX);
          a.jne(loop);
          a.mov(R8, 128);
          a.tilestored(mem(RDX, R8, 1, 0), tmm(0));
          a.tilestored(mem(RDX, R8, 1, 64), tmm(1));
          a.tilestored(mem(RDX, R8, 1, 16 * 128), tmm(2));
          a.tilestored(mem(RDX, R8, 1, 16 * 128 + 64), tmm(3));
          a.tilerelease();
          a.ret();
        });
  }

  @Test
  void aBlockOfPixelsTimesWeightsEqualsPlainSums() {
    Random random = new Random(11);
    for (int steps : new int[] {1, 3}) {
      int channels = 64 * steps;
      Program program = blockOf32By32(steps);
      assertThat(program.features())
          .containsExactlyInAnyOrder(Feature.X86_64, Feature.AMX_TILE, Feature.AMX_INT8);
      for (int repeat = 0; repeat < 6; repeat++) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment codes = arena.allocate(32L * channels, 64);
          MemorySegment weights = arena.allocate(32L * channels, 64);
          MemorySegment sums = arena.allocate(32 * 32 * 4, 64);
          fill(codes, random);
          fill(weights, random);
          int[] result = run(program, List.of(codes, weights, sums), steps);
          for (int pixel = 0; pixel < 32; pixel++) {
            for (int output = 0; output < 32; output++) {
              int expected = 0;
              for (int c = 0; c < channels; c++) {
                // Steps of 64 channels, tiles of 16 outputs, rows of four channels of each output.
                int place =
                    c / 64 * 2048 + output / 16 * 1024 + c % 64 / 4 * 64 + output % 16 * 4 + c % 4;
                expected +=
                    (codes.get(ValueLayout.JAVA_BYTE, pixel * channels + c) & 0xFF)
                        * weights.get(ValueLayout.JAVA_BYTE, place);
              }
              assertThat(result[pixel * 32 + output]).isEqualTo(expected);
            }
          }
        }
      }
    }
    System.out.println(
        "Tiles: exact in the interpreter; "
            + (ON_PROCESSOR ? "and the same on the processor." : "this processor has none."));
  }

  /** sums += rows times columns, tiles of the shapes given; arguments: rows, columns, sums. */
  private static Program product(Mnemonic mnemonic, int rows, int fours, int columns) {
    return program(
        a -> {
          Label shapes =
              a.constant(
                  "shapes",
                  TileConfiguration.of(
                          new Shape(rows, 4 * columns),
                          Shape.UNUSED,
                          new Shape(rows, 4 * fours),
                          new Shape(fours, 4 * columns))
                      .bytes());
          a.ldtilecfg(mem(shapes));
          a.mov(RCX, 4L * fours);
          a.tileloadd(tmm(2), mem(RDI, RCX, 1, 0));
          a.mov(RCX, columns);
          a.tileloadd(tmm(3), mem(RSI, RCX, 4, 0));
          a.tileloaddt1(tmm(0), mem(RDX, RCX, 4, 0));
          a.emit(mnemonic, tmm(0), tmm(2), tmm(3));
          a.tilestored(mem(RDX, RCX, 4, 0), tmm(0));
          a.tilerelease();
          a.ret();
        });
  }

  @Test
  void productsOfAllSignsAndShapesEqualPlainSumsThatWrap() {
    Random random = new Random(12);
    boolean wrapped = false;
    for (Mnemonic mnemonic :
        List.of(Mnemonic.TDPBUSD, Mnemonic.TDPBSSD, Mnemonic.TDPBSUD, Mnemonic.TDPBUUD)) {
      boolean signedRows = mnemonic == Mnemonic.TDPBSSD || mnemonic == Mnemonic.TDPBSUD;
      boolean signedColumns = mnemonic == Mnemonic.TDPBSSD || mnemonic == Mnemonic.TDPBUSD;
      for (int repeat = 0; repeat < 40; repeat++) {
        int rows = repeat == 0 ? 16 : 1 + random.nextInt(16);
        int fours = repeat == 0 ? 16 : 1 + random.nextInt(16);
        int columns = repeat == 0 ? 16 : 1 + random.nextInt(16);
        try (Arena arena = Arena.ofConfined()) {
          // Each is as large as the tile: a row too many would be an error.
          MemorySegment left = arena.allocate(4L * rows * fours);
          MemorySegment right = arena.allocate(4L * fours * columns);
          MemorySegment sums = arena.allocate(4L * rows * columns, 4);
          fill(left, random);
          fill(right, random);
          fill(sums, random);
          // Sums at the very limits wrap.
          sums.set(ValueLayout.JAVA_INT, 0, Integer.MAX_VALUE);
          sums.set(ValueLayout.JAVA_INT, sums.byteSize() - 4, Integer.MIN_VALUE);
          int[] before = sums.toArray(ValueLayout.JAVA_INT);
          int[] after = run(product(mnemonic, rows, fours, columns), List.of(left, right, sums));
          for (int m = 0; m < rows; m++) {
            for (int n = 0; n < columns; n++) {
              long expected = before[m * columns + n];
              for (int k = 0; k < 4 * fours; k++) {
                int l = left.get(ValueLayout.JAVA_BYTE, m * 4 * fours + k);
                int r = right.get(ValueLayout.JAVA_BYTE, k / 4 * 4 * columns + 4 * n + k % 4);
                expected += (signedRows ? l : l & 0xFF) * (signedColumns ? r : r & 0xFF);
              }
              assertThat(after[m * columns + n]).as(mnemonic.text()).isEqualTo((int) expected);
              wrapped |= expected != (int) expected;
            }
          }
        }
      }
    }
    assertThat(wrapped).isTrue();
  }

  @Test
  void rowsLieAStrideApartAndNothingBetweenIsWritten() {
    Program program =
        program(
            a -> {
              Label shapes = a.constant("shapes", TileConfiguration.of(new Shape(3, 7)).bytes());
              a.ldtilecfg(mem(shapes));
              a.mov(RCX, -5);
              a.tileloadd(tmm(0), mem(RDI, RCX, 2, 20));
              a.mov(RCX, 5);
              a.tilestored(mem(RSI, RCX, 2, 1), tmm(0));
              a.tilerelease();
              a.ret();
            });
    byte[] from = new byte[27];
    for (int i = 0; i < from.length; i++) {
      from[i] = (byte) (i + 1);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_BYTE, from);
      MemorySegment target = arena.allocate(28, 4);
      run(program, List.of(source, target));
      byte[] written = target.toArray(ValueLayout.JAVA_BYTE);
      for (int i = 0; i < 28; i++) {
        int row = (i - 1) / 10;
        int column = (i - 1) % 10;
        boolean inTile = i > 0 && row < 3 && column < 7;
        assertThat(written[i]).isEqualTo((byte) (inTile ? 20 - 10 * row + column + 1 : 0));
      }
    }
  }

  @Test
  void tilesAreClearedByZeroConfigurationAndRelease() {
    Program program =
        program(
            a -> {
              Label shapes = a.constant("shapes", TileConfiguration.of(new Shape(1, 8)).bytes());
              a.mov(RCX, 8);
              a.sttilecfg(mem(RSI));
              a.ldtilecfg(mem(shapes));
              a.sttilecfg(mem(RSI, 64));
              a.tileloadd(tmm(0), mem(RDI, RCX, 1, 0));
              a.tilezero(tmm(0));
              a.tilestored(mem(RSI, RCX, 1, 128), tmm(0));
              a.tileloadd(tmm(0), mem(RDI, RCX, 1, 0));
              a.ldtilecfg(mem(shapes));
              a.tilestored(mem(RSI, RCX, 1, 136), tmm(0));
              a.tileloadd(tmm(0), mem(RDI, RCX, 1, 0));
              a.tilestored(mem(RSI, RCX, 1, 144), tmm(0));
              a.tilerelease();
              a.ldtilecfg(mem(shapes));
              a.tilestored(mem(RSI, RCX, 1, 152), tmm(0));
              a.tilerelease();
              a.sttilecfg(mem(RSI, 160));
              a.ret();
            });
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ones = arena.allocate(8).fill((byte) 1);
      MemorySegment target = arena.allocate(224, 4).fill((byte) 9);
      run(program, List.of(ones, target));
      byte[] expected = new byte[224];
      System.arraycopy(TileConfiguration.of(new Shape(1, 8)).bytes(), 0, expected, 64, 64);
      Arrays.fill(expected, 144, 152, (byte) 1);
      assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
    }
  }
}
