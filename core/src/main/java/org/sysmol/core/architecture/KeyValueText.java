package org.sysmol.core.architecture;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;

/**
 * Lines of {@code key = value} with comments from {@code #} to the end of the line, as people write
 * them: untrusted. Which keys there are is the caller's business: it takes those that it knows, and
 * {@link #refuseOthers} refuses the rest.
 */
final class KeyValueText {
  /** The most bytes of a file: far more than any description needs. */
  static final int MAX_BYTES = 1 << 16;

  private static final int SHOWN = 60;

  /** A value and the line it stands in, counted from 1. */
  record Entry(int line, String value) {}

  private final String where;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Reads the lines.
   *
   * @param where how messages name the text, for instance {@code Architecture file chip.arch}
   * @throws SysmolException naming the first line that is wrong
   */
  KeyValueText(String text, String where) {
    this.where = where;
    int number = 0;
    for (String line : text.split("\r\n|\n|\r", -1)) {
      number++;
      if (line.chars().anyMatch(c -> c != '\t' && Character.isISOControl(c))) {
        throw problem(number, "there is a control character; write plain text");
      }
      int comment = line.indexOf('#');
      String content = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (!content.isEmpty()) {
        add(number, content);
      }
    }
  }

  private void add(int line, String content) {
    int equals = content.indexOf('=');
    String key = equals < 0 ? "" : content.substring(0, equals).strip();
    if (!key.matches("[a-z][a-z0-9-]*")) {
      throw problem(
          line,
          "'%s' is no setting; write key = value, or start the line with # for a comment"
              .formatted(shown(content)));
    }
    String value = content.substring(equals + 1).strip();
    if (value.isEmpty()) {
      throw problem(
          line, "%s has no value; give it one or leave the line away".formatted(shown(key)));
    }
    Entry before = entries.putIfAbsent(key, new Entry(line, value));
    if (before != null) {
      throw problem(
          line,
          "%s was set in line %d already; keep one of them".formatted(shown(key), before.line));
    }
  }

  /** Reads a file of at most {@link #MAX_BYTES} bytes of UTF-8. */
  static KeyValueText read(Path file, String where) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw SysmolException.badInput(
          "%s can't be read (%s); name a file that is there."
              .formatted(where, e.getClass().getSimpleName()),
          e);
    }
    if (bytes.length > MAX_BYTES) {
      throw SysmolException.badInput(
          "%s is longer than %d bytes; it is no description, or has too many comments."
              .formatted(where, MAX_BYTES));
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return new KeyValueText(text.startsWith("\uFEFF") ? text.substring(1) : text, where);
    } catch (CharacterCodingException e) {
      throw SysmolException.badInput(
          "%s is not text in UTF-8; write it with a text editor.".formatted(where), e);
    }
  }

  /** The entry of a key, or null if there is none. */
  @Nullable Entry get(String key) {
    return entries.get(key);
  }

  /** Refuses the first key that is not one of these. */
  void refuseOthers(Set<String> known) {
    entries.forEach(
        (key, entry) -> {
          if (!known.contains(key)) {
            throw problem(
                entry.line,
                "there is no key %s; the keys are %s"
                    .formatted(shown(key), String.join(", ", known)));
          }
        });
  }

  /** What is wrong in a line, a clause without full stop, as an exception. */
  SysmolException problem(int line, String what) {
    return SysmolException.badInput("%s, line %d: %s.".formatted(where, line, what));
  }

  /** How messages name the text. */
  String where() {
    return where;
  }

  /** A piece of the text, cut so that a message stays readable. */
  static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
