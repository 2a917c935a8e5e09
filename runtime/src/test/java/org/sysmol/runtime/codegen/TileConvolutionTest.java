package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.engine.PlainSteps;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.x86.Program;

/** Tiles of pixels; that the code for them is right at all is {@link GeneratedCodeTest}'s. */
class TileConvolutionTest {
  private static final Target TARGET = new Target(CpuClass.AMX);

  /** A map with the halo that a window of {@code kernel} squared needs. */
  private static NativeTensor map(int height, int width, int kernel) {
    int halo = kernel / 2;
    int columns = width + halo;
    return new NativeTensor(
        16, height, width, 16, 1, halo, halo, columns, halo * columns + halo, 0, false, 0);
  }

  private static Window window(int height, int width, int kernel, int stride) {
    return new Window(
        kernel,
        kernel,
        stride,
        stride,
        1,
        1,
        kernel / 2,
        kernel / 2,
        (height - 1) / stride + 1,
        (width - 1) / stride + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 3, 1, 4",
    "14, 3, 1, 14",
    "28, 3, 1, 51",
    "56, 3, 1, 200",
    "8, 3, 1, 5",
    "7, 1, 1, 4",
    "56, 1, 1, 196",
    "56, 3, 2, 56",
    "14, 1, 2, 6",
    "4, 1, 1, 1",
    "1, 1, 1, 1"
  })
  void fewTilesCoverAMap(int size, int kernel, int stride, int tiles) {
    TilePlan plan = new TilePlan(map(size, size, kernel), window(size, size, kernel, stride));
    assertThat(plan.tiles()).isEqualTo(tiles);
  }

  /** Every pixel's last row of a tile is its own window, and no tile reads beyond the windows. */
  @Test
  void everyPixelIsARowOfATileInsideTheMap() {
    for (int height : new int[] {1, 2, 7, 16, 29}) {
      for (int width : new int[] {1, 3, 7, 15, 16, 17, 29, 56}) {
        for (int kernel : new int[] {1, 3, 5}) {
          for (int stride = 1; stride <= 3; stride++) {
            check(height, width, kernel, stride);
          }
        }
      }
    }
  }

  private static void check(int height, int width, int kernel, int stride) {
    NativeTensor in = map(height, width, kernel);
    Window window = window(height, width, kernel, stride);
    NativeTensor out = map(window.outputHeight(), window.outputWidth(), 3);
    TilePlan plan = new TilePlan(in, window);
    int tiles = plan.blockTiles(2);
    ByteBuffer table = ByteBuffer.wrap(plan.table(tiles, out, null)).order(ByteOrder.LITTLE_ENDIAN);
    int blocks = Math.ceilDiv(plan.tiles(), tiles);
    int blockBytes = plan.blockBytes(tiles, false);
    assertThat(table.capacity()).isEqualTo(blocks * blockBytes);
    int[] input = new int[Math.toIntExact(out.bytes())];
    int last = (kernel - 1) * (in.rowPitch() + in.pitch()) + in.pitch();
    for (int block = 0; block < blocks; block++) {
      for (int tile = 0; tile < tiles; tile++) {
        int from = table.getInt(block * blockBytes + TilePlan.inputAt(tile));
        for (int row = 0; row < plan.rows(); row++) {
          int at = from + row * stride * in.pitch();
          assertThat(at).isBetween(0, Math.toIntExact(in.bytes()) - last);
          input[table.getInt(block * blockBytes + plan.outputAt(tiles, tile * plan.rows() + row))] =
              at;
        }
      }
    }
    for (int y = 0; y < out.height(); y++) {
      for (int x = 0; x < out.width(); x++) {
        assertThat(input[out.at(y, x)])
            .as("%d x %d, %d, stride %d: %d, %d", height, width, kernel, stride, y, x)
            .isEqualTo(in.at(y * stride - window.padTop(), x * stride - window.padLeft()));
      }
    }
  }

  /** The networks of the test of all classes meet tiles of all shapes. */
  @Test
  void allShapesOfBlocksAreTested() {
    Set<String> met = new TreeSet<>();
    for (Spec spec : GeneratedCodeTest.SPECS) {
      for (LayerCode layer : new NetworkCode(RandomNetworks.of(spec, 0), TARGET).layers()) {
        if (layer instanceof TileConvolution tiles) {
          met.add(tiles.shape());
        }
      }
    }
    assertThat(met)
        .contains("1 times 4", "2 times 2", "3 times 1", "4 times 1", "2 times 2 in loops")
        .contains("1 times 4 once", "2 times 2 once", "3 times 1 once", "4 times 1 once")
        .contains("2 times 2 kept", "4 times 1 kept", "2 times 2 in loops kept");
  }

  /**
   * Windows of one run, so long that their steps are a loop: every block of pixels and of outputs
   * meets its own weights. Those of mixed precision are too many to be kept decoded; an image is
   * one of bytes, read by windows of one row.
   */
  @ParameterizedTest
  @CsvSource({"5184, 1, 33, 66", "3, 1729, 33, 4", "3, 1729, 65, 66"})
  void blocksAfterALongRunMeetTheirOwnWeights(int channels, int kernel, int outputs, int pixels) {
    Spec spec =
        new Spec(
            channels, outputs, 1, pixels, 1, kernel, 1, 1, true, false, true, true, true, false);
    PackedNetwork network =
        channels == 3 ? RandomNetworks.stem(spec, 3) : RandomNetworks.of(spec, 3);
    InterpretedNetwork interpreted = new InterpretedNetwork(network, TARGET);
    int step = GeneratedCodeTest.step(network, "layer");
    TileConvolution layer = (TileConvolution) interpreted.code().layers().get(step);
    assertThat(layer.weights.runs()).isEqualTo(1);
    assertThat(layer.shape()).endsWith(" in loops");
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(7);
    for (int input : network.steps().get(step).reads()) {
      GeneratedCodeTest.fill(tensors.codes(input), network.tensors().get(input), random);
    }
    new PlainSteps(network).kernel(network.steps().get(step)).run(tensors);
    int output = network.steps().get(step).output();
    byte[] expected = interpreted.memory(output, tensors);
    for (int threads : new int[] {1, 3}) {
      assertThat(interpreted.agree(output, expected, interpreted.step(step, tensors, threads)))
          .as("%d threads", threads)
          .isTrue();
    }
  }

  /**
   * Leaves out one instruction of a layer after the other, some of them, the same each time, on a
   * map whose tiles hold no pixel twice: its output differs or the code faults. Eight-bit results
   * show all sums; those of mixed precision need the parameters, which differ.
   */
  @ParameterizedTest
  @CsvSource({"37, 1, false", "37, 1, true", "224, 1, false", "224, 1, true", "224, 3, true"})
  void everyInstructionMatters(int channels, int kernel, boolean eight) {
    Spec spec =
        new Spec(channels, 80, 6, 16, kernel, 1, 1, 1, false, false, eight, true, eight, false);
    PackedNetwork network = RandomNetworks.of(spec, 3);
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(3);
    InterpretedNetwork whole = new InterpretedNetwork(network, TARGET);
    int step = GeneratedCodeTest.step(network, "layer");
    assertThat(whole.code().layers().get(step)).isInstanceOf(TileConvolution.class);
    int output = network.steps().get(step).output();
    for (int input : network.steps().get(step).reads()) {
      GeneratedCodeTest.fill(tensors.codes(input), network.tensors().get(input), random);
    }
    new PlainSteps(network).kernel(network.steps().get(step)).run(tensors);
    byte[] expected = whole.memory(output, tensors);
    assertThat(whole.agree(output, expected, whole.step(step, tensors, 2))).isTrue();
    int tried = 0;
    List<String> unnoticed = new ArrayList<>();
    for (int index : instructions(whole.program())) {
      String text = whole.program().entries().get(index).toString();
      boolean parameter = text.startsWith("vmovdqu32 zmm") && text.contains("[rdx+");
      boolean arithmetic = text.startsWith("v") && !text.startsWith("vmov");
      boolean tile =
          text.startsWith("t")
              || text.startsWith("mov ebp")
              || text.startsWith("vmovdqu32 zmmword");
      boolean right =
          parameter && !tile
              ? !eight && channels == 37
              : (arithmetic || tile) == eight || (kernel > 1 && !arithmetic);
      if (!right || random.nextInt((arithmetic ? 8 : 2) * kernel) > 0) {
        continue;
      }
      tried++;
      try {
        var damaged = whole.changed(all -> GeneratedCodeTest.without(all, index));
        // One thread has several blocks of pixels, three have one each.
        if (whole.agree(output, expected, damaged.step(step, tensors, 1))
            && whole.agree(output, expected, damaged.step(step, tensors, 3))) {
          unnoticed.add(index + " " + text);
        }
      } catch (IllegalStateException fault) {
        assertThat(fault).hasMessageMatching("(?s)(Line|The program) .*");
      }
    }
    assertThat(tried).isGreaterThan(60);
    assertThat(unnoticed).as("of %d instructions", tried).isEmpty();
  }

  /** The layer's instructions without those that only choose where the first sums, unused, go. */
  private static List<Integer> instructions(Program program) {
    List<Integer> places = new ArrayList<>();
    List<Program.Entry> entries = program.entries();
    for (int index : GeneratedCodeTest.instructionsOf(program, "layer")) {
      boolean count = entries.get(index + 1).toString().startsWith("test r9");
      boolean first = false;
      for (int i = index; i >= 0 && !entries.get(i).toString().equals("block"); i--) {
        first |= entries.get(i).toString().equals("je no block");
      }
      if (!count && !first) {
        places.add(index);
      }
    }
    return places;
  }
}
