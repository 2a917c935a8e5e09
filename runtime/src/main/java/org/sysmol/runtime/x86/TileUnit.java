package org.sysmol.runtime.x86;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.runtime.x86.TileConfiguration.Shape;

/**
 * The tiles of the interpreted processor and the instructions on them.
 *
 * <p>What makes the processor fault is an error here: no configuration, a tile that is not
 * configured, shapes that do not belong together. So are configurations that start amid a tile,
 * which only an interrupted load leaves behind.
 */
final class TileUnit {
  private static final Set<Mnemonic> OWN =
      EnumSet.of(
          Mnemonic.LDTILECFG,
          Mnemonic.STTILECFG,
          Mnemonic.TILERELEASE,
          Mnemonic.TILEZERO,
          Mnemonic.TILELOADD,
          Mnemonic.TILELOADDT1,
          Mnemonic.TILESTORED,
          Mnemonic.TDPBUSD,
          Mnemonic.TDPBSSD,
          Mnemonic.TDPBSUD,
          Mnemonic.TDPBUUD);

  private final MachineState state;
  private final byte[][][] tiles =
      new byte[TileConfiguration.TILES][TileConfiguration.MOST_ROWS]
          [TileConfiguration.MOST_ROW_BYTES];
  private @Nullable TileConfiguration configuration;

  TileUnit(MachineState state) {
    this.state = state;
  }

  /** Whether {@code mnemonic} works on tiles. */
  static boolean executes(Mnemonic mnemonic) {
    return OWN.contains(mnemonic);
  }

  /** Whether tiles are in use. */
  boolean configured() {
    return configuration != null;
  }

  void execute(Instruction instruction) {
    switch (instruction.mnemonic()) {
      case LDTILECFG -> configure(instruction);
      case STTILECFG -> {
        byte[] bytes =
            configuration == null ? new byte[TileConfiguration.BYTES] : configuration.bytes();
        state.memory.write(address(instruction, 0), bytes, 0, bytes.length);
      }
      case TILERELEASE -> release();
      case TILEZERO -> {
        TileRegister tile = tile(instruction, 0);
        shape(tile);
        clear(tile.index(), 0);
      }
      case TILELOADD, TILELOADDT1 -> load(instruction);
      case TILESTORED -> store(instruction);
      case TDPBUSD -> product(instruction, false, true);
      case TDPBSSD -> product(instruction, true, true);
      case TDPBSUD -> product(instruction, true, false);
      case TDPBUUD -> product(instruction, false, false);
      default -> throw new IllegalStateException("cannot be interpreted");
    }
  }

  private static TileRegister tile(Instruction instruction, int index) {
    return (TileRegister) instruction.operands().get(index);
  }

  private long address(Instruction instruction, int index) {
    return state.address((Memory) instruction.operands().get(index));
  }

  private Shape shape(TileRegister tile) {
    if (configuration == null) {
      throw new IllegalStateException("needs a tile configuration, but there is none");
    }
    Shape shape = configuration.shape(tile);
    if (shape.rows() == 0) {
      throw new IllegalStateException("uses " + tile + ", which is not configured");
    }
    return shape;
  }

  private void clear(int tile, int fromRow) {
    for (int row = fromRow; row < TileConfiguration.MOST_ROWS; row++) {
      Arrays.fill(tiles[tile][row], (byte) 0);
    }
  }

  private void release() {
    configuration = null;
    for (int i = 0; i < TileConfiguration.TILES; i++) {
      clear(i, 0);
    }
  }

  /** Every new configuration clears all tiles; palette 0 is none. */
  private void configure(Instruction instruction) {
    byte[] bytes = new byte[TileConfiguration.BYTES];
    state.memory.read(address(instruction, 0), bytes, 0, bytes.length);
    TileConfiguration read = null;
    if (bytes[0] != 0) {
      try {
        read = TileConfiguration.read(bytes);
      } catch (IllegalArgumentException wrong) {
        String sentence = String.valueOf(wrong.getMessage());
        throw new IllegalStateException(
            "reads a wrong configuration: " + sentence.substring(0, sentence.length() - 1), wrong);
      }
    }
    release();
    configuration = read;
  }

  /** The distance of two rows: the index register, scaled. */
  private long stride(Memory place) {
    GeneralRegister index = place.index();
    if (index == null) {
      throw new IllegalStateException("has no stride");
    }
    return state.general(index) * place.scale();
  }

  private void load(Instruction instruction) {
    TileRegister tile = tile(instruction, 0);
    Shape shape = shape(tile);
    Memory place = (Memory) instruction.operands().get(1);
    long stride = stride(place);
    long start = state.address(place) - stride;
    byte[][] rows = tiles[tile.index()];
    for (int row = 0; row < shape.rows(); row++) {
      state.memory.read(start + row * stride, rows[row], 0, shape.rowBytes());
      Arrays.fill(rows[row], shape.rowBytes(), TileConfiguration.MOST_ROW_BYTES, (byte) 0);
    }
    clear(tile.index(), shape.rows());
  }

  private void store(Instruction instruction) {
    TileRegister tile = tile(instruction, 1);
    Shape shape = shape(tile);
    Memory place = (Memory) instruction.operands().get(0);
    long stride = stride(place);
    long start = state.address(place) - stride;
    for (int row = 0; row < shape.rows(); row++) {
      byte[] bytes = tiles[tile.index()][row];
      state.memory.write(start + row * stride, bytes, 0, shape.rowBytes());
    }
  }

  /** Adds four products at a time to each 32-bit sum, which wraps. */
  private void product(Instruction instruction, boolean signedRows, boolean signedColumns) {
    TileRegister sums = tile(instruction, 0);
    TileRegister left = tile(instruction, 1);
    TileRegister right = tile(instruction, 2);
    Shape shape = shape(sums);
    Shape rows = shape(left);
    Shape columns = shape(right);
    if (sums.equals(left) || sums.equals(right) || left.equals(right)) {
      throw new IllegalStateException("needs three different tiles");
    }
    if (shape.rowBytes() % 4 != 0
        || rows.rowBytes() % 4 != 0
        || shape.rows() != rows.rows()
        || rows.rowBytes() / 4 != columns.rows()
        || shape.rowBytes() != columns.rowBytes()) {
      throw new IllegalStateException(
          "has tiles that do not belong together: "
              + text(sums, shape)
              + ", "
              + text(left, rows)
              + ", "
              + text(right, columns));
    }
    for (int m = 0; m < shape.rows(); m++) {
      byte[] out = tiles[sums.index()][m];
      byte[] a = tiles[left.index()][m];
      for (int n = 0; n < shape.rowBytes() / 4; n++) {
        int sum = Lanes.dword(out, n);
        for (int k = 0; k < rows.rowBytes(); k++) {
          byte b = tiles[right.index()][k / 4][4 * n + k % 4];
          sum += (signedRows ? a[k] : a[k] & 0xFF) * (signedColumns ? b : b & 0xFF);
        }
        Lanes.set(out, 32, n, sum);
      }
      Arrays.fill(out, shape.rowBytes(), TileConfiguration.MOST_ROW_BYTES, (byte) 0);
    }
    clear(sums.index(), shape.rows());
  }

  private static String text(TileRegister tile, Shape shape) {
    return tile + " with " + shape.rows() + " rows of " + shape.rowBytes() + " bytes";
  }
}
