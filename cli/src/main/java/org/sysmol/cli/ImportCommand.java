package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.plan.Stage;
import org.sysmol.data.Split;
import org.sysmol.onnx.CaseResult;
import org.sysmol.onnx.CaseRunner;
import org.sysmol.onnx.OnnxReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads an ONNX file and prints what was read, or runs cases with known answers. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Reads an ONNX file and prints what was read.",
    footer = {
      "",
      "Examples:",
      "  sysmol import net.onnx",
      "  sysmol import net.onnx --data photos    also compares it with ONNX Runtime on pictures",
      "  sysmol import --check cases/onnx     runs cases with known answers; any wrong one: exit 1"
    })
final class ImportCommand implements Callable<Integer> {
  /** Rows and columns of a picture where the file leaves them free. */
  private static final int FREE_SIDE = 32;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--check",
      arity = "1..*",
      paramLabel = "DIR",
      description =
          "Run the cases in these folders (each a case, or a folder of cases): a line each, ok,"
              + " refused or WRONG.")
  private @Nullable List<Path> check;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Evaluate the network as it was read on these pictures, beside ONNX Runtime: exit 1 if a"
              + " result is further away than 1e-4 of the largest.")
  private @Nullable Path data;

  @Option(
      names = "--split",
      defaultValue = "test",
      description = "Pictures of --data: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Split split = Split.TEST;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Only the first N pictures of --data (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Mixin private PictureOptions pictures = new PictureOptions();

  @Parameters(arity = "0..1", paramLabel = "NET.onnx", description = "The file to read.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    if ((file == null) == (check == null)) {
      throw SysmolException.badInput("Give either one ONNX file or --check with folders of cases.");
    }
    if (data == null) {
      OptionValues.refuse(
          spec,
          "it is about the pictures of --data, so give them too",
          List.of("--split", "--limit", "--size", "--mean", "--std"));
    }
    if (data != null && file == null) {
      throw SysmolException.badInput("--data is for an ONNX file; cases have data of their own.");
    }
    OptionValues.requireAtLeast("--limit", limit, 1);
    pictures.check();
    return file != null ? show(file) : check(check);
  }

  private int check(@Nullable List<Path> folders) {
    PrintWriter out = spec.commandLine().getOut();
    List<Map<String, ?>> results = new ArrayList<>();
    int wrong = 0;
    for (Path folder : folders == null ? List.<Path>of() : folders) {
      for (CaseResult result : CaseRunner.run(folder)) {
        if (!json.toStandardOutput()) {
          out.println(result.line());
        }
        if (result.outcome() == CaseResult.Outcome.OK && !result.text().isEmpty()) {
          out.flush();
          spec.commandLine().getErr().println("warning: " + result.name() + ": " + result.text());
        }
        results.add(
            JsonOutput.object(
                "case", result.name(), "outcome", result.outcome().name(), "text", result.text()));
        wrong += result.outcome() == CaseResult.Outcome.WRONG ? 1 : 0;
      }
    }
    json.write(JsonOutput.object("cases", results, "wrong", wrong), out);
    out.flush();
    return wrong == 0 ? 0 : 1;
  }

  private int show(Path onnx) {
    OnnxReader.Result read = OnnxReader.read(onnx);
    Network network = read.network();
    Map<String, Integer> kinds = new TreeMap<>();
    for (Node node : network.nodes()) {
      kinds.merge(node.operator().kind(), 1, Integer::sum);
    }
    String quantised = quantised(network);
    long values = network.constants().values().stream().mapToLong(t -> t.data().length).sum();
    PrintWriter out = spec.commandLine().getOut();
    for (String warning : read.warnings()) {
      spec.commandLine().getErr().println("warning: " + warning);
    }
    if (!json.toStandardOutput()) {
      out.printf(
          "network %s: %d nodes, %,d constant values%n",
          network.name(), network.nodes().size(), values);
      for (Network.Input input : network.inputs()) {
        out.printf("input  %s %s%n", input.name(), shape(input.shape()));
      }
      network.outputs().forEach(name -> out.printf("output %s%n", name));
      kinds.forEach((kind, count) -> out.printf("%5d x %s%n", count, kind));
      out.println(quantised);
      out.println();
      for (Node node : network.nodes()) {
        out.printf(
            "%-28s %-20s %s%n", node.name(), node.operator().kind(), describe(network, node));
      }
    }
    ImportComparison compared =
        data == null ? null : ImportComparison.of(onnx, network, data, split, limit, pictures);
    if (compared != null && !json.toStandardOutput()) {
      out.println();
      out.println(compared.line());
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("network", network.name());
    result.put(
        "inputs",
        network.inputs().stream()
            .map(i -> JsonOutput.object("name", i.name(), "shape", i.shape()))
            .toList());
    result.put("outputs", network.outputs());
    result.put("operators", kinds);
    result.put("constant_values", values);
    result.put("warnings", read.warnings());
    result.put("quantised", quantised);
    result.put("compared", compared == null ? null : compared.fields());
    json.write(result, out);
    out.flush();
    return compared == null || compared.isEqual() ? 0 : 1;
  }

  /** Whether the network can be trained, compiled and run, and if not, why. */
  private static String quantised(Network network) {
    int[] shape = network.inputs().getFirst().shape();
    if (network.inputs().size() == 1 && (shape.length != 4 || shape[1] < 1)) {
      return "can't be quantised: its input is no picture of known channels";
    }
    try {
      int height = shape.length < 4 || shape[2] < 1 ? FREE_SIDE : shape[2];
      int width = shape.length < 4 || shape[3] < 1 ? FREE_SIDE : shape[3];
      int channels = shape.length < 4 ? 1 : shape[1];
      network.requireFinite();
      Network simple = Simplification.of(network);
      Plan plan = PlanBuilder.build(simple, channels, height, width, Set.of());
      String end =
          simple.outputs().equals(network.outputs())
              ? ""
              : "; the softmax at its end is left out, results are the scores before it";
      Map<String, Integer> stages = new TreeMap<>();
      for (Stage stage : plan.stages()) {
        stages.merge(stage.getClass().getSimpleName().toLowerCase(Locale.ROOT), 1, Integer::sum);
      }
      List<String> parts = new ArrayList<>();
      stages.forEach((kind, count) -> parts.add(count + " x " + kind));
      return String.format(
          Locale.ROOT,
          "can be quantised for pictures of %d x %d: %s%s",
          height,
          width,
          String.join(", ", parts),
          end);
    } catch (SysmolException e) {
      return "can't be quantised: " + e.getMessage();
    }
  }

  private static String describe(Network network, Node node) {
    List<String> parts = new ArrayList<>();
    for (String input : node.inputs()) {
      Tensor constant = network.constants().get(input);
      if (!input.isEmpty()) {
        parts.add(constant == null ? input : input + Arrays.toString(constant.shape()));
      }
    }
    return String.join(", ", parts) + " -> " + String.join(", ", node.outputs());
  }

  private static String shape(int[] shape) {
    return Arrays.toString(Arrays.stream(shape).mapToObj(n -> n < 0 ? "any" : n + "").toArray());
  }
}
