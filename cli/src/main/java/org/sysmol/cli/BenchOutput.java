package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Bench;
import org.sysmol.bench.LayerShape;
import org.sysmol.bench.LoadProbe;
import org.sysmol.bench.Machine;
import org.sysmol.bench.Peer;
import org.sysmol.bench.Timing;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.runtime.machine.CpuClass;

/** How the bench's result is shown, to people and as JSON. */
final class BenchOutput {
  private final Bench bench;
  private final Bench.Result result;
  private final Machine machine = Machine.here();

  BenchOutput(Bench bench, Bench.Result result) {
    this.bench = bench;
    this.result = result;
  }

  /** Writes it for people. */
  void show(PrintWriter out, boolean layers) {
    NetworkSize size = NetworkSize.of(bench.subject().packed());
    out.printf(
        Locale.ROOT,
        "%s, %.3f GMAC, %.2f bits over searched layers by MACs (%.2f by weights, %.2f over all)%n",
        bench.subject().packed().name(),
        size.macs() / 1e9,
        size.bitsSearchedByMacs(),
        size.bitsSearched(),
        size.bitsAll());
    out.printf(
        "CPU class %s (%s), engine %s, %d thread%s, one image%n",
        machine.cpuClass(),
        machine.cpu(),
        result.choice().engine().description(),
        bench.threads(),
        bench.threads() == 1 ? "" : "s");
    bench.engine().isa().ifPresent(isa -> out.printf("sysmol capped to %s%n", isa.text()));
    result
        .oneDnnIsa()
        .ifPresent(
            isa ->
                out.printf(
                    "oneDNN uses up to %s%s; ONNX Runtime can't be capped%n",
                    isa, isa().isPresent() ? ", capped to the class of sysmol's code" : ""));
    line(out, result.sysmol());
    result.peers().values().forEach(timing -> line(out, timing));
    result
        .loads()
        .forEach(
            (who, load) ->
                out.printf(
                    Locale.ROOT,
                    "%-18s loads in %8.1f ms, peak memory %8.1f MiB (a Java process of its own)%n",
                    who,
                    load.loadMs(),
                    load.peakMib()));
    LoadProbe own = result.loads().get("sysmol");
    if (own != null && own.codeBytes() > 0) {
      out.printf(
          Locale.ROOT,
          "of which code generation %.1f ms (%d bytes; %.1f ms alone), weights rearranged meanwhile"
              + " %.1f ms%n",
          own.codeMs(),
          own.codeBytes(),
          own.codeAloneMs(),
          own.weightsMs());
    }
    if (layers) {
      table(out, "sysmol", result.layers());
      result.peerLayers().forEach((peer, list) -> table(out, peer.text(), list));
      shapes(out);
    }
  }

  /** Layers by shape: 10^9 multiply-accumulates a second of each, and how far sysmol is ahead. */
  private void shapes(PrintWriter out) {
    List<String> peers = result.peerLayers().keySet().stream().map(Peer::text).toList();
    out.printf("%nGMAC/s by shape, and sysmol's over each peer's%n%-30s %8s", "", "sysmol");
    peers.forEach(peer -> out.printf(" %18s", peer));
    out.println();
    for (LayerShape shape : result.shapes()) {
      Double own = shape.gmacs().get("sysmol");
      if (own == null) {
        continue;
      }
      String name = shape.count() + " x " + shape.shape();
      out.printf(Locale.ROOT, "%-30s %8.1f", name, own);
      for (String peer : peers) {
        Double other = shape.gmacs().get(peer);
        out.printf(
            " %18s",
            other == null ? "" : String.format(Locale.ROOT, "%.1f %6.2fx", other, own / other));
      }
      out.println();
    }
  }

  private void line(PrintWriter out, Timing t) {
    out.printf(
        Locale.ROOT,
        "%-18s median %9.4f ms   10 %% %9.4f   90 %% %9.4f   %4d runs   %.2fx%n",
        t.name(),
        t.medianMs(),
        t.lowMs(),
        t.highMs(),
        t.runs(),
        t.medianMs() / result.sysmol().medianMs());
  }

  private static void table(PrintWriter out, String who, List<Bench.Layer> layers) {
    out.printf("%nlayers of %s%n", who);
    for (Bench.Layer layer : layers) {
      out.printf(
          Locale.ROOT,
          "%9.4f ms %8s GMAC/s  %-28s %s%n",
          layer.ms(),
          layer.macs() == 0 ? "" : String.format(Locale.ROOT, "%.1f", rate(layer)),
          layer.name(),
          layer.kernel());
    }
  }

  private static double rate(Bench.Layer layer) {
    return layer.macs() / layer.ms() / 1e6;
  }

  private Optional<CpuClass> isa() {
    return bench.engine().classOf(result.choice());
  }

  /** A line for each reason why peers were left out, with the peers that it was a reason for. */
  List<String> leftOut() {
    Map<String, List<String>> peers = new LinkedHashMap<>();
    result
        .leftOut()
        .forEach(
            (peer, why) -> peers.computeIfAbsent(why, _ -> new ArrayList<>()).add(peer.text()));
    List<String> lines = new ArrayList<>();
    peers.forEach((why, who) -> lines.add("left out: " + String.join(", ", who) + ": " + why));
    return lines;
  }

  /** The result as JSON has it; a peer that was left out is null. */
  Map<String, Object> asMap() {
    NetworkSize size = NetworkSize.of(bench.subject().packed());
    Map<String, @Nullable Object> medians = new LinkedHashMap<>();
    Map<String, @Nullable Object> ratios = new LinkedHashMap<>();
    medians.put("sysmol", result.sysmol().medianMs());
    for (Peer peer : Peer.values()) {
      Timing timing = result.peers().get(peer);
      medians.put(peer.text(), timing == null ? null : timing.medianMs());
      ratios.put(peer.text(), result.ratio(peer).orElse(null));
    }
    LoadProbe load = java.util.Objects.requireNonNull(result.loads().get("sysmol"));
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Bench.Layer layer : result.layers()) {
      layers.add(
          JsonOutput.object(
              "name", layer.name(),
              "kernel", layer.kernel(),
              "macs", layer.macs(),
              "ms", layer.ms()));
    }
    return JsonOutput.object(
        "network", bench.subject().packed().name(),
        "cpu_class", machine.cpuClass(),
        "engine", result.choice().engine().name(),
        "isa", isa().map(CpuClass::text).orElse(null),
        "onednn_isa", result.oneDnnIsa().orElse(null),
        "bits", CompileCommand.bits(size),
        "threads", bench.threads(),
        "median_ms", medians,
        "ratio", ratios,
        "load_ms", load.loadMs(),
        "peak_mib", load.peakMib(),
        "load",
            JsonOutput.object(
                "code_ms", load.codeMs(),
                "code_alone_ms", load.codeAloneMs(),
                "code_bytes", load.codeBytes(),
                "weights_ms", load.weightsMs()),
        "layers", layers,
        "shapes",
            result.shapes().stream()
                .map(
                    shape ->
                        JsonOutput.object(
                            "shape", shape.shape(),
                            "count", shape.count(),
                            "macs", shape.macs(),
                            "gmacs", shape.gmacs()))
                .toList());
  }
}
