package org.sysmol.core.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Bytes of known length that can be read from any position. */
sealed interface ByteSource extends Closeable {
  /** Number of bytes. */
  long length();

  /** Fills {@code into} from {@code position} on; the caller has checked the range. */
  void read(long position, ByteBuffer into) throws IOException;

  /** Bytes in memory, or a mapped file. */
  record Memory(ByteBuffer bytes) implements ByteSource {
    @Override
    public long length() {
      return bytes.remaining();
    }

    @Override
    public void read(long position, ByteBuffer into) {
      into.put(bytes.slice(bytes.position() + Math.toIntExact(position), into.remaining()));
    }

    @Override
    public void close() {}
  }

  /** An open file; its length is taken once, so a file that shrinks meanwhile ends in an error. */
  record Disk(FileChannel channel, long length) implements ByteSource {
    @Override
    public void read(long position, ByteBuffer into) throws IOException {
      long at = position;
      while (into.hasRemaining()) {
        int count = channel.read(into, at);
        if (count < 0) {
          throw new EOFException("the file became shorter while it was read");
        }
        at += count;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
