package org.sysmol.core.file;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.sysmol.core.packed.PackedNetwork;

/** Files whose checksums agree but whose sections are malformed. */
final class StructureAttacks {
  private final PackedNetwork network;
  private final Forge forge;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private StructureAttacks(PackedNetwork network, Forge forge) {
    this.network = network;
    this.forge = forge;
  }

  /** The attacks by name. */
  static Map<String, byte[]> on(PackedNetwork network, Forge forge) {
    StructureAttacks attacks = new StructureAttacks(network, forge);
    attacks.all();
    return attacks.files;
  }

  private void add(String name, byte[] file) {
    if (files.put(name, file) != null) {
      throw new IllegalStateException(name + " exists twice");
    }
  }

  /** Lies in the four sections that no network in memory could carry. */
  private void all() {
    byte[] structure = forge.section("structure");
    add(
        "structure-cut",
        forge.withSection("structure", Arrays.copyOf(structure, structure.length - 1)));
    add(
        "structure-longer",
        forge.withSection("structure", Arrays.copyOf(structure, structure.length + 1)));
    add("structure-empty", forge.withSection("structure", new byte[0]));
    for (String name : List.of("weights", "affine", "bounds")) {
      byte[] bytes = forge.section(name);
      add(name + "-short", forge.withSection(name, Arrays.copyOf(bytes, bytes.length - 4)));
      add(name + "-longer", forge.withSection(name, Arrays.copyOf(bytes, bytes.length + 4)));
      add(name + "-empty", forge.withSection(name, new byte[0]));
    }
    structure("classes-65536-in-no-bytes", out -> out.varint(65536));
    structure(
        "class-name-too-long",
        out -> {
          out.varint(1);
          out.varint(1025);
        });
    structure(
        "tensors-65536-in-no-bytes",
        out -> {
          out.varint(0);
          out.varint(65536);
        });
    structure(
        "tensor-of-2-to-20-channels-in-no-bytes",
        out -> {
          tensors(out, 1, 1 << 20, 1, 1);
          out.u8(0);
          out.f32(1);
          out.varint(4L << 20);
        });
    structure("tensor-of-2-to-31-channels", out -> tensors(out, 1, 1L << 31, 1, 1));
    structure("tensor-without-rows", out -> tensors(out, 1, 1, 0, 1));
    structure(
        "tensor-encoding-unknown",
        out -> {
          tensors(out, 1, 1, 1, 1);
          out.u8(5);
        });
    structure(
        "precisions-run-too-long",
        out -> {
          tensors(out, 1, 4, 1, 1);
          out.u8(0);
          out.f32(1);
          out.varint(4 * 5);
        });
    structure(
        "precisions-run-of-none",
        out -> {
          tensors(out, 1, 4, 1, 1);
          out.u8(0);
          out.f32(1);
          out.varint(1);
        });
    structure(
        "precisions-of-8-bits",
        out -> {
          tensors(out, 1, 4, 1, 1);
          out.u8(0);
          out.f32(1);
          out.varint(4 * 4 + 3);
          out.u8(0);
        });
    structure(
        "step-kind-unknown",
        out -> {
          image(out);
          out.varint(1);
          out.u8(8);
          out.raw(new byte[9]);
        });
    structure(
        "table-in-no-bytes",
        out -> {
          image(out);
          out.varint(1);
          out.u8(7);
          out.name("n", "table");
          out.varint(0);
          out.varint(0);
          out.raw(new byte[9]);
        });
    structure(
        "step-writes-no-tensor",
        out -> {
          image(out);
          out.varint(1);
          out.u8(0);
          out.name("n", "q");
          out.varint(1);
        });
    structure(
        "window-of-65535-x-65535",
        out -> {
          image(out);
          convolution(out, 65535, 65535, 1);
        });
    structure(
        "window-of-16-million-cells",
        out -> {
          image(out);
          convolution(out, 4096, 4096, 1);
        });
    structure(
        "window-without-cells",
        out -> {
          image(out);
          convolution(out, 0, 1, 1);
        });
    structure(
        "groups-0",
        out -> {
          image(out);
          convolution(out, 1, 1, 0);
        });
    structure(
        "groups-that-do-not-divide",
        out -> {
          image(out);
          convolution(out, 1, 1, 2);
        });
    structure(
        "pool-of-16-million-factors-in-no-bytes",
        out -> {
          image(out);
          out.varint(1);
          out.u8(4);
          out.name("n", "pool");
          out.varint(0);
          out.varint(0);
          window(out, 4096, 4096);
          out.raw(new byte[3]);
        });
    structure(
        "registers-2-to-20-in-no-bytes",
        out -> {
          image(out);
          out.varint(0);
          out.varint(1);
          out.varint(0);
          out.varint(1 << 20);
        });
    structure(
        "goldens-65",
        out -> {
          image(out);
          out.varint(0);
          out.varint(0);
          out.varint(65);
        });
    structure(
        "goldens-64-in-no-bytes",
        out -> {
          image(out);
          out.varint(0);
          out.varint(0);
          out.varint(64);
        });
    alone(
        "without-steps",
        out -> {
          image(out);
          out.varint(0);
          out.varint(0);
          out.varint(0);
        });
    // A small file that asks for as much memory as it can: many tensors of many channels.
    alone(
        "many-wide-tensors",
        out -> {
          out.varint(0);
          out.varint(200);
          for (int i = 0; i < 200; i++) {
            out.name("n", "");
            out.varint(2);
            out.varint(65535);
            out.varint(2048);
            out.u8(2);
            out.f32(1);
            out.u8(0x40);
          }
          out.varint(1);
          out.u8(0);
          out.name("n", "q");
          out.varint(0);
          out.raw(new byte[2]);
        });
  }

  private void structure(String name, Consumer<RecordWriter> rest) {
    RecordWriter out = new RecordWriter();
    StructureWriter.preprocessing(out, network.preprocessing());
    rest.accept(out);
    add(name, forge.withSection("structure", out.bytes()));
  }

  /** The same with the other sections empty, so that nothing but the structure is at fault. */
  private void alone(String name, Consumer<RecordWriter> rest) {
    RecordWriter out = new RecordWriter();
    StructureWriter.preprocessing(out, network.preprocessing());
    rest.accept(out);
    byte[] none = {};
    add(
        name,
        forge.withSections(
            Map.of("structure", out.bytes(), "weights", none, "affine", none, "bounds", none)));
  }

  private static void tensors(RecordWriter out, int count, long channels, int rows, int columns) {
    out.varint(0);
    out.varint(count);
    out.name("name", "t");
    out.varint(channels);
    out.varint(rows);
    out.varint(columns);
  }

  private void image(RecordWriter out) {
    tensors(out, 1, 3, network.image().height(), network.image().width());
    out.u8(3);
    out.f32(1);
    out.u8(0b00011000);
  }

  private static void convolution(RecordWriter out, int rows, int columns, int groups) {
    out.varint(1);
    out.u8(1);
    out.name("n", "conv");
    out.varint(0);
    out.varint(0);
    window(out, rows, columns);
    out.varint(groups);
    out.raw(new byte[2]);
  }

  private static void window(RecordWriter out, int rows, int columns) {
    out.varint(rows);
    out.varint(columns);
    out.raw(new byte[] {1, 1, 1, 1, 0, 0});
  }
}
