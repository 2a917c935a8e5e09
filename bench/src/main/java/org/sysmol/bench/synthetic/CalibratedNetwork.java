package org.sysmol.bench.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;
import org.sysmol.onnx.FloatEvaluator;

/**
 * An untrained network whose batch normalisations have the statistics of some pictures, and what
 * its values look like on them.
 *
 * @param network the float network
 * @param ranges what was seen of each value, by name
 */
public record CalibratedNetwork(Network network, Map<String, Range> ranges) {
  /**
   * What was seen of a value.
   *
   * @param largest largest magnitude
   * @param rms root of the mean square
   */
  public record Range(float largest, float rms) {
    static Range of(float[] values) {
      float largest = 0;
      double squares = 0;
      for (float v : values) {
        largest = Math.max(largest, Math.abs(v));
        squares += (double) v * v;
      }
      return new Range(largest, (float) Math.sqrt(squares / Math.max(1, values.length)));
    }
  }

  /** Copies the map. */
  public CalibratedNetwork {
    ranges = Map.copyOf(ranges);
  }

  /** The range of a value that some node defines. */
  public Range range(String value) {
    Range range = ranges.get(value);
    if (range == null) {
      throw new IllegalStateException(network.name() + " has no value " + value);
    }
    return range;
  }

  /**
   * Runs a network node by node and gives each batch normalisation the statistics of its input
   * before it is applied.
   *
   * @param network one image input of fixed size
   * @param pictures {@code [channels, height, width]} each, at least one
   */
  public static CalibratedNetwork of(Network network, List<float[]> pictures) {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      return new Walk(network, threads).run(pictures);
    }
  }

  /** One pass through a network. */
  private static final class Walk {
    private final Network network;
    private final ExecutorService threads;
    private final Map<String, Tensor> values = new HashMap<>();
    private final Map<String, Tensor> statistics = new LinkedHashMap<>();
    private final Map<String, Range> ranges = new LinkedHashMap<>();

    Walk(Network network, ExecutorService threads) {
      this.network = network;
      this.threads = threads;
    }

    CalibratedNetwork run(List<float[]> pictures) {
      Map<String, Integer> left = new HashMap<>();
      for (Node node : network.nodes()) {
        node.inputs().forEach(input -> left.merge(input, 1, Integer::sum));
      }
      Network.Input input = network.inputs().getFirst();
      int[] shape = input.shape().clone();
      shape[0] = pictures.size();
      Tensor batch = Tensor.zeros(shape);
      for (int i = 0; i < pictures.size(); i++) {
        int size = pictures.get(i).length;
        System.arraycopy(pictures.get(i), 0, batch.data(), i * size, size);
      }
      define(input.name(), batch);
      for (Node node : network.nodes()) {
        // Without epsilon it is a plain factor and offset.
        if (node.operator() instanceof Operator.BatchNormalization bn && bn.epsilon() > 0) {
          calibrate(node);
        }
        define(node.output(), compute(node));
        for (String used : node.inputs()) {
          if (left.merge(used, -1, Integer::sum) == 0) {
            values.remove(used);
          }
        }
      }
      return new CalibratedNetwork(network.withConstants(statistics), ranges);
    }

    private void define(String name, Tensor tensor) {
      values.put(name, tensor);
      ranges.put(name, Range.of(tensor.data()));
    }

    private Tensor value(String name) {
      Tensor tensor = statistics.get(name);
      tensor = tensor == null ? values.get(name) : tensor;
      return tensor == null ? network.requireConstant(name) : tensor;
    }

    private void calibrate(Node node) {
      Tensor input = value(node.inputs().getFirst());
      int channels = input.extent(1);
      int plane = input.data().length / input.extent(0) / channels;
      Tensor mean = Tensor.zeros(channels);
      Tensor variance = Tensor.zeros(channels);
      for (int c = 0; c < channels; c++) {
        double sum = 0;
        double squares = 0;
        for (int n = 0; n < input.extent(0); n++) {
          int from = (n * channels + c) * plane;
          for (int i = from; i < from + plane; i++) {
            sum += input.data()[i];
            squares += (double) input.data()[i] * input.data()[i];
          }
        }
        double count = (double) input.extent(0) * plane;
        mean.data()[c] = (float) (sum / count);
        variance.data()[c] = (float) Math.max(0, squares / count - sum / count * (sum / count));
      }
      statistics.put(node.inputs().get(3), mean);
      statistics.put(node.inputs().get(4), variance);
    }

    /** Dense convolutions, which take nearly all the time, are split by outputs. */
    private Tensor compute(Node node) {
      List<Tensor> inputs = new ArrayList<>();
      node.inputs().forEach(name -> inputs.add(value(name)));
      boolean dense = node.operator() instanceof Operator.Conv conv && conv.groups() == 1;
      if (!dense || inputs.size() > 2 || inputs.getFirst().extent(0) > 1) {
        return FloatEvaluator.compute(node, inputs);
      }
      Tensor weights = inputs.get(1);
      int outputs = weights.extent(0);
      int per = weights.data().length / outputs;
      int size = Math.max(1, outputs / 16);
      List<Callable<Tensor>> parts = new ArrayList<>();
      for (int first = 0; first < outputs; first += size) {
        int from = first;
        int to = Math.min(outputs, first + size);
        int[] shape = weights.shape().clone();
        shape[0] = to - from;
        Tensor part = Tensor.of(Arrays.copyOfRange(weights.data(), from * per, to * per), shape);
        parts.add(() -> FloatEvaluator.compute(node, List.of(inputs.getFirst(), part)));
      }
      return joined(parts, outputs);
    }

    private Tensor joined(List<Callable<Tensor>> parts, int outputs) {
      try {
        List<Tensor> maps = new ArrayList<>();
        for (Future<Tensor> part : threads.invokeAll(parts)) {
          maps.add(part.get());
        }
        int[] shape = maps.getFirst().shape().clone();
        shape[1] = outputs;
        Tensor all = Tensor.zeros(shape);
        int at = 0;
        for (Tensor map : maps) {
          System.arraycopy(map.data(), 0, all.data(), at, map.data().length);
          at += map.data().length;
        }
        return all;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SysmolException.failed("Calibrating " + network.name() + " was interrupted.", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException("A part of a convolution failed", e.getCause());
      }
    }
  }
}
