package org.sysmol.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sysmol.core.network.Tensor;

/** Runs ONNX models in ONNX Runtime, as a second opinion. */
final class OnnxRuntimeRunner {
  private OnnxRuntimeRunner() {}

  /** The outputs of {@code model} for {@code inputs}. */
  static Map<String, Tensor> run(byte[] model, Map<String, Tensor> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    var fed = new LinkedHashMap<String, OnnxTensor>();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(model, options)) {
        for (var entry : inputs.entrySet()) {
          Tensor tensor = entry.getValue();
          long[] shape = new long[tensor.rank()];
          for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = tensor.extent(axis);
          }
          fed.put(
              entry.getKey(),
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.data()), shape));
        }
        try (OrtSession.Result result = session.run(fed)) {
          var outputs = new LinkedHashMap<String, Tensor>();
          for (var entry : result) {
            var value = (OnnxTensor) entry.getValue();
            long[] shape = value.getInfo().getShape();
            int[] sizes = new int[shape.length];
            for (int axis = 0; axis < sizes.length; axis++) {
              sizes[axis] = Math.toIntExact(shape[axis]);
            }
            float[] data = new float[(int) Tensor.size(sizes)];
            value.getFloatBuffer().get(data);
            outputs.put(entry.getKey(), Tensor.of(data, sizes));
          }
          return outputs;
        }
      }
    } finally {
      fed.values().forEach(OnnxTensor::close);
    }
  }
}
