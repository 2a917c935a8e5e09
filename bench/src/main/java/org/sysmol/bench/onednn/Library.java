package org.sysmol.bench.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_SCALES;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_impl_info_str;
import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.SysmolException;

/**
 * The C functions of oneDNN that a network needs, called directly, with every status checked. The
 * class path has the library and the constants; its Java binding is not used, since that wants
 * OpenCL. What is made here lives as long as the process.
 */
final class Library {
  private static final String RESOURCES = "/org/bytedeco/dnnl/linux-x86_64/";
  private static final int DIMENSIONS = 12;

  /** No two buffers share a page. */
  private static final long ALIGNMENT = 4096;

  private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;
  private static final long ARGUMENT_BYTES = 16;

  private final Arena arena = Arena.global();
  private final SymbolLookup symbols;
  private final MethodHandle execute;
  private final MethodHandle await;
  private final MemorySegment engine;
  private final MemorySegment stream;
  private final List<MemorySegment> free = new ArrayList<>();

  /** Memory with a layout. */
  record Memory(MemorySegment handle, MemorySegment layout, MemorySegment data) {}

  /**
   * A primitive bound to its memories, ready to run any number of times.
   *
   * @param implementation the library's name of what it chose
   */
  record Call(
      String name,
      String implementation,
      long macs,
      MemorySegment primitive,
      MemorySegment arguments,
      int count) {}

  /**
   * Loads the library.
   *
   * @param folder for its files; those that are there already are taken, so no two processes may
   *     start with the same folder at once
   */
  Library(Path folder) {
    // The library finds its OpenMP beside itself.
    unpack(folder, "libgomp.so.1");
    symbols = SymbolLookup.libraryLookup(unpack(folder, "libdnnl.so.3"), arena);
    execute = handle("dnnl_primitive_execute", ADDRESS, ADDRESS, ValueLayout.JAVA_INT, ADDRESS);
    await = handle("dnnl_stream_wait", ADDRESS);
    engine = made("dnnl_engine_create", dnnl_cpu, 0L);
    stream = made("dnnl_stream_create", engine, dnnl_stream_default_flags);
  }

  private static Path unpack(Path folder, String name) {
    Path file = folder.resolve(name);
    if (Files.exists(file)) {
      return file;
    }
    try (InputStream in = Library.class.getResourceAsStream(RESOURCES + name)) {
      if (in == null) {
        throw SysmolException.failed(
            "The class path lacks oneDNN's " + name + "; build sysmol again.");
      }
      Files.copy(in, file);
      return file;
    } catch (IOException e) {
      throw SysmolException.failed("oneDNN can't be unpacked to " + folder + " (" + e + ").", e);
    }
  }

  private MethodHandle handle(String function, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.findOrThrow(function), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }

  private static MemoryLayout[] layouts(Object[] arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] =
          switch (arguments[i]) {
            case Integer _ -> ValueLayout.JAVA_INT;
            case Long _ -> ValueLayout.JAVA_LONG;
            case Float _ -> ValueLayout.JAVA_FLOAT;
            default -> ADDRESS;
          };
    }
    return layouts;
  }

  /** Arrays of sizes become what the library calls {@code dnnl_dims_t}. */
  private Object[] natives(Object[] arguments) {
    Object[] result = arguments.clone();
    for (int i = 0; i < result.length; i++) {
      if (result[i] instanceof long[] sizes) {
        MemorySegment segment = arena.allocate(ValueLayout.JAVA_LONG, DIMENSIONS);
        MemorySegment.copy(sizes, 0, segment, ValueLayout.JAVA_LONG, 0, sizes.length);
        result[i] = segment;
      }
    }
    return result;
  }

  /** Calls a function that returns an integer. */
  private int ask(String function, Object... arguments) {
    Object[] given = natives(arguments);
    try {
      return (int) handle(function, layouts(given)).invokeWithArguments(given);
    } catch (Throwable e) {
      throw new IllegalStateException(function, e);
    }
  }

  /** Calls a function that returns a status. */
  void invoke(String function, Object... arguments) {
    check(ask(function, arguments), function);
  }

  /** Calls a function whose first argument receives what it makes. */
  MemorySegment made(String function, Object... arguments) {
    MemorySegment out = arena.allocate(ADDRESS);
    Object[] all = new Object[arguments.length + 1];
    all[0] = out;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    invoke(function, all);
    return out.get(ADDRESS, 0);
  }

  private static void check(int status, String what) {
    if (status != dnnl_success) {
      throw SysmolException.failed("oneDNN's " + what + " failed with status " + status + ".");
    }
  }

  MemorySegment engine() {
    return engine;
  }

  /** The library's number of the instruction set that it is capped to. */
  int instructions() {
    return ask("dnnl_get_effective_cpu_isa");
  }

  MemorySegment layout(int type, int tag, long... sizes) {
    return made("dnnl_memory_desc_create_with_tag", sizes.length, sizes, type, tag);
  }

  boolean same(MemorySegment a, MemorySegment b) {
    return ask("dnnl_memory_desc_equal", a, b) != 0;
  }

  /** The layout that a described primitive has chosen. */
  MemorySegment chosen(MemorySegment described, int what) {
    MethodHandle query =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.findOrThrow("dnnl_primitive_desc_query_md"),
                FunctionDescriptor.of(
                    ADDRESS, ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      return (MemorySegment) query.invokeExact(described, what, 0);
    } catch (Throwable e) {
      throw new IllegalStateException("dnnl_primitive_desc_query_md", e);
    }
  }

  private long size(MemorySegment layout) {
    MethodHandle size =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.findOrThrow("dnnl_memory_desc_get_size"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ADDRESS));
    try {
      return Math.max(1, (long) size.invokeExact(layout));
    } catch (Throwable e) {
      throw new IllegalStateException("dnnl_memory_desc_get_size", e);
    }
  }

  /** Memory that takes the place of what was released if that is large enough. */
  Memory memory(MemorySegment layout) {
    long size = size(layout);
    MemorySegment best = null;
    for (MemorySegment segment : free) {
      boolean fits = segment.byteSize() >= size;
      if (fits && (best == null || segment.byteSize() < best.byteSize())) {
        best = segment;
      }
    }
    if (best == null) {
      return permanent(layout);
    }
    free.remove(best);
    return over(layout, best);
  }

  /** Memory of its own. */
  Memory permanent(MemorySegment layout) {
    return over(layout, arena.allocate(size(layout), ALIGNMENT));
  }

  /** Lets later memories take this one's place. */
  void release(Memory memory) {
    free.add(memory.data());
  }

  /** The same place seen with another layout. */
  Memory over(MemorySegment layout, MemorySegment data) {
    return new Memory(made("dnnl_memory_create", layout, engine, data), layout, data);
  }

  /** Memory of floats that is never released. */
  Memory floats(int tag, float[] values, long... sizes) {
    MemorySegment data = arena.allocate(4L * values.length, 64);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
    return over(layout(dnnl_f32, tag, sizes), data);
  }

  /** Memory of signed bytes that is never released. */
  Memory bytes(int tag, byte[] values, long... sizes) {
    MemorySegment data = arena.allocate(values.length, 64);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_BYTE, 0, values.length);
    return over(layout(dnnl_s8, tag, sizes), data);
  }

  /** Binds a described primitive to its memories, by argument. */
  Call call(String name, long macs, MemorySegment described, Map<Integer, Memory> memories) {
    MemorySegment arguments = arena.allocate(ARGUMENT_BYTES * memories.size(), 8);
    int i = 0;
    for (Map.Entry<Integer, Memory> entry : memories.entrySet()) {
      arguments.set(ValueLayout.JAVA_INT, ARGUMENT_BYTES * i, entry.getKey());
      arguments.set(ADDRESS, ARGUMENT_BYTES * i + 8, entry.getValue().handle());
      i++;
    }
    MemorySegment text = arena.allocate(ADDRESS);
    invoke("dnnl_primitive_desc_query", described, dnnl_query_impl_info_str, 0, text);
    String implementation = text.get(ADDRESS, 0).reinterpret(Long.MAX_VALUE).getString(0);
    MemorySegment primitive = made("dnnl_primitive_create", described);
    return new Call(name, implementation, macs, primitive, arguments, memories.size());
  }

  /**
   * A copy from one layout to another.
   *
   * @param scale value of one unit of {@code to}; 1 copies integers as they are
   */
  Call reorder(String name, Memory from, Memory to, float scale) {
    Map<Integer, Memory> memories = new LinkedHashMap<>();
    memories.put(DNNL_ARG_FROM, from);
    memories.put(DNNL_ARG_TO, to);
    MemorySegment attributes = made("dnnl_primitive_attr_create");
    if (scale != 1f) {
      scale(attributes, memories, DNNL_ARG_DST, 0, scale);
    }
    MemorySegment described =
        made(
            "dnnl_reorder_primitive_desc_create",
            from.layout(),
            engine,
            to.layout(),
            engine,
            attributes);
    return call(name, 0, described, memories);
  }

  /** Gives an argument scales: one, or by output channel. */
  void scale(
      MemorySegment attributes,
      Map<Integer, Memory> memories,
      int argument,
      int mask,
      float... scales) {
    invoke("dnnl_primitive_attr_set_scales_mask", attributes, argument, mask);
    memories.put(DNNL_ARG_ATTR_SCALES | argument, floats(dnnl_x, scales, scales.length));
  }

  void start(Call call) {
    int status;
    try {
      status = (int) execute.invokeExact(call.primitive(), stream, call.count(), call.arguments());
    } catch (Throwable e) {
      throw new IllegalStateException("dnnl_primitive_execute", e);
    }
    check(status, call.name());
  }

  void await() {
    int status;
    try {
      status = (int) await.invokeExact(stream);
    } catch (Throwable e) {
      throw new IllegalStateException("dnnl_stream_wait", e);
    }
    check(status, "dnnl_stream_wait");
  }
}
