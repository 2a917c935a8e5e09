package org.sysmol.core.file;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * Trained networks on disk (docs/file-format.md §8): the float network, each constant as a section
 * of its own; the quantisers; and what the plan is built from, so that the plan needs no room and
 * can't disagree with its network.
 */
public final class TrainedFile {
  private static final String STRUCTURE = "structure";
  private static final String CONSTANT = "constant/";

  /** Most nodes of a network: planning compares them with each other. */
  private static final int MAX_NODES = 1 << 13;

  private TrainedFile() {}

  /**
   * Writes a trained network atomically.
   *
   * @throws SysmolException (failed) if it can't be written
   */
  public static void write(TrainedNetwork trained, Path path) {
    writer(trained).write(path);
  }

  /** The bytes of the file. */
  public static byte[] bytes(TrainedNetwork trained) {
    return writer(trained).bytes();
  }

  /**
   * Reads a trained network.
   *
   * @throws SysmolException (bad input) with the file and the place if anything is wrong
   */
  public static TrainedNetwork read(Path path) {
    try (Container container = Container.open(path, FileKind.TRAINED)) {
      return read(container);
    }
  }

  /** Reads a trained network from memory; {@code source} is what messages call it. */
  public static TrainedNetwork read(byte[] bytes, String source) {
    try (Container container = Container.open(ByteBuffer.wrap(bytes), source, FileKind.TRAINED)) {
      return read(container);
    }
  }

  private static ContainerWriter writer(TrainedNetwork trained) {
    Network network = trained.network();
    Plan plan = trained.plan();
    Set<String> keepOut = keepOut(plan);
    Value image = plan.image();
    Plan again =
        PlanBuilder.build(network, image.channels(), image.height(), image.width(), keepOut);
    if (!again.equals(plan)) {
      throw new IllegalArgumentException(
          "The plan of network " + network.name() + " was not made by PlanBuilder");
    }
    TrainedCheck.check(
        trained,
        what ->
            SysmolException.badInput(
                "Trained network "
                    + network.name()
                    + " can't be written: "
                    + what
                    + "; train it again and report this."));
    ContainerWriter out = new ContainerWriter(FileKind.TRAINED);
    out.metadata("name", network.name());
    out.metadata("patterns", trained.patterns());
    out.metadata("assign", trained.assign());
    SmolFile.writeProvenance(out, trained.provenance());
    out.section(STRUCTURE, structure(trained, keepOut));
    network
        .constants()
        .forEach((name, tensor) -> out.section(CONSTANT + name, tensor.data(), tensor.shape()));
    return out;
  }

  /** The layers that a plan keeps out of the search: telling them all gives the same plan. */
  private static Set<String> keepOut(Plan plan) {
    Set<String> names = new LinkedHashSet<>();
    for (Stage.Convolution layer : plan.convolutions()) {
      if (!plan.groups().get(layer.group()).searched()) {
        names.add(layer.name());
      }
    }
    return names;
  }

  private static byte[] structure(TrainedNetwork trained, Set<String> keepOut) {
    Network network = trained.network();
    RecordWriter out = new RecordWriter();
    StructureWriter.preprocessing(out, trained.preprocessing());
    names(out, "class name", trained.classNames());
    out.varint(network.inputs().size());
    for (Network.Input input : network.inputs()) {
      out.name("name of an input", input.name());
      out.ints(input.shape());
    }
    out.varint(StructureWriter.limited("nodes", network.nodes().size(), MAX_NODES));
    for (Node node : network.nodes()) {
      out.name("name of a node", node.name());
      OperatorCodec.write(out, node.operator());
      names(out, "input", node.inputs());
      names(out, "output", node.outputs());
    }
    names(out, "network output", network.outputs());
    Value image = trained.plan().image();
    out.varint(image.channels());
    out.varint(image.height());
    out.varint(image.width());
    names(out, "layer", List.copyOf(keepOut));
    quantisers(out, trained.quantisers());
    return out.bytes();
  }

  private static void names(RecordWriter out, String what, List<String> names) {
    out.varint(StructureWriter.limited(what + "s", names.size(), Limits.COUNT));
    names.forEach(name -> out.name(what, name));
  }

  private static void quantisers(RecordWriter out, Quantisers quantisers) {
    floats(out, quantisers.valueStep());
    floats(out, quantisers.alpha());
    for (int[] precision : quantisers.precision()) {
      out.ints(precision);
    }
    for (float[] continuous : quantisers.continuous()) {
      floats(out, continuous);
    }
    out.varint(quantisers.delta().length);
    for (float[] delta : quantisers.delta()) {
      floats(out, delta);
    }
  }

  private static void floats(RecordWriter out, float[] values) {
    out.varint(values.length);
    out.f32s(values);
  }

  private static TrainedNetwork read(Container container) {
    Map<String, String> metadata = new LinkedHashMap<>(container.metadata());
    String name = SmolFile.take(container, metadata, "name");
    String patterns = SmolFile.take(container, metadata, "patterns");
    String assign = SmolFile.take(container, metadata, "assign");
    var provenance = SmolFile.provenance(container, metadata);
    Map<String, Tensor> constants = constants(container);
    RecordReader in = container.records(STRUCTURE);
    try {
      var preprocessing = StructureReader.preprocessing(in);
      List<String> classNames = names(in, "class name");
      Network network = network(in, name, constants);
      int channels = in.varint("number of picture channels", 1, 1 << 16);
      int height = in.varint("height of the picture", 1, 1 << 13);
      int width = in.varint("width of the picture", 1, 1 << 13);
      Set<String> keepOut = new LinkedHashSet<>(names(in, "layer"));
      TrainedCheck.requirePlannable(network, in::content);
      Plan plan = PlanBuilder.build(network, channels, height, width, keepOut);
      Quantisers quantisers = quantisers(in, plan.groups());
      in.end();
      TrainedNetwork trained =
          new TrainedNetwork(
              network, plan, quantisers, patterns, assign, preprocessing, classNames, provenance);
      TrainedCheck.check(trained, in::content);
      return trained;
    } catch (SysmolException e) {
      if (FileProblem.ruleOf(e) != null) {
        throw e;
      }
      // A refusal by the network or the plan, which do not know that they come from a file.
      throw in.content(String.valueOf(e.getMessage()).replaceAll("\\.$", ""));
    }
  }

  private static Map<String, Tensor> constants(Container container) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    List<Section> sections = container.sections();
    if (sections.isEmpty() || !sections.getFirst().name().equals(STRUCTURE)) {
      throw container.problem(FileProblem.Rule.LAYOUT, "its first section is not the structure");
    }
    for (Section section : sections.subList(1, sections.size())) {
      if (!section.name().startsWith(CONSTANT)) {
        throw container.problem(
            FileProblem.Rule.LAYOUT,
            "its section " + section.name() + " means nothing in such a file");
      }
      int[] shape = new int[section.shape().size()];
      for (int i = 0; i < shape.length; i++) {
        if (section.shape().get(i) > Integer.MAX_VALUE) {
          throw container.problem(
              FileProblem.Rule.LAYOUT, "section " + section.name() + " has a size above 2^31");
        }
        shape[i] = section.shape().get(i).intValue();
      }
      constants.put(
          section.name().substring(CONSTANT.length()),
          new Tensor(shape, container.floats(section)));
    }
    return constants;
  }

  private static Network network(RecordReader in, String name, Map<String, Tensor> constants) {
    List<Network.Input> inputs = new ArrayList<>();
    int inputCount = in.count("number of inputs", Limits.COUNT, 2);
    for (int i = 0; i < inputCount; i++) {
      inputs.add(new Network.Input(in.name("name of an input"), in.ints("shape", Limits.RANK)));
    }
    List<Node> nodes = new ArrayList<>();
    int nodeCount = in.count("number of nodes", MAX_NODES, 4);
    for (int i = 0; i < nodeCount; i++) {
      String node = in.name("name of a node");
      nodes.add(new Node(node, OperatorCodec.read(in), names(in, "input"), names(in, "output")));
    }
    return new Network(name, inputs, nodes, names(in, "network output"), constants);
  }

  private static List<String> names(RecordReader in, String what) {
    List<String> names = new ArrayList<>();
    int count = in.count("number of " + what + "s", Limits.COUNT, 1);
    for (int i = 0; i < count; i++) {
      names.add(in.name(what));
    }
    return names;
  }

  private static Quantisers quantisers(RecordReader in, List<InputGroup> groups) {
    float[] valueStep = floats(in, "steps of values");
    float[] alpha = floats(in, "alphas");
    int[][] precision = new int[groups.size()][];
    for (int g = 0; g < precision.length; g++) {
      precision[g] = in.ints("precisions of a group", 1 << 20);
    }
    float[][] continuous = new float[groups.size()][];
    for (int g = 0; g < continuous.length; g++) {
      continuous[g] = floats(in, "continuous precisions of a group");
    }
    float[][] delta = new float[in.count("number of layers", Limits.COUNT, 1)][];
    for (int l = 0; l < delta.length; l++) {
      delta[l] = floats(in, "deltas of a layer");
    }
    return new Quantisers(valueStep, alpha, precision, continuous, delta);
  }

  private static float[] floats(RecordReader in, String what) {
    return in.f32s(what, in.count("number of " + what, 1 << 20, 4));
  }
}
