package org.sysmol.runtime.x86;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory that an interpreted program may touch: named regions, and nothing between them.
 *
 * <p>Native memory keeps its address, so the arguments of a native call serve an interpreted one as
 * well; arrays get addresses that no native memory has.
 */
public final class InterpretedMemory {
  /** Where arrays are placed: outside of what a process can map. */
  private static final long FIRST_VIRTUAL = 1L << 56;

  /** Unmapped bytes between two arrays, so that running over one never reaches another. */
  private static final long GAP = 1 << 20;

  private record Region(String name, long address, MemorySegment segment, boolean writable) {
    boolean contains(long from, long bytes) {
      return from >= address && bytes <= segment.byteSize() - (from - address);
    }
  }

  private final List<Region> regions = new ArrayList<>();
  private long nextVirtual = FIRST_VIRTUAL;

  /** An empty memory. */
  public InterpretedMemory() {}

  /** A memory with the regions of {@code other}, to which more can be added. */
  InterpretedMemory(InterpretedMemory other) {
    regions.addAll(other.regions);
    nextVirtual = other.nextVirtual;
  }

  /** Adds memory that may be read; returns its address. */
  public long readable(String name, MemorySegment segment) {
    return add(name, segment, false);
  }

  /** Adds memory that may be read and written; returns its address. */
  public long writable(String name, MemorySegment segment) {
    return add(name, segment, true);
  }

  private long add(String name, MemorySegment segment, boolean writable) {
    long address = segment.address();
    if (!segment.isNative()) {
      address = nextVirtual;
      nextVirtual += (segment.byteSize() + 2 * GAP) / GAP * GAP;
    }
    regions.add(new Region(name, address, segment, writable));
    return address;
  }

  /** Reads {@code count} bytes at {@code address} into {@code bytes} from {@code offset} on. */
  void read(long address, byte[] bytes, int offset, int count) {
    Region region = region(address, count, "reads");
    MemorySegment.copy(
        region.segment(), ValueLayout.JAVA_BYTE, address - region.address(), bytes, offset, count);
  }

  /** Writes {@code count} of {@code bytes} from {@code offset} on to {@code address}. */
  void write(long address, byte[] bytes, int offset, int count) {
    Region region = region(address, count, "writes");
    if (!region.writable()) {
      throw new IllegalStateException(
          "writes "
              + count
              + " bytes at offset "
              + (address - region.address())
              + " of '"
              + region.name()
              + "', which may only be read");
    }
    MemorySegment.copy(
        bytes, offset, region.segment(), ValueLayout.JAVA_BYTE, address - region.address(), count);
  }

  private Region region(long address, int count, String verb) {
    for (Region region : regions) {
      if (region.contains(address, count)) {
        return region;
      }
    }
    StringBuilder message = new StringBuilder(verb).append(' ').append(count).append(" bytes at ");
    message.append("0x").append(Long.toHexString(address)).append(", outside of every region");
    for (Region region : regions) {
      long offset = address - region.address();
      if (offset > -GAP && offset < region.segment().byteSize() + GAP) {
        message.append("; that is offset ").append(offset).append(" of '").append(region.name());
        message.append("', which has ").append(region.segment().byteSize()).append(" bytes");
      }
    }
    throw new IllegalStateException(message.toString());
  }
}
