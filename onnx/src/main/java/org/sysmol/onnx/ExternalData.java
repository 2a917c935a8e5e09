package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads tensors that lie in a file beside the model.
 *
 * <p>"Beside" means the folder of the model as it was named and, if it was named through a symbolic
 * link, then the folder of the file that the link leads to; never the working directory. A location
 * that is absolute or climbs with {@code ..} is refused: a model must not read what its folder does
 * not hold.
 */
final class ExternalData {
  private final Origin origin;

  /** The side files of {@code origin}. */
  ExternalData(Origin origin) {
    this.origin = origin;
  }

  /** The {@code bytes} bytes of a tensor; all places are checked before anything is allocated. */
  ByteBuffer read(TensorProto proto, String name, long bytes) {
    String where = "tensor " + name;
    Map<String, String> entries = new LinkedHashMap<>();
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      if (entries.put(entry.getKey(), entry.getValue()) != null) {
        throw origin.broken(where, "gives the external " + entry.getKey() + " twice");
      }
    }
    String location = entries.remove("location");
    String offsetText = entries.remove("offset");
    String lengthText = entries.remove("length");
    if (!entries.isEmpty()) {
      throw new Refused("external data with " + String.join(", ", entries.keySet()));
    }
    if (location == null || location.isEmpty()) {
      throw origin.broken(where, "lies in another file but does not say in which");
    }
    long offset = offsetText == null ? 0 : number(where, "offset", offsetText);
    long length = lengthText == null ? bytes : number(where, "length", lengthText);
    if (length != bytes) {
      throw origin.broken(
          where,
          "of sizes "
              + proto.getDimsList()
              + " needs "
              + bytes
              + " bytes but claims "
              + length
              + " in "
              + location);
    }
    Path file = locate(where, location);
    try (FileChannel channel = FileChannel.open(file)) {
      if (offset > channel.size() || bytes > channel.size() - offset) {
        throw origin.broken(
            where,
            "needs the bytes from "
                + offset
                + " to "
                + (offset + bytes)
                + " of "
                + location
                + ", which has only "
                + channel.size());
      }
      ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(bytes));
      while (data.hasRemaining()) {
        if (channel.read(data, offset + data.position()) < 0) {
          throw origin.broken(where, "lies in " + location + ", which became shorter");
        }
      }
      return data.flip();
    } catch (IOException e) {
      throw origin.broken(where, "lies in " + file + ", which can't be read (" + e + ")", e);
    }
  }

  private long number(String where, String key, String text) {
    try {
      long number = Long.parseLong(text.strip());
      if (number >= 0 && number <= Long.MAX_VALUE / 4) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw origin.broken(where, "has an external " + key + " of \"" + text + "\"", e);
    }
    throw origin.broken(where, "has an external " + key + " of " + text);
  }

  private Path locate(String where, String location) {
    Path relative;
    try {
      relative = Path.of(location);
    } catch (InvalidPathException e) {
      throw origin.broken(where, "lies in a file whose name is not allowed", e);
    }
    boolean climbs = location.startsWith("/") || location.contains("\\") || relative.isAbsolute();
    for (Path part : relative) {
      climbs |= part.toString().equals("..");
    }
    if (climbs) {
      throw origin.broken(
          where,
          "lies in "
              + location
              + ", but side files must lie in the model's own folder and are read from nowhere"
              + " else");
    }
    Path beside = origin.file().toAbsolutePath().resolveSibling(relative);
    if (Files.isRegularFile(beside)) {
      return beside;
    }
    try {
      Path besideTarget = origin.file().toRealPath().resolveSibling(relative);
      if (Files.isRegularFile(besideTarget)) {
        return besideTarget;
      }
    } catch (IOException e) {
      throw origin.broken(where, "lies in " + location + ", which can't be found", e);
    }
    throw origin.broken(where, "lies in " + location + ", which is not beside the model");
  }
}
