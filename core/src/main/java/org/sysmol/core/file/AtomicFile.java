package org.sysmol.core.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.sysmol.core.SysmolException;

/**
 * Writes files that are either whole or not there: under a temporary name in the same directory,
 * synced to the disk, renamed in one step, and the directory synced too.
 *
 * <p>Whatever goes wrong, the temporary file is removed and an older file of the final name stays
 * as it was. Only a killed process can leave its temporary file behind; the next writing of the
 * same name removes it. A device or pipe is written to directly, since it can't be replaced; a
 * symbolic link stays and the file that it points to is replaced.
 */
public final class AtomicFile {
  private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();
  private static final AtomicLong COUNTER = new AtomicLong();

  /** Writes the contents. */
  @FunctionalInterface
  public interface Contents {
    /** Writes all bytes to {@code channel}, in order, and does not close it. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /** Writes bytes. */
  public static void write(Path path, byte[] bytes) {
    write(path, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Writes a file, replacing one of that name.
   *
   * @throws SysmolException (failed) with one sentence if the directory is missing, the file can't
   *     be written or the disk is full; nothing half-written stays
   */
  public static void write(Path path, Contents contents) {
    try {
      if (Files.isDirectory(path)) {
        throw SysmolException.failed(
            path + " can't be written because it is a directory; choose another name.");
      }
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
          contents.writeTo(channel);
        }
        return;
      }
      replace(Files.exists(path) ? path.toRealPath() : path.toAbsolutePath(), contents);
    } catch (IOException e) {
      throw SysmolException.failed(sentence(path, e), e);
    }
  }

  /** Writes all of {@code bytes}; a channel may take them in portions. */
  static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void replace(Path target, Contents contents) throws IOException {
    Path directory = target.getParent();
    Path name = target.getFileName();
    if (directory == null || name == null) {
      throw new IOException("it names no file");
    }
    removeLeftovers(directory, name.toString());
    Path temporary =
        directory.resolve(
            prefix(name.toString())
                + ProcessHandle.current().pid()
                + "-"
                + COUNTER.incrementAndGet()
                + SUFFIX);
    IN_USE.add(temporary);
    boolean renamed = false;
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        contents.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      renamed = true;
    } finally {
      if (!renamed) {
        Files.deleteIfExists(temporary);
      }
      IN_USE.remove(temporary);
    }
    // Only POSIX lets a directory be opened; elsewhere the rename is as durable as it gets.
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static final String SUFFIX = ".partial";

  private static String prefix(String name) {
    return "." + name + ".";
  }

  /** Deletes temporary files of the same name whose process has ended. */
  private static void removeLeftovers(Path directory, String name) throws IOException {
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(directory, entry -> isLeftover(entry, name))) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    }
  }

  private static boolean isLeftover(Path entry, String name) {
    String file = entry.getFileName().toString();
    String prefix = prefix(name);
    if (!file.startsWith(prefix) || !file.endsWith(SUFFIX) || IN_USE.contains(entry)) {
      return false;
    }
    if (file.length() < prefix.length() + SUFFIX.length()) {
      return false;
    }
    String middle = file.substring(prefix.length(), file.length() - SUFFIX.length());
    if (!middle.matches("[0-9]{1,18}-[0-9]{1,18}")) {
      return false;
    }
    long process = Long.parseLong(middle.substring(0, middle.indexOf('-')));
    return process == ProcessHandle.current().pid() || ProcessHandle.of(process).isEmpty();
  }

  private static String sentence(Path path, IOException e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof NoSuchFileException) {
      return path
          + " can't be written because the directory "
          + path.toAbsolutePath().getParent()
          + " does not exist; create it or choose another path.";
    }
    if (e instanceof AccessDeniedException) {
      return path
          + " can't be written for lack of permission; change the directory's permissions or choose"
          + " another path.";
    }
    if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
      return path
          + " can't be written because the disk is full; free some space or choose another path.";
    }
    return path + " can't be written (" + message + "); choose another path and try again.";
  }
}
