package org.sysmol.runtime.x86;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The public disassembler that the encoder is checked against. */
final class Objdump {
  private Objdump() {}

  /** Disassembles {@code code}; returns the text of each instruction by its offset. */
  static Map<Integer, String> disassemble(byte[] code) throws IOException, InterruptedException {
    Path file = Files.createTempFile("sysmol-encoder", ".bin");
    Path output = Files.createTempFile("sysmol-encoder", ".txt");
    try {
      Files.write(file, code);
      Process process;
      try {
        process =
            new ProcessBuilder(
                    "objdump",
                    "-D",
                    "-w",
                    "--no-show-raw-insn",
                    "-b",
                    "binary",
                    "-m",
                    "i386:x86-64",
                    "-M",
                    "intel",
                    file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
      } catch (IOException absent) {
        return fail(
            "The encoder can only be checked where objdump is: install the package binutils (for"
                + " instance apt-get install binutils) and run the tests again.",
            absent);
      }
      if (process.waitFor() != 0) {
        return fail("objdump failed: " + Files.readString(output));
      }
      Map<Integer, String> lines = new TreeMap<>();
      for (String line : Files.readAllLines(output, StandardCharsets.ISO_8859_1)) {
        int colon = line.indexOf(":\t");
        if (colon > 0) {
          lines.put(
              Integer.parseInt(line.substring(0, colon).trim(), 16), line.substring(colon + 2));
        }
      }
      return lines;
    } finally {
      Files.delete(file);
      Files.delete(output);
    }
  }

  /** Text of objdump in the form of {@link Instruction#toString}, all blanks left out. */
  static String normalise(String line) {
    return line.replaceAll("#.*", "")
        .replace("{vex}", "")
        .replace("{evex}", "")
        .replaceAll("^pushf$", "pushfq")
        .replaceAll("\\{1to\\d+\\}", "")
        .replace(" PTR ", " ")
        .replace("movabs", "mov")
        .replace("+0x0]", "]")
        .toLowerCase(java.util.Locale.ROOT)
        .replaceAll("\\s", "");
  }
}
