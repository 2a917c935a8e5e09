package org.sysmol.runtime.x86;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Gathers instructions into a {@link Program}.
 *
 * <pre>{@code
 * Assembler a = new Assembler(features);
 * Label loop = a.label("loop");
 * a.bind(loop);
 * a.vmovdqu(ymm(0), mem(RSI, 32));
 * a.vpmaddubsw(ymm(1), ymm(0), mem(RDX));
 * a.sub(RCX, 1);
 * a.jne(loop);
 * a.vzeroupper();
 * a.ret();
 * Program program = a.finish();
 * }</pre>
 *
 * <p>There is one method per instruction, and {@link #emit} for code that chooses the instruction.
 * A register with a mask is written {@code zmm(3).merged(k(1))} or {@code zmm(3).zeroed(k(1))}, an
 * element repeated over all lanes {@code mem(RSI).broadcast()}. Not thread-safe.
 */
public final class Assembler extends TileInstructions {
  private final Set<Feature> allowed;
  private final List<Program.Entry> entries = new ArrayList<>();
  private final List<Program.Constant> constants = new ArrayList<>();
  private final Set<Label> bound = new HashSet<>();
  private final Set<Label> named = new LinkedHashSet<>();
  private final FormCache forms;

  /**
   * An assembler for processors that have {@code allowed}. Where an instruction has an older and a
   * newer encoding, the first that is allowed is taken.
   */
  public Assembler(Set<Feature> allowed) {
    EnumSet<Feature> features = EnumSet.of(Feature.X86_64);
    features.addAll(allowed);
    this.allowed = Collections.unmodifiableSet(features);
    forms = new FormCache(this.allowed);
  }

  /** The extensions that instructions may need. */
  public Set<Feature> allowed() {
    return allowed;
  }

  @Override
  public void emit(Mnemonic mnemonic, Operand... operands) {
    entries.add(forms.make(mnemonic, operands));
    for (Operand operand : operands) {
      Label label = operand instanceof Memory memory ? memory.label() : null;
      label = operand instanceof Label target ? target : label;
      if (label != null) {
        named.add(label);
      }
    }
  }

  /** A new label, to be bound now or later. */
  public Label label(String name) {
    return new Label(name);
  }

  /** Puts {@code label} here. */
  public void bind(Label label) {
    if (!bound.add(label)) {
      throw new IllegalStateException("The label " + label + " has two places.");
    }
    entries.add(label);
  }

  /** A new label, bound here. */
  public Label here(String name) {
    Label label = new Label(name);
    bind(label);
    return label;
  }

  /** Fills up to a multiple of {@code bytes}, a power of two of at most 64. */
  public void align(int bytes) {
    entries.add(new Program.Alignment(bytes));
  }

  /** Words for whoever reads the listing. */
  public void comment(String text) {
    entries.add(new Program.Comment(text));
  }

  /** Bytes behind the code, aligned to 64, read through {@code mem(label)}. */
  public Label constant(String name, byte[] bytes) {
    Label label = new Label(name);
    bound.add(label);
    constants.add(new Program.Constant(label, bytes.clone(), 64));
    return label;
  }

  /** 32-bit values behind the code, aligned to 64, read through {@code mem(label)}. */
  public Label constant(String name, int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(values);
    return constant(name, buffer.array());
  }

  /** binary32 values behind the code, aligned to 64, read through {@code mem(label)}. */
  public Label constant(String name, float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return constant(name, buffer.array());
  }

  /** Loads a vector of any width from memory of any alignment. */
  public void load(VectorRegister destination, Memory source) {
    emit(evexOnly(destination) ? Mnemonic.VMOVDQU32 : Mnemonic.VMOVDQU, destination, source);
  }

  /** Stores a vector of any width to memory of any alignment. */
  public void store(Memory destination, VectorRegister source) {
    emit(evexOnly(source) ? Mnemonic.VMOVDQU32 : Mnemonic.VMOVDQU, destination, source);
  }

  /** Copies a vector of any width. */
  public void copy(VectorRegister destination, VectorRegister source) {
    boolean evex = evexOnly(destination, source);
    emit(evex ? Mnemonic.VMOVDQA32 : Mnemonic.VMOVDQA, destination, source);
  }

  /** Sets a vector to zero by the shortest idiom that processors know. */
  public void zero(VectorRegister destination) {
    if (destination.index() < 16) {
      VectorRegister low = destination.as(128);
      vpxor(low, low, low);
    } else {
      vpxord(destination, destination, destination);
    }
  }

  /** Bitwise and, at any width. */
  public void bitAnd(VectorRegister destination, VectorRegister source, Operand second) {
    boolean evex = evexOnly(destination, source, second);
    emit(evex ? Mnemonic.VPANDD : Mnemonic.VPAND, destination, source, second);
  }

  /** {@code second & ~source}, at any width. */
  public void bitAndNot(VectorRegister destination, VectorRegister source, Operand second) {
    boolean evex = evexOnly(destination, source, second);
    emit(evex ? Mnemonic.VPANDND : Mnemonic.VPANDN, destination, source, second);
  }

  /** Bitwise or, at any width. */
  public void bitOr(VectorRegister destination, VectorRegister source, Operand second) {
    boolean evex = evexOnly(destination, source, second);
    emit(evex ? Mnemonic.VPORD : Mnemonic.VPOR, destination, source, second);
  }

  /** Bitwise exclusive or, at any width. */
  public void bitXor(VectorRegister destination, VectorRegister source, Operand second) {
    boolean evex = evexOnly(destination, source, second);
    emit(evex ? Mnemonic.VPXORD : Mnemonic.VPXOR, destination, source, second);
  }

  /** Whether only AVX-512 can address these operands. */
  private static boolean evexOnly(Operand... operands) {
    for (Operand operand : operands) {
      if (operand instanceof VectorRegister register
          && (register.bits() == 512 || register.index() > 15)) {
        return true;
      }
      if (operand instanceof Memory memory && memory.repeated()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The program so far.
   *
   * @throws IllegalStateException if an instruction names a label that was never bound
   */
  public Program finish() {
    for (Label label : named) {
      if (!bound.contains(label)) {
        throw new IllegalStateException("The label " + label + " was never bound.");
      }
    }
    return new Program(entries, constants);
  }
}
