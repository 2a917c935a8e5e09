package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.Memory.mem;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Program;

/** An assembler with what all layers of a network share: the target, the table, constants. */
final class Emitter {
  final Assembler a;
  final Target target;
  final Table table;
  private final Map<String, Label> constants = new HashMap<>();

  Emitter(Target target, Table table) {
    this.target = target;
    this.table = table;
    a = new Assembler(target.features());
  }

  /** Loads an entry of the table. */
  void fromTable(GeneralRegister register, int entry) {
    a.mov(register, mem(RDI, entry));
  }

  /** The thread's scratch, {@code at} bytes behind its beginning. */
  Memory scratch(int at) {
    return mem(RDI, table.scratch() + at);
  }

  /** A vector of equal binary32 values. */
  Memory floats(float value) {
    return mem(
        constant(
            "f" + Float.floatToRawIntBits(value),
            name -> {
              float[] all = new float[target.lanes()];
              Arrays.fill(all, value);
              return a.constant(name, all);
            }));
  }

  /** A vector of equal 32-bit integers. */
  Memory integers(int value) {
    return mem(
        constant(
            "i" + value,
            name -> {
              int[] all = new int[target.lanes()];
              Arrays.fill(all, value);
              return a.constant(name, all);
            }));
  }

  /** A vector of 32-bit integers, known by a name. */
  Memory constants(String name, int... values) {
    return mem(constant(name, label -> a.constant(label, values)));
  }

  /** A vector of equal 16-bit integers. */
  Memory words(int value) {
    return integers(value << 16 | (value & 0xffff));
  }

  /** A vector of equal bytes. */
  Memory bytes(int value) {
    int two = (value & 0xff) << 8 | (value & 0xff);
    return integers(two << 16 | two);
  }

  /** Bytes repeated over all halves of 128 bits. */
  Memory shuffle(String name, int... control) {
    return mem(
        constant(
            name,
            label -> {
              byte[] all = new byte[target.vectorBytes()];
              for (int i = 0; i < all.length; i++) {
                all[i] = (byte) control[i % 16];
              }
              return a.constant(label, all);
            }));
  }

  /** A constant of any size, made at its first use. */
  Label table(String name, Supplier<byte[]> bytes) {
    return constant(name, label -> a.constant(label, bytes.get()));
  }

  private Label constant(String name, Function<String, Label> make) {
    Label known = constants.get(name);
    if (known == null) {
      known = make.apply(name);
      constants.put(name, known);
    }
    return known;
  }

  Program finish() {
    return a.finish();
  }
}
