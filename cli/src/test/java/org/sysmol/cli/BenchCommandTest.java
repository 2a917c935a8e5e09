package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.runtime.SelfCheck;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bench's result has the keys that others read, whatever is timed. */
class BenchCommandTest {
  private static final List<String> PEERS =
      List.of("onnxruntime_fp32", "onnxruntime_int8", "onednn_int8", "onednn_fp32");

  @TempDir private static Path folder;

  private static JsonNode bench(String... arguments) {
    Path json = folder.resolve("bench.json");
    List<String> all = new java.util.ArrayList<>(List.of("bench"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--rounds", "1", "--per-round", "1", "--json", json.toString()));
    assertThat(Main.run(all.toArray(String[]::new))).isEqualTo(0);
    JsonNode result = JsonMapper.builder().build().readTree(json.toFile());
    assertThat(result.propertyNames())
        .containsExactly(
            "network",
            "cpu_class",
            "engine",
            "isa",
            "onednn_isa",
            "bits",
            "threads",
            "median_ms",
            "ratio",
            "load_ms",
            "peak_mib",
            "load",
            "layers",
            "shapes");
    assertThat(result.get("bits").propertyNames())
        .containsExactly("all", "searched", "searched_by_macs");
    assertThat(result.get("median_ms").propertyNames()).hasSize(5).contains("sysmol");
    assertThat(result.get("median_ms").propertyNames()).containsAll(PEERS);
    assertThat(result.get("ratio").propertyNames()).containsExactlyElementsOf(PEERS);
    assertThat(result.get("load_ms").asDouble()).isPositive();
    assertThat(result.get("peak_mib").asDouble()).isPositive();
    assertThat(result.get("load").get("code_ms").asDouble())
        .isBetween(0.001, result.get("load_ms").asDouble());
    assertThat(result.get("load").get("weights_ms").asDouble()).isPositive();
    assertThat(result.get("load").get("code_bytes").asLong()).isPositive();
    return result;
  }

  @Test
  void knownNetworksAreTimedBesideAllPeers() {
    JsonNode result = bench("--network", "resnet20", "--bits", "1.2", "--layers");
    assertThat(result.get("network").asString()).isEqualTo("resnet20");
    assertThat(result.get("engine").asString()).isEqualTo("machine-code");
    assertThat(result.get("isa").isNull()).isFalse();
    assertThat(result.get("onednn_isa").asString()).matches("avx\\w+");
    assertThat(result.get("bits").get("searched_by_macs").asDouble()).isCloseTo(1.2, within(0.01));
    double own = result.get("median_ms").get("sysmol").asDouble();
    for (String peer : PEERS) {
      double ms = result.get("median_ms").get(peer).asDouble();
      assertThat(ms).as(peer).isPositive();
      assertThat(result.get("ratio").get(peer).asDouble()).isCloseTo(ms / own, within(1e-9));
    }
    assertThat(result.get("layers").valueStream().map(l -> l.get("name").asString()))
        .contains("image", "stem", "classifier");
    // Every layer of every peer is found under the network's own name.
    assertThat(result.get("shapes")).hasSize(9);
    for (JsonNode shape : result.get("shapes")) {
      assertThat(shape.get("gmacs").propertyNames())
          .as(shape.get("shape").asString())
          .containsAll(PEERS)
          .contains("sysmol");
    }
  }

  @Test
  void packedNetworksNeedNothingElse() {
    Path file = folder.resolve("net.smol");
    SmolFile.write(
        SelfCheck.sign(NetworkCompiler.compile(new ContractTest().trained(false, "P4"))), file);
    JsonNode result = bench(file.toString(), "--peers", "onnxruntime_fp32,onnxruntime_int8");
    assertThat(result.get("median_ms").get("onnxruntime_int8").asDouble()).isPositive();
    assertThat(result.get("median_ms").get("onednn_int8").isNull()).isTrue();
    assertThat(result.get("ratio").get("onednn_fp32").isNull()).isTrue();
    assertThat(result.get("onednn_isa").isNull()).isTrue();
  }

  /** Its loading is timed in a process of its own, which needs the Vector API as this one does. */
  @Test
  void aPortableEngineHasNoClassOfInstructions() {
    Path file = folder.resolve("portable.smol");
    SmolFile.write(
        SelfCheck.sign(NetworkCompiler.compile(new ContractTest().trained(false, "P4"))), file);
    Path json = folder.resolve("portable.json");
    String[] arguments = {
      "bench",
      file.toString(),
      "--engine",
      "vector",
      "--no-peers",
      "--rounds",
      "1",
      "--json",
      json.toString()
    };
    assertThat(Main.run(arguments)).isZero();
    JsonNode result = JsonMapper.builder().build().readTree(json.toFile());
    assertThat(result.get("engine").asString()).isEqualTo("vector");
    assertThat(result.get("isa").isNull()).isTrue();
    assertThat(result.get("load_ms").asDouble()).isPositive();
  }

  @Test
  void sysmolCanBeTimedAlone() {
    JsonNode result = bench("--network", "resnet20", "--no-peers", "--mix", "0,0,100");
    assertThat(result.get("bits").get("searched").asDouble()).isEqualTo(4);
    for (String peer : PEERS) {
      assertThat(result.get("median_ms").get(peer).isNull()).isTrue();
    }
  }
}
