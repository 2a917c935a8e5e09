package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;

class CheckpointFileTest {
  @TempDir Path directory;

  private static Checkpoint sample(int size) {
    Random random = new Random(size);
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = Float.intBitsToFloat(random.nextInt());
    }
    return new Checkpoint()
        .put("epoch", "7")
        .put("empty", "")
        .put("floats", floats)
        .put("doubles", random.doubles(size).toArray())
        .put("ints", random.ints(size).toArray())
        .put("longs", random.longs(size).toArray())
        .put("bytes", bytes);
  }

  @Test
  void roundTripsArraysOfEveryTypeAndSize() {
    // Sizes around the pieces of 64 KiB in which files are read and written.
    for (int size : new int[] {0, 1, 3, 8191, 8192, 8193, 16384, 16385, 65536, 65537, 200_001}) {
      Checkpoint checkpoint = sample(size);
      Path file = directory.resolve("checkpoint");
      CheckpointFile.write(checkpoint, file);
      Checkpoint back = CheckpointFile.read(file);
      assertThat(back.facts()).isEqualTo(checkpoint.facts());
      assertThat(back.arrayNames()).containsExactly("floats", "doubles", "ints", "longs", "bytes");
      float[] floats = back.floats("floats");
      assertThat(floats).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(Float.floatToRawIntBits(floats[i]))
            .isEqualTo(Float.floatToRawIntBits(checkpoint.floats("floats")[i]));
      }
      assertThat(back.doubles("doubles")).isEqualTo(checkpoint.doubles("doubles"));
      assertThat(back.ints("ints")).isEqualTo(checkpoint.ints("ints"));
      assertThat(back.longs("longs")).isEqualTo(checkpoint.longs("longs"));
      assertThat(back.bytes("bytes")).isEqualTo(checkpoint.bytes("bytes"));
      assertThat(CheckpointFile.bytes(back)).isEqualTo(CheckpointFile.bytes(checkpoint));
    }
  }

  @Test
  void noticesEveryFlippedByteAndEveryCut() {
    byte[] good = CheckpointFile.bytes(sample(5));
    for (int i = 0; i < good.length; i++) {
      byte[] flipped = good.clone();
      flipped[i] ^= 0x10;
      byte[] cut = java.util.Arrays.copyOf(good, i);
      for (byte[] bad : new byte[][] {flipped, cut}) {
        assertThatThrownBy(() -> CheckpointFile.read(bad, "c"))
            .isInstanceOf(SysmolException.class)
            .hasCauseInstanceOf(FileProblem.class);
      }
    }
  }

  @Test
  void namesWhatIsMissing() {
    Checkpoint back = CheckpointFile.read(CheckpointFile.bytes(sample(2)), "run/checkpoint");
    String end = ", so it belongs to another run; delete it to start the run anew.";
    assertThatThrownBy(() -> back.fact("seed"))
        .hasMessage("run/checkpoint has no fact called seed" + end);
    assertThatThrownBy(() -> back.floats("ints"))
        .hasMessage("run/checkpoint has no float[] array called ints" + end);
    assertThat(back.findFact("seed")).isEmpty();
  }

  @Test
  void namesWhyAFileCannotBeRead() throws Exception {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> CheckpointFile.read(missing))
        .hasMessage(missing + " does not exist; give the path of a checkpoint.");
    assertThatThrownBy(() -> CheckpointFile.read(directory))
        .hasMessage(directory + " is a directory; give the path of a checkpoint file.");
    Path none = Files.createFile(directory.resolve("none"));
    assertThatThrownBy(() -> CheckpointFile.read(none))
        .hasMessage(
            none
                + " is not a valid checkpoint: it is 0 bytes long where the shortest one has 64;"
                + " delete it to start the run anew, or copy the file again.");
  }

  @Test
  void refusesToWriteWhatItCouldNotReadAgain() {
    Path file = directory.resolve("c");
    assertThatThrownBy(
            () -> CheckpointFile.write(new Checkpoint().put("x".repeat(1025), "y"), file))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("is 1025 bytes long, but a file holds at most 1024; shorten it.");
    assertThatThrownBy(() -> CheckpointFile.write(new Checkpoint().put("x", "\ud800"), file))
        .hasMessage(
            "The metadata value of x is no valid Unicode text, so it can't be written; rename it.");
    assertThat(directory).isEmptyDirectory();
  }
}
