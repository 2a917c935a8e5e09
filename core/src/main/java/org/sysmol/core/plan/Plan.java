package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.WeightVectors;

/**
 * A float network cut into integer stages for one picture size: the structure that training,
 * folding and packing share. It holds no parameters; those stay in the network under the names
 * given here.
 *
 * @param name name of the network
 * @param values tensors, by id; the first is the image
 * @param groups edges that carry codes, by id
 * @param stages in the order in which they run
 */
public record Plan(String name, List<Value> values, List<InputGroup> groups, List<Stage> stages) {
  /** Copies the lists. */
  public Plan {
    values = List.copyOf(values);
    groups = List.copyOf(groups);
    stages = List.copyOf(stages);
  }

  /** The input image. */
  public Value image() {
    return values.getFirst();
  }

  /** The result. */
  public Value result() {
    return values.get(stages.getLast().output());
  }

  /** The convolutions in order. */
  public List<Stage.Convolution> convolutions() {
    List<Stage.Convolution> list = new ArrayList<>();
    for (Stage stage : stages) {
      if (stage instanceof Stage.Convolution convolution) {
        list.add(convolution);
      }
    }
    return list;
  }

  /** The convolutions that read a group, in order. */
  public List<Stage.Convolution> readers(InputGroup group) {
    return convolutions().stream().filter(c -> c.group() == group.id()).toList();
  }

  /** The tensor that a group reads. */
  public Value value(InputGroup group) {
    return values.get(group.value());
  }

  /** Weights that one input channel of a group has, over all its convolutions. */
  public long weightsPerChannel(InputGroup group) {
    return readers(group).stream().mapToLong(Stage.Convolution::weightsPerInputChannel).sum();
  }

  /** All weights of convolutions and linear layers, edges included. */
  public long weights() {
    return convolutions().stream().mapToLong(Stage.Convolution::weights).sum();
  }

  /** The vectors of weights that read a searched group: what fills registers of this packing. */
  public List<WeightVectors> vectors(InputGroup group, Packing packing) {
    // The weights of a depthwise channel are no vector over channels, so its taps stay apart.
    if (!packing.spansTaps() || group.depthwise()) {
      return WeightVectors.single(weightsPerChannel(group));
    }
    TreeMap<Integer, Long> byTaps = new TreeMap<>();
    for (Stage.Convolution layer : readers(group)) {
      byTaps.merge(
          layer.window().taps(), (long) layer.outputChannels() / layer.groups(), Long::sum);
    }
    List<WeightVectors> vectors = new ArrayList<>();
    byTaps.forEach((taps, count) -> vectors.add(new WeightVectors(taps, count)));
    return vectors;
  }
}
