package org.sysmol.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.onnx.OnnxWriter;
import org.sysmol.onnx.ValueRange;

/**
 * The calibrator of the peers' static quantisation: smallest and largest value of everything that a
 * network computes on some images, found with ONNX Runtime in floats.
 */
public final class RangeCalibrator {
  private RangeCalibrator() {}

  /**
   * Ranges by name, of the input and of every node's output.
   *
   * @param network one image input
   * @param shape of one image, {@code [1, channels, height, width]}
   * @param images to look at, at least one
   */
  public static Map<String, ValueRange> ranges(
      Network network, long[] shape, List<float[]> images) {
    List<String> outputs = new ArrayList<>();
    for (Node node : network.nodes()) {
      outputs.add(node.output());
    }
    Network open =
        new Network(
            network.name(), network.inputs(), network.nodes(), outputs, network.constants());
    String input = network.inputs().getFirst().name();
    Map<String, ValueRange> ranges = new LinkedHashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(OnnxWriter.bytes(open), options)) {
      for (float[] image : images) {
        ranges.merge(input, ValueRange.of(image), ValueRange::with);
        try (OnnxTensor tensor =
                OnnxTensor.createTensor(environment, FloatBuffer.wrap(image), shape);
            OrtSession.Result result = session.run(Map.of(input, tensor))) {
          for (Map.Entry<String, ai.onnxruntime.OnnxValue> value : result) {
            FloatBuffer data = ((OnnxTensor) value.getValue()).getFloatBuffer();
            float[] values = new float[data.remaining()];
            data.get(values);
            ranges.merge(value.getKey(), ValueRange.of(values), ValueRange::with);
          }
        }
      }
    } catch (OrtException e) {
      throw SysmolException.failed(
          "ONNX Runtime could not calibrate " + network.name() + ": " + e.getMessage() + ".", e);
    }
    return ranges;
  }
}
