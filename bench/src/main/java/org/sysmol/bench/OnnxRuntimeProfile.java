package org.sysmol.bench;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times of ONNX Runtime's operators from its own profile. Its optimiser fuses operators and gives
 * the result another name; those that multiply get that of the network's node back.
 */
final class OnnxRuntimeProfile {
  private static final int WARM_UP = 10;
  private static final int RUNS = 31;
  private static final String KERNEL = "_kernel_time";

  /** What the optimiser appends to names. */
  private static final Pattern APPENDED = Pattern.compile("(_nchwc|_token_\\d+)+$");

  private final Map<String, Node> byName = new HashMap<>();
  private final Map<String, Node> byOutput = new HashMap<>();

  private OnnxRuntimeProfile(Network network) {
    for (Node node : network.nodes()) {
      byName.put(node.name(), node);
      node.outputs().forEach(output -> byOutput.put(output, node));
    }
  }

  /**
   * Median times of its operators, in the order in which they run.
   *
   * @param model an ONNX file made from the network
   * @param network what names are looked up in
   * @param shape of one image
   * @param images to run
   * @param macs multiply-accumulates by name of a convolution or linear layer
   * @param folder for the profile
   */
  static List<Bench.Layer> layers(
      Path model,
      Network network,
      long[] shape,
      int threads,
      List<float[]> images,
      Map<String, Long> macs,
      Path folder) {
    Path profile;
    try (OnnxRuntimePeer peer =
        OnnxRuntimePeer.profiled(model, shape, threads, folder.resolve("profile"))) {
      for (int i = 0; i < WARM_UP + RUNS; i++) {
        peer.run(images.get(i % images.size()));
      }
      profile = peer.endProfiling();
    } catch (OrtException e) {
      throw SysmolException.failed("ONNX Runtime made no profile: " + e.getMessage() + ".", e);
    }
    return new OnnxRuntimeProfile(network).read(profile, macs);
  }

  private List<Bench.Layer> read(Path profile, Map<String, Long> macs) {
    Map<String, List<Long>> microseconds = new LinkedHashMap<>();
    Map<String, String> operators = new HashMap<>();
    JsonNode events;
    try {
      events = JsonMapper.builder().build().readTree(profile.toFile());
    } catch (JacksonException e) {
      throw SysmolException.failed("ONNX Runtime's profile can't be read: " + e.getMessage(), e);
    }
    for (JsonNode event : events) {
      String name = event.path("name").asString("");
      if (event.path("cat").asString("").equals("Node") && name.endsWith(KERNEL)) {
        String node = name.substring(0, name.length() - KERNEL.length());
        microseconds.computeIfAbsent(node, _ -> new ArrayList<>()).add(event.path("dur").asLong());
        operators.put(node, event.path("args").path("op_name").asString(""));
      }
    }
    List<Bench.Layer> layers = new ArrayList<>();
    microseconds.forEach(
        (name, times) -> {
          List<Long> last =
              times.subList(Math.max(0, times.size() - RUNS), times.size()).stream()
                  .sorted()
                  .toList();
          String node = multiplying(name);
          layers.add(
              new Bench.Layer(
                  node,
                  "ONNX Runtime " + operators.get(name),
                  macs.getOrDefault(node, 0L),
                  last.get(last.size() / 2) / 1e3));
        });
    return layers;
  }

  /** The network's convolution or linear layer that such a name stands for, else the name. */
  private String multiplying(String name) {
    String plain = APPENDED.matcher(name).replaceFirst("");
    @Nullable Node node = byName.containsKey(plain) ? byName.get(plain) : byOutput.get(plain);
    while (node != null) {
      switch (node.operator()) {
        case Operator.Conv _, Operator.Gemm _, Operator.MatMul _ -> {
          return node.name();
        }
        case Operator.BatchNormalization _, Operator.Relu _, Operator.Clip _ ->
            node = byOutput.get(node.inputs().getFirst());
        default -> node = null;
      }
    }
    return plain;
  }
}
