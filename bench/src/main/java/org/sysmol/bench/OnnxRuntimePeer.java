package org.sysmol.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.sysmol.core.SysmolException;

/**
 * ONNX Runtime on one image at a time: sequential execution, a given number of threads, all
 * optimisations on unless it is asked for none. Its input buffer is allocated once.
 */
public final class OnnxRuntimePeer implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final OrtSession.SessionOptions options;
  private final FloatBuffer buffer;
  private final OnnxTensor input;
  private final Map<String, OnnxTensor> feed;

  /**
   * Opens a network.
   *
   * @param model an ONNX file with one image input
   * @param shape of one image, {@code [1, channels, height, width]}
   * @param threads threads within an operator
   */
  public OnnxRuntimePeer(Path model, long[] shape, int threads) {
    this(model, shape, threads, OrtSession.SessionOptions.OptLevel.ALL_OPT, Optional.empty());
  }

  /**
   * Opens a network whose nodes are computed one by one, as the file has them.
   *
   * @param model an ONNX file with one image input
   * @param shape of one image, {@code [1, channels, height, width]}
   * @param threads threads within an operator
   */
  public static OnnxRuntimePeer unoptimised(Path model, long[] shape, int threads) {
    return new OnnxRuntimePeer(
        model, shape, threads, OrtSession.SessionOptions.OptLevel.NO_OPT, Optional.empty());
  }

  /**
   * Opens a network that keeps the time of each operator, and is slower for it.
   *
   * @param profile beginning of the profile's file name
   */
  static OnnxRuntimePeer profiled(Path model, long[] shape, int threads, Path profile) {
    return new OnnxRuntimePeer(
        model, shape, threads, OrtSession.SessionOptions.OptLevel.ALL_OPT, Optional.of(profile));
  }

  private OnnxRuntimePeer(
      Path model,
      long[] shape,
      int threads,
      OrtSession.SessionOptions.OptLevel optimisation,
      Optional<Path> profile) {
    try {
      environment = OrtEnvironment.getEnvironment();
      options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(optimisation);
      if (profile.isPresent()) {
        options.enableProfiling(profile.get().toString());
      }
      session = environment.createSession(model.toString(), options);
      int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
      buffer =
          ByteBuffer.allocateDirect(size * Float.BYTES)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      input = OnnxTensor.createTensor(environment, buffer, shape);
      feed = Map.of(session.getInputNames().iterator().next(), input);
    } catch (OrtException e) {
      throw SysmolException.failed(
          "ONNX Runtime could not open " + model + ": " + e.getMessage() + ".", e);
    }
  }

  /**
   * Runs one image.
   *
   * @param image binary32, as many values as the shape
   * @return the first output, flattened
   */
  public float[] run(float[] image) {
    buffer.clear();
    buffer.put(image).flip();
    try (OrtSession.Result result = session.run(feed)) {
      FloatBuffer out = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[out.remaining()];
      out.get(values);
      return values;
    } catch (OrtException e) {
      throw SysmolException.failed("ONNX Runtime stopped: " + e.getMessage() + ".", e);
    }
  }

  /** Ends the profile of a {@link #profiled} network and says where it is. */
  Path endProfiling() throws OrtException {
    return Path.of(session.endProfiling());
  }

  /** Version of the library. */
  public String version() {
    return environment.getVersion();
  }

  @Override
  public void close() {
    try {
      input.close();
      session.close();
      options.close();
    } catch (OrtException e) {
      throw SysmolException.failed("ONNX Runtime could not be closed: " + e.getMessage() + ".", e);
    }
  }
}
