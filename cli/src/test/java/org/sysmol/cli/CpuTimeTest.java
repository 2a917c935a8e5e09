package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.bench.synthetic.SyntheticQuantisation;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.LayerTime;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.cost.CostKind;
import org.sysmol.runtime.cost.CostTable;
import org.sysmol.runtime.cost.Peak;
import org.sysmol.runtime.cost.TimePrediction;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.train.zoo.NetworkZoo;
import tools.jackson.databind.JsonNode;

/** A budget of time: predicted as explain predicts, kept, refused where it can't be. */
class CpuTimeTest {
  private static final String SHAPES = "../datasets/shapes";
  private static final CpuFeatures HERE = CpuFeatures.detect();

  @TempDir private Path folder;

  private static String error = "";

  private static int run(List<String> arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setErr(stream);
      return Main.run(arguments.toArray(new String[0]));
    } finally {
      System.setErr(before);
      error = bytes.toString(StandardCharsets.UTF_8);
    }
  }

  /** Costs that are made up: more bits take longer, kinds differ. */
  private static CostTable table(CpuClass cpuClass, double factor) {
    List<CostTable.Cost> costs = new ArrayList<>();
    for (CostKind kind : CostKind.values()) {
      for (int bits = 1; bits <= 8; bits *= 2) {
        double nanoseconds = factor * (0.01 + 0.01 * kind.ordinal() + 0.02 * bits);
        costs.add(new CostTable.Cost(kind, bits, 16, 16, 100, nanoseconds));
        costs.add(new CostTable.Cost(kind, bits, 64, 64, 25, nanoseconds / 2));
      }
    }
    return new CostTable(
        HERE.name(),
        cpuClass,
        new Peak(100, cpuClass == CpuClass.AVX512 ? 1000 : 0, 1, 1, 1),
        KernelCosts.builtIn(cpuClass),
        costs);
  }

  private Path write(CostTable table) {
    Path file = folder.resolve("costs.json");
    JsonOutput.writeFile(CostTableFile.json(table), file);
    return file;
  }

  private static int[] counts(byte[] precision) {
    int[] counts = new int[5];
    for (byte p : precision) {
      counts[p]++;
    }
    return counts;
  }

  @Test
  void whatIsPredictedBeforeIsWhatExplainPredictsAfter() {
    int compared = 0;
    for (CpuClass cpuClass : List.of(CpuClass.AVX2, CpuClass.AVXVNNI, CpuClass.AVX512)) {
      if (!HERE.supports(cpuClass)) {
        continue;
      }
      CostTable table = table(cpuClass, 1);
      for (String name : List.of("resnet20", "mobilenetv2")) {
        if (name.equals("mobilenetv2") && cpuClass != HERE.best()) {
          continue;
        }
        var quantisation = SyntheticQuantisation.of(NetworkZoo.create(name, 1), 1);
        PackedNetwork sketch =
            NetworkCompiler.compile(quantisation.quantise(new ChannelMix(40, 30, 30), 1));
        TimePrediction prediction = TimePrediction.of(sketch, table);
        for (ChannelMix mix :
            List.of(
                new ChannelMix(100, 0, 0), new ChannelMix(70, 20, 10), new ChannelMix(0, 0, 100))) {
          PackedNetwork packed = NetworkCompiler.compile(quantisation.quantise(mix, 2));
          long sum = prediction.fixedPicoseconds();
          for (Map.Entry<Integer, LayerTime> layer : prediction.layers().entrySet()) {
            var encoding = (Encoding.Mixed) packed.tensors().get(layer.getKey()).encoding();
            int[] counts = counts(encoding.precision());
            sum += layer.getValue().picoseconds(new Demand(counts[1], counts[2], counts[4]));
          }
          double after = predicted(packed, table);
          double before = sum / 1e3;
          assertThat(before)
              .as("%s, %s, %s", cpuClass, name, mix)
              .isGreaterThanOrEqualTo(after * (1 - 1e-12));
          // Equal but for the order of codes, which uniform channels need not change.
          boolean uniform = mix.two() == 0;
          assertThat(before).isCloseTo(after, within((uniform ? 0.05 : 1e-6) * after));
          compared++;
        }
      }
    }
    assertThat(compared > 0).isEqualTo(machineCode());
  }

  private static double predicted(PackedNetwork packed, CostTable table) {
    EngineChoice choice = EngineChoice.of("machine-code", java.util.Optional.of(table.cpuClass()));
    try (SmolNetwork network = SmolNetwork.of(packed, choice)) {
      List<Explanation> explanations = network.explain();
      double sum = 0;
      for (int s = 0; s < explanations.size(); s++) {
        sum += table.nanoseconds(packed, packed.steps().get(s), explanations.get(s).bitMacs());
      }
      return sum;
    }
  }

  private static boolean machineCode() {
    return EngineChoice.auto().engine().name().equals("machine-code");
  }

  private List<String> train(Path table, String milliseconds, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "train",
                "--from",
                SHAPES + "/residual.onnx",
                "--data",
                SHAPES,
                "--cost-table",
                table.toString(),
                "--cpu-time",
                milliseconds,
                "--threads",
                "1"));
    all.addAll(List.of(more));
    return all;
  }

  private JsonNode succeed(List<String> arguments) throws IOException {
    Path json = folder.resolve("result.json");
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--json", json.toString()));
    assertThat(run(all)).as(() -> error).isZero();
    return JsonOutput.MAPPER.readTree(Files.readAllBytes(json));
  }

  @Test
  void aNetworkIsTrainedForATimeResumedAndRetargeted() throws IOException {
    if (!machineCode()) {
      assertThat(run(train(folder.resolve("none"), "1"))).isEqualTo(2);
      assertThat(error).contains("--cpu-time predicts by costs of machine code");
      return;
    }
    Path table = write(table(HERE.best(), 1));
    String out = folder.resolve("run").toString();
    assertThat(run(train(table, "0.000001", "--calibrate-only", "--out", out))).isEqualTo(2);
    assertThat(error)
        .contains(
            "sysmol: A budget of 0.000001 ms is impossible with pattern set P4: by the costs of "
                + HERE.name()
                + " (class "
                + HERE.best().text()
                + ") the smallest possible is ");
    double least = figure("the smallest possible is ");
    JsonNode loose = succeed(train(table, "900", "--calibrate-only", "--out", out));
    assertThat(error)
        .contains("note: --cpu-time 900 does not bind: with every channel at its best ");
    assertThat(loose.get("bits").get("searched").asDouble()).isEqualTo(4);
    assertThat(loose.get("budget_bits").isNull()).isTrue();
    double most = loose.get("cpu_time").get("predicted_ms").asDouble();
    assertThat(loose.get("cpu_time").get("least_ms").asDouble()).isCloseTo(least, within(1e-4));
    double budget = (least + most) / 2;
    JsonNode trained =
        succeed(
            train(
                table,
                Double.toString(budget),
                "--epochs",
                "1,1,1",
                "--batch",
                "64",
                "--no-baseline",
                "--out",
                out));
    assertThat(error)
        .contains(
            "Time is predicted by the costs of "
                + HERE.name()
                + " (class "
                + HERE.best().text()
                + ") in "
                + table
                + ".")
        .doesNotContain("does not bind");
    JsonNode time = trained.get("cpu_time");
    assertThat(time.get("budget_ms").asDouble()).isEqualTo(budget);
    assertThat(time.get("predicted_ms").asDouble()).isBetween(least, budget);
    assertThat(time.get("measured_ms").asDouble()).isPositive();
    assertThat(time.get("costs").get("from").asString()).isEqualTo(table.toString());
    assertThat(trained.get("assign").asString()).isEqualTo("time");
    assertThat(trained.get("missed").asString()).isEmpty();
    assertThat(Files.readString(folder.resolve("run/report.html"))).contains("ms predicted");
    byte[] smol = Files.readAllBytes(folder.resolve("run/network.smol"));
    byte[] log = Files.readAllBytes(folder.resolve("run/log.csv"));
    // A finished run only writes its files anew.
    succeed(
        train(
            table,
            Double.toString(budget),
            "--epochs",
            "1,1,1",
            "--batch",
            "64",
            "--no-baseline",
            "--out",
            out));
    assertThat(Files.readAllBytes(folder.resolve("run/network.smol"))).isEqualTo(smol);
    assertThat(Files.readAllBytes(folder.resolve("run/log.csv"))).isEqualTo(log);
    String tighter = Double.toString(least + (most - least) / 4);
    JsonNode retargeted =
        succeed(
            List.of(
                "retarget",
                folder.resolve("run/network.trained").toString(),
                "--patterns",
                "P4",
                "--data",
                SHAPES,
                "--cpu-time",
                tighter,
                "--cost-table",
                table.toString(),
                "--threads",
                "1",
                "--out",
                folder.resolve("retargeted").toString()));
    assertThat(retargeted.get("changed").asInt()).isPositive();
    assertThat(retargeted.get("cpu_time").get("predicted_ms").asDouble())
        .isBetween(least, Double.parseDouble(tighter));
    assertThat(TrainedFile.read(folder.resolve("retargeted/network.trained")).assign())
        .isEqualTo("time");
  }

  private static double figure(String before) {
    String rest = error.substring(error.indexOf(before) + before.length());
    return Double.parseDouble(rest.substring(0, rest.indexOf(' ')));
  }

  private static void refused(String message, List<String> arguments) {
    assertThat(run(arguments)).as(() -> error).isEqualTo(2);
    assertThat(error).isEqualTo("sysmol: " + message + "\n");
  }

  private static List<String> options(String... more) {
    List<String> all = new ArrayList<>(List.of("train", "--data", SHAPES));
    all.addAll(List.of(more));
    return all;
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    String words =
        "--bits, --bytes, --registers, --max-drop and --cpu-time are budgets in different words;"
            + " give one of them.";
    refused(words, options("--cpu-time", "1", "--bits", "2"));
    refused(words, options("--cpu-time", "1", "--bytes", "9000"));
    refused(words, options("--cpu-time", "1", "--registers", "9000"));
    refused(words, options("--cpu-time", "1", "--max-drop", "1", "--held-out", "0.1"));
    refused(
        "--cost-table says by which costs --cpu-time predicts; give --cpu-time too.",
        options("--cost-table", "x.json"));
    for (String rule : List.of("paper", "registers")) {
      refused(
          "--cpu-time charges time, which the rule " + rule + " does not; leave --assign away.",
          options("--cpu-time", "1", "--assign", rule));
    }
    for (String time : List.of("0.0", "-1.0", "NaN")) {
      refused(
          "--cpu-time takes milliseconds above 0, e.g. 1.2, not " + time + ".",
          options("--cpu-time", time));
    }
    refused(
        "--bits and --cpu-time are budgets in different words; give one of them.",
        List.of(
            "retarget",
            "x",
            "--patterns",
            "P4",
            "--data",
            SHAPES,
            "--bits",
            "2",
            "--cpu-time",
            "1"));
    assertThatThrownBy(() -> CpuTimeOptions.requireMachineCode(EngineChoice.named("scalar")))
        .hasMessage("--cpu-time predicts by costs of machine code, but engine scalar runs here.");
    assertThatThrownBy(
            () ->
                CpuTimeOptions.requireMachineCode(
                    new EngineChoice(
                        EngineChoice.named("scalar").engine(),
                        List.of("machine-code: The processor lacks AVX2."))))
        .hasMessage(
            "--cpu-time predicts by costs of machine code, but engine scalar runs here"
                + " (machine-code: The processor lacks AVX2.); give --bits instead.");
  }

  @Test
  void tablesComeBackAsTheyWereAndDamagedOnesAreRefused() throws IOException {
    CostTable table = table(HERE.best(), 1);
    Path file = write(table);
    assertThat(CostTableFile.read(file).costs()).isEqualTo(table.costs());
    assertThat(CostTableFile.read(file).peak()).isEqualTo(table.peak());
    assertThat(CostTableFile.read(file).cpu()).isEqualTo(table.cpu());
    String text = Files.readString(file);
    Map<String, String> damages =
        Map.of(
            "\"version\" : " + CostTable.VERSION,
            "\"version\" : 1",
            "\"cpu_class\" : \"" + HERE.best().text(),
            "\"cpu_class\" : \"none",
            "\"kind\" : \"join\"",
            "\"kind\" : \"jon\"",
            "\"bytes_gmacs\" : 100.0",
            "\"bytes_gmacs\" : -1",
            "\"output_pixels\" : 25",
            "\"output_pixels\" : 0",
            "\"product_ps\"",
            "\"product\"");
    for (Map.Entry<String, String> damage : damages.entrySet()) {
      assertThat(text).contains(damage.getKey());
      refusedTable(file, text.replace(damage.getKey(), damage.getValue()));
    }
    refusedTable(file, text.substring(0, text.length() / 2));
    refusedTable(file, "[]");
    refusedTable(file, "");
    assertThatThrownBy(() -> CostTableFile.read(folder.resolve("none.json")))
        .hasMessageContaining("it can't be read");
    if (machineCode()) {
      CostTable other =
          new CostTable(
              "Another CPU", table.cpuClass(), table.peak(), table.kernels(), table.costs());
      refusedIn(
          "The costs in "
              + write(other)
              + " are of Another CPU (class "
              + HERE.best().text()
              + "), but this is "
              + HERE.name()
              + " (class "
              + HERE.best().text()
              + "), and times of two are never compared; export them here with explain"
              + " --cost-table.",
          train(file, "1", "--out", folder.resolve("out").toString()));
    }
  }

  private static void refusedIn(String message, List<String> arguments) {
    assertThat(run(arguments)).as(() -> error).isEqualTo(2);
    assertThat(error).endsWith("sysmol: " + message + "\n");
  }

  private static void refusedTable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThatThrownBy(() -> CostTableFile.read(file))
        .isInstanceOf(org.sysmol.core.SysmolException.class)
        .hasMessageStartingWith("The cost table " + file + " can't be used, for ")
        .hasMessageEndingWith("; export one with explain --cost-table.");
  }
}
