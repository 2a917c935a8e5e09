package org.sysmol.report.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.sysmol.core.SysmolException;

/** Writes a page to a file: whole or not at all. */
public final class PageWriter {
  private PageWriter() {}

  /**
   * Writes {@code page} as one HTML file that needs nothing else. A file of that name is replaced
   * only once the new one is complete and on the disk.
   *
   * @throws SysmolException (failed) if the file can't be written; nothing is left behind then
   */
  public static void write(Page page, Path file) {
    byte[] html = PageRenderer.html(page).getBytes(StandardCharsets.UTF_8);
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw SysmolException.failed(
          "The report '%s' can't be written because its folder does not exist: make the folder or choose another."
              .formatted(file));
    }
    if (Files.isDirectory(target)) {
      throw SysmolException.failed(
          "The report '%s' can't be written because a folder of that name is there: choose another name."
              .formatted(file));
    }
    Path draft = folder.resolve("." + target.getFileName() + "." + ProcessHandle.current().pid());
    try {
      try (var channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(html);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(
          draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      discard(draft, e);
      throw SysmolException.failed(
          "The report '%s' can't be written (%s): check the folder's permissions and the free space, or choose another."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private static void discard(Path draft, IOException cause) {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException | UncheckedIOException e) {
      cause.addSuppressed(e);
    }
  }
}
