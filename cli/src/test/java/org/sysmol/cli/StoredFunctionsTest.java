package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.SelfCheck;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Packed networks of which no float network is made, for they store functions or move channels:
 * what needs none takes them, and peers that can't run them are left out aloud.
 */
class StoredFunctionsTest {
  @TempDir private static Path folder;

  private final Path json = folder.resolve("result.json");
  private String error = "";

  private int run(String... arguments) {
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setErr(to);
      return Main.run(arguments);
    } finally {
      System.setErr(err);
      error = said.toString(StandardCharsets.UTF_8);
    }
  }

  private JsonNode result(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--json", json.toString()));
    int exit = run(all.toArray(String[]::new));
    assertThat(exit).as(error).isZero();
    return JsonMapper.builder().build().readTree(json.toFile());
  }

  private static String file(ContractTest.Block block) {
    PackedNetwork packed =
        SelfCheck.sign(NetworkCompiler.compile(new ContractTest().trained(block, "U4")));
    boolean moves = block == ContractTest.Block.REARRANGED;
    assertThat(packed.steps())
        .anyMatch(step -> moves ? step instanceof Step.Gather : step instanceof Step.Table);
    Path file = folder.resolve(block + ".smol");
    SmolFile.write(packed, file);
    return file.toString();
  }

  @ParameterizedTest
  @CsvSource({"EXCITED, stores the function", "REARRANGED, rearranges channels"})
  void whatNeedsNoFloatNetworkTakesThem(ContractTest.Block block, String why) {
    String file = file(block);
    assertThat(result("explain", file).get("layers").size()).isGreaterThan(5);
    assertThat(result("simulate", file, "--baseline", "none").get("cycles").asLong()).isPositive();
    JsonNode alone = result("bench", file, "--no-peers", "--rounds", "1", "--per-round", "1");
    assertThat(alone.get("median_ms").get("sysmol").asDouble()).isPositive();
    assertThat(error).doesNotContain("left out");

    JsonNode beside = result("bench", file, "--rounds", "1", "--per-round", "1");
    assertThat(beside.get("median_ms").get("sysmol").asDouble()).isPositive();
    assertThat(beside.get("median_ms").get("onnxruntime_fp32").isNull()).isTrue();
    assertThat(beside.get("ratio").get("onednn_int8").isNull()).isTrue();
    assertThat(beside.get("onednn_isa").isNull()).isTrue();
    assertThat(error)
        .contains("left out: onnxruntime_fp32, onnxruntime_int8, onednn_int8, onednn_fp32: ")
        .contains(why);

    assertThat(run("bench", file, "--peers", "onnxruntime_fp32")).isEqualTo(2);
    assertThat(error).contains("onnxruntime_fp32", "--peers", why);
  }

  /**
   * Networks that normalise before they convolve run in ONNX Runtime, but not by oneDNN's layers.
   */
  @Test
  void onlyThePeersThatCannotAreLeftOut() {
    JsonNode result =
        result("bench", "--network", "preresnet20", "--rounds", "1", "--per-round", "1");
    assertThat(result.get("median_ms").get("onnxruntime_fp32").asDouble()).isPositive();
    assertThat(result.get("median_ms").get("onnxruntime_int8").asDouble()).isPositive();
    assertThat(result.get("median_ms").get("onednn_fp32").isNull()).isTrue();
    assertThat(result.get("ratio").get("onednn_int8").isNull()).isTrue();
    assertThat(error).contains("left out: ", "onednn_int8", "can't be folded");

    assertThat(run("bench", "--network", "preresnet20", "--peers", "onednn_fp32")).isEqualTo(2);
    assertThat(error).contains("onednn_fp32", "--peers", "can't be folded");
  }
}
