package org.sysmol.hardware.simulate;

import java.util.Arrays;
import org.sysmol.core.architecture.Core;

/**
 * Two levels of caches with write-back and least-recently-used replacement, and a prefetcher that
 * follows ascending streams. It says for each access where the data were; how long that takes is
 * {@link Pipeline}'s business.
 *
 * <p>What {@link #access} returns has the level in its lowest two bits, and above them the lines
 * that had to be moved between the second cache and memory because of the access: fetched,
 * prefetched and written back.
 */
final class CacheModel implements MemorySystem {
  /** In the first cache. */
  static final int L1 = 1;

  /** In the second cache. */
  static final int L2 = 2;

  /** In memory. */
  static final int MEMORY = 3;

  private static final int MOST_LINES = 31;

  private final Level l1;
  private final Level l2;
  private final int lineShift;
  private final int prefetchLines;
  private int moved;
  private long memoryLines;

  CacheModel(Core core) {
    l1 = new Level(core.l1());
    l2 = new Level(core.l2());
    lineShift = Integer.numberOfTrailingZeros(core.l1().lineBytes());
    prefetchLines = core.prefetchLines();
  }

  /** The level in what {@link #access} returned. */
  static int level(int code) {
    return code & 3;
  }

  /** The lines moved in what {@link #access} returned. */
  static int lines(int code) {
    return code >> 2;
  }

  /** Lines fetched from the second cache so far, prefetches included. */
  long l2Reads() {
    return l2.reads;
  }

  /** Lines written from the first cache to the second so far. */
  long l2Writes() {
    return l2.writes;
  }

  /** Lines moved between the second cache and memory so far. */
  long memoryLines() {
    return memoryLines;
  }

  @Override
  public int access(long address, int bytes, boolean store) {
    moved = 0;
    int level = L1;
    long last = (address + bytes - 1) >> lineShift;
    for (long line = address >> lineShift; line <= last; line++) {
      level = Math.max(level, demand(line, store));
    }
    memoryLines += moved;
    return level | Math.min(moved, MOST_LINES) << 2;
  }

  private int demand(long line, boolean store) {
    int place = l1.find(line);
    if (place >= 0) {
      boolean ahead = l1.touch(place, store);
      if (ahead) {
        prefetch(line);
      }
      return L1;
    }
    boolean stream = prefetchLines > 0 && l1.find(line - 1) >= 0;
    int level = fetch(line, store, false);
    if (stream) {
      prefetch(line);
    }
    return level;
  }

  private void prefetch(long line) {
    for (int k = 1; k <= prefetchLines; k++) {
      if (l1.find(line + k) < 0) {
        int ignored = fetch(line + k, false, true);
      }
    }
  }

  private int fetch(long line, boolean store, boolean ahead) {
    int level = L2;
    l2.reads++;
    int place = l2.find(line);
    if (place >= 0) {
      boolean ignored = l2.touch(place, false);
    } else {
      level = MEMORY;
      moved++;
      if (l2.insert(line, false, false)) {
        moved++;
      }
    }
    if (l1.insert(line, store, ahead)) {
      writeBack(l1.evicted);
    }
    return level;
  }

  private void writeBack(long line) {
    l2.writes++;
    int place = l2.find(line);
    if (place >= 0) {
      boolean ignored = l2.touch(place, true);
    } else if (l2.insert(line, true, false)) {
      moved++;
    }
  }

  /** One cache: in each set, ways from the most to the least recently used. */
  private static final class Level {
    private final int ways;
    private final long setMask;
    private final long[] lines;
    private final boolean[] dirty;
    private final boolean[] ahead;
    private long evicted;
    private long reads;
    private long writes;

    Level(Core.Cache cache) {
      ways = cache.ways();
      int sets = cache.kib() * 1024 / cache.lineBytes() / ways;
      setMask = sets - 1L;
      lines = new long[sets * ways];
      Arrays.fill(lines, -1);
      dirty = new boolean[lines.length];
      ahead = new boolean[lines.length];
    }

    int find(long line) {
      int set = (int) (line & setMask) * ways;
      for (int w = set; w < set + ways; w++) {
        if (lines[w] == line) {
          return w;
        }
      }
      return -1;
    }

    /** Makes a line the most recent one; says whether it was prefetched and not yet used. */
    boolean touch(int place, boolean store) {
      boolean wasAhead = ahead[place];
      front(place, lines[place], dirty[place] || store, false);
      return wasAhead;
    }

    /** Puts a line in; says whether a changed one had to go, which is then {@link #evicted}. */
    boolean insert(long line, boolean store, boolean prefetched) {
      int set = (int) (line & setMask) * ways;
      int last = set + ways - 1;
      evicted = lines[last];
      boolean changed = dirty[last] && evicted >= 0;
      front(last, line, store, prefetched);
      return changed;
    }

    private void front(int place, long line, boolean changed, boolean prefetched) {
      int set = place - place % ways;
      for (int w = place; w > set; w--) {
        lines[w] = lines[w - 1];
        dirty[w] = dirty[w - 1];
        ahead[w] = ahead[w - 1];
      }
      lines[set] = line;
      dirty[set] = changed;
      ahead[set] = prefetched;
    }
  }
}
