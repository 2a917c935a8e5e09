package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.bench.LayerAccount;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SelfCheck;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What explain says has the keys that others read, and its exit code tells of slow paths. */
class ExplainCommandTest {
  @TempDir private static Path folder;

  private static JsonNode explain(int exit, String... arguments) {
    Path json = folder.resolve("explain.json");
    List<String> all = new ArrayList<>(List.of("explain"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--json", json.toString()));
    assertThat(Main.run(all.toArray(String[]::new))).isEqualTo(exit);
    return JsonMapper.builder().build().readTree(json.toFile());
  }

  private static long fallen(JsonNode result) {
    return result.get("layers").valueStream().filter(l -> !l.get("fallback").isNull()).count();
  }

  @Test
  void layersAreAccountedFor() {
    Path costs = folder.resolve("costs.json");
    JsonNode result =
        explain(0, "--network", "resnet20", "--bits", "2", "--cost-table", costs.toString());
    JsonNode table = JsonMapper.builder().build().readTree(costs.toFile());
    assertThat(table.propertyNames())
        .containsExactly("version", "cpu", "cpu_class", "threads", "peak", "kernels", "costs");
    assertThat(table.get("costs").valueStream())
        .hasSizeGreaterThan(60)
        .allMatch(cost -> cost.get("ns_per_unit").asDouble() > 0);
    assertThat(result.get("predicted_ms").asDouble()).isPositive();
    assertThat(result.get("network").asString()).isEqualTo("resnet20");
    assertThat(result.get("peak").get("bytes_gmacs").asDouble()).isPositive();
    double sum = 0;
    int shares = 0;
    for (JsonNode layer : result.get("layers")) {
      sum += layer.get("ms").asDouble();
      assertThat(layer.get("reason").asString()).isNotBlank();
      assertThat(layer.get("bytes").asLong()).isPositive();
      boolean macs = layer.get("macs").asLong() > 0;
      assertThat(layer.get("share_of_peak").isNull()).isEqualTo(!macs);
      shares += macs ? 1 : 0;
    }
    assertThat(shares).isEqualTo(22);
    assertThat(result.get("sum_ms").asDouble()).isCloseTo(sum, within(1e-9));
    assertThat(result.get("whole_ms").asDouble()).isPositive();
    explain(fallen(result) > 0 ? 1 : 0, "--network", "resnet20", "--bits", "2", "--no-slow-path");
  }

  @Test
  void portableEnginesAreSlowPaths() {
    Path file = folder.resolve("net.smol");
    SmolFile.write(
        SelfCheck.sign(NetworkCompiler.compile(new ContractTest().trained(false, "P4"))), file);
    JsonNode result = explain(1, file.toString(), "--engine", "scalar", "--no-slow-path");
    assertThat(fallen(result)).isEqualTo(result.get("layers").size());
    assertThat(result.get("peak").isNull()).isTrue();
    assertThat(result.get("predicted_ms").isNull()).isTrue();
    JsonNode scalar = explain(0, file.toString(), "--engine", "scalar");
    assertThat(scalar.get("engine").asString()).isEqualTo("scalar");
    assertThat(scalar.get("isa").isNull()).isTrue();
  }

  /** Every layer runs as well as its class allows, but the system refused a better class. */
  @Test
  void aRefusedClassIsASlowPath() {
    EngineChoice scalar = EngineChoice.named("scalar");
    LayerAccount fine = new LayerAccount(scalar, Optional.empty(), List.of(), 1);
    assertThatCode(() -> ExplainCommand.refuseSlowPaths("net", fine)).doesNotThrowAnyException();
    String why = "machine-code of a class above avx512: The system refuses tiles.";
    LayerAccount refused =
        new LayerAccount(
            new EngineChoice(scalar.engine(), List.of(why)), Optional.empty(), List.of(), 1);
    assertThatThrownBy(() -> ExplainCommand.refuseSlowPaths("net", refused))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Network net takes a slow path: slower engine in use (machine-code of a class above"
                + " avx512: The system refuses tiles).");
  }
}
