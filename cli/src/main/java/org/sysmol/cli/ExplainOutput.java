package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sysmol.bench.EngineClass;
import org.sysmol.bench.LayerAccount;
import org.sysmol.bench.Machine;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.machine.CpuClass;

/** How a network's account is shown, to people and as JSON. */
final class ExplainOutput {
  private final PackedNetwork packed;
  private final LayerAccount account;
  private final EngineClass engine;
  private final int threads;
  private final Machine machine = Machine.here();

  ExplainOutput(PackedNetwork packed, LayerAccount account, EngineClass engine, int threads) {
    this.packed = packed;
    this.account = account;
    this.engine = engine;
    this.threads = threads;
  }

  /** Writes it for people. */
  void show(PrintWriter out) {
    NetworkSize size = NetworkSize.of(packed);
    out.printf(
        Locale.ROOT,
        "%s, %.3f GMAC, %.2f bits over searched layers by MACs%n",
        packed.name(),
        size.macs() / 1e9,
        size.bitsSearchedByMacs());
    out.printf(
        "CPU class %s (%s), engine %s, %d thread%s%n",
        machine.cpuClass(),
        machine.cpu(),
        account.choice().engine().description(),
        threads,
        threads == 1 ? "" : "s");
    account
        .peak()
        .ifPresent(
            p ->
                out.printf(
                    Locale.ROOT,
                    "peak of one core, measured: bytes %.0f GMAC/s%s; reads %.0f GB/s from the"
                        + " nearest cache, %.0f from the next, %.0f from memory%n",
                    p.bytes(),
                    p.bits() > 0
                        ? String.format(Locale.ROOT, ", single bits %.0f GMAC/s", p.bits())
                        : "",
                    p.near(),
                    p.middle(),
                    p.memory()));
    out.printf("%n%9s %9s %9s %6s  %s%n", "predicted", "ms", "GMAC/s", "peak", "layer: kernel");
    for (LayerAccount.Layer layer : account.layers()) {
      boolean macs = layer.explanation().macs() > 0;
      out.printf(
          Locale.ROOT,
          "%9s %9.4f %9s %6s  %s: %s%n",
          layer.predictedMs().map(ExplainOutput::ms).orElse(""),
          layer.measuredMs(),
          macs ? String.format(Locale.ROOT, "%.1f", layer.gmacs()) : "",
          layer.share().map(s -> String.format(Locale.ROOT, "%.0f %%", 100 * s)).orElse(""),
          layer.name(),
          layer.explanation().kernel());
      out.printf("%37s %s%n", "", layer.explanation().reason());
      layer
          .explanation()
          .fallback()
          .ifPresent(what -> out.printf("%37s slow path: %s%n", "", what));
    }
    out.printf(
        Locale.ROOT,
        "%9s %9.4f ms sum of layers; %.4f ms the whole network in one go%n",
        account.predictedMs().map(ExplainOutput::ms).orElse(""),
        account.sumMs(),
        account.wholeMs());
  }

  private static String ms(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** The account as JSON has it. */
  Map<String, Object> asMap() {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (LayerAccount.Layer layer : account.layers()) {
      Explanation e = layer.explanation();
      layers.add(
          JsonOutput.object(
              "name", layer.name(),
              "kernel", e.kernel(),
              "reason", e.reason(),
              "fallback", e.fallback().orElse(null),
              "macs", e.macs(),
              "bit_macs", e.bitMacs(),
              "bytes", e.bytes(),
              "predicted_ms", layer.predictedMs().orElse(null),
              "ms", layer.measuredMs(),
              "share_of_peak", layer.share().orElse(null)));
    }
    return JsonOutput.object(
        "network", packed.name(),
        "cpu_class", machine.cpuClass(),
        "isa", engine.classOf(account.choice()).map(CpuClass::text).orElse(null),
        "engine", account.choice().engine().name(),
        "threads", threads,
        "peak", account.peak().map(CostTableFile::peak).orElse(null),
        "predicted_ms", account.predictedMs().orElse(null),
        "sum_ms", account.sumMs(),
        "whole_ms", account.wholeMs(),
        "layers", layers);
  }
}
