package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.SelfCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compiles a trained network into a packed one. */
@Command(
    name = "compile",
    mixinStandardHelpOptions = true,
    description =
        "Compiles a trained network: folds batch normalisation, rearranges channels, packs, bounds the"
            + " sums, and signs the result for the self-check.",
    footer = {"", "Example:", "  sysmol compile demo-out/demo.trained --out demo.smol"})
final class CompileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();

  @Parameters(index = "0", paramLabel = "NET.trained", description = "What train wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "NET.smol",
      description = "Where to write (default: beside the input).")
  private @Nullable Path target;

  @Override
  public Integer call() {
    Path to = target != null ? target : beside(file);
    OutputPath.checkOther("--out", to, file);
    PackedNetwork packed = SelfCheck.sign(NetworkCompiler.compile(TrainedFile.read(file)));
    byte[] bytes = SmolFile.bytes(packed);
    SmolFile.write(packed, to);
    NetworkSize size = NetworkSize.of(packed);
    PrintWriter out = spec.commandLine().getOut();
    if (!json.toStandardOutput()) {
      out.printf(
          Locale.ROOT,
          "%s: %d bytes (%.1fx smaller than fp32), %.3f bits per weight over all layers, %.3f over"
              + " searched ones, %d registers%n",
          to,
          bytes.length,
          (double) size.bytesFp32() / bytes.length,
          size.bitsAll(),
          size.bitsSearched(),
          size.registers());
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("network", packed.name());
    result.put("patterns", packed.patterns());
    result.put("bits", bits(size));
    result.put("bytes", JsonOutput.object("fp32", size.bytesFp32(), "file", bytes.length));
    result.put("registers", size.registers());
    json.write(result, out);
    out.flush();
    return 0;
  }

  /** The three figures of bits, as every JSON result has them. */
  static Map<String, Object> bits(NetworkSize size) {
    Map<String, Object> bits = new LinkedHashMap<>();
    bits.put("all", rounded(size.bitsAll()));
    bits.put("searched", rounded(size.bitsSearched()));
    bits.put("searched_by_macs", rounded(size.bitsSearchedByMacs()));
    return bits;
  }

  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  private static Path beside(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return file.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ".smol");
  }
}
