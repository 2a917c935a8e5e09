package org.sysmol.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.sysmol.bench.Machine;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.network.Network;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.train.EpochRecord;
import org.sysmol.train.RandomPrecisions;
import org.sysmol.train.Searched;
import org.sysmol.train.SharedTraining;
import org.sysmol.train.Trainer;
import org.sysmol.train.TrainingRecipe;

/** Trains rows of the published results, sharing the phases that they have in common. */
final class Reproduction {
  private final Function<ResultRow, Workload> workloads;
  private final Path work;
  private final Path zoo;
  private final Function<ResultRow, Optional<Double>> finished;
  private final TrainingProgress progress;
  private final Map<String, Workload> opened = new LinkedHashMap<>();
  private final Map<String, Double> controls = new LinkedHashMap<>();

  /**
   * A reproduction.
   *
   * @param workloads opens the network and data of a row
   * @param work folder of phases that are kept; exists
   * @param zoo folder for packed networks; exists
   * @param finished accuracy of a row's baseline, percent, where that need not be trained again
   */
  Reproduction(
      Function<ResultRow, Workload> workloads,
      Path work,
      Path zoo,
      Function<ResultRow, Optional<Double>> finished,
      TrainingProgress progress) {
    this.workloads = workloads;
    this.work = work;
    this.zoo = zoo;
    this.finished = finished;
    this.progress = progress;
  }

  /** The recipe of a row: all rows of a workload differ in seed, budget, patterns and rule only. */
  private static TrainingRecipe recipe(ResultRow row, Workload workload) {
    TrainingRecipe recipe = workload.recipe().withSeed(row.seed());
    return row.kind() == ResultRow.Kind.FP32
        ? recipe
        : recipe.with(row.bits(), row.patterns(), row.kind().rule());
  }

  /** The same for search and fine-tuning, where a variant may change it. */
  private static TrainingRecipe varied(ResultRow row, TrainingRecipe recipe) {
    return Objects.requireNonNull(ResultRow.VARIANTS.get(row.variant())).apply(recipe);
  }

  /** Trains a row, or reads what is there of it; gives what results.json says of it. */
  Map<String, Object> run(ResultRow row, String command) {
    Workload workload =
        opened.computeIfAbsent(row.dataset() + " " + row.network(), k -> workloads.apply(row));
    TrainingRecipe recipe = recipe(row, workload);
    Preprocessing preprocessing = workload.preprocessing();
    ImageSet test = workload.test();
    SharedTraining shared =
        new SharedTraining(
            workload.network().apply(row.seed()), workload.train(), preprocessing, work, progress);
    TrainingRecipe varied = varied(row, recipe);
    SharedTraining.Done<Network> full = shared.full(varied);
    if (row.wantsBfloat16() && !varied.bfloat16()) {
      System.err.println(
          "This processor has no bfloat16: search and fine-tuning are in binary32, and take about"
              + " twice as long.");
    }
    // A variant of another length is compared with a baseline of that length, all else unchanged.
    TrainingRecipe baseline =
        recipe.withEpochs(varied.fullEpochs(), varied.noiseEpochs(), varied.quantisedEpochs());
    Supplier<SharedTraining.Done<Network>> baselines =
        () -> shared.control(baseline, full.result());
    double fp32 =
        controls.computeIfAbsent(
            "%s %s seed %d epochs %d %d %d"
                .formatted(
                    row.dataset(),
                    row.network(),
                    row.seed(),
                    varied.fullEpochs(),
                    varied.noiseEpochs(),
                    varied.quantisedEpochs()),
            k ->
                published(row)
                    .orElseGet(
                        () -> Trainer.accuracy(baselines.get().result(), test, preprocessing)));
    if (row.kind() == ResultRow.Kind.FP32) {
      SharedTraining.Done<Network> control = baselines.get();
      Map<String, Object> result = head(row);
      result.put("smol", null);
      result.put("accuracy", rounded(fp32, 2));
      result.put("accuracy_fp32", rounded(fp32, 2));
      result.put(
          "accuracy_fp32_start", rounded(Trainer.accuracy(full.result(), test, preprocessing), 2));
      result.put("bits_all", 32.0);
      result.put("bytes_fp32", bytesFp32(shared.plan()));
      result.put("bytes_file", null);
      tail(result, full.seconds() + control.seconds(), command);
      return result;
    }
    SharedTraining.Done<Searched> searched = shared.search(varied, full.result());
    int[][] precision = shared.assign(varied, searched.result());
    if (row.kind() == ResultRow.Kind.RANDOM_CHANNELS) {
      precision = RandomPrecisions.amongChannels(shared.plan(), precision, row.seed());
    } else if (row.kind() == ResultRow.Kind.RANDOM_LAYERS) {
      precision = RandomPrecisions.amongLayers(shared.plan(), precision, row.seed());
    }
    Network teacher = varied.distil() == 0 ? null : baselines.get().result();
    SharedTraining.Done<TrainedNetwork> tuned =
        shared.fineTune(varied, searched.result(), precision, teacher);
    return packed(row, workload, tuned, searched, fp32, command);
  }

  /** The baseline's accuracy, where its own row is finished. */
  private Optional<Double> published(ResultRow row) {
    return row.kind() == ResultRow.Kind.FP32 ? Optional.empty() : finished.apply(row);
  }

  private Map<String, Object> packed(
      ResultRow row,
      Workload workload,
      SharedTraining.Done<TrainedNetwork> tuned,
      SharedTraining.Done<Searched> searched,
      double fp32,
      String command) {
    PackedNetwork packed =
        SelfCheck.sign(
            NetworkCompiler.compile(
                Training.labelled(tuned.result(), recipe(row, workload), command)));
    Path file = zoo.resolve(row.name() + ".smol");
    int bytes = SmolFile.bytes(packed).length;
    SmolFile.write(packed, file);
    ImageSet test = workload.test();
    double accuracy;
    try (SmolNetwork loaded = SmolNetwork.load(file);
        Bar bar = Bar.of("test images", test.count())) {
      SelfCheck.verify(loaded);
      accuracy = Evaluation.accuracy(Evaluation.scores(loaded, test, 1, bar::step), test);
    }
    NetworkSize size = NetworkSize.of(packed);
    Map<String, Object> result = head(row);
    result.put("smol", "zoo/" + row.name() + ".smol");
    result.put("accuracy", rounded(accuracy, 2));
    result.put("accuracy_fp32", rounded(fp32, 2));
    result.put("budget", row.bits());
    result.put("bfloat16", varied(row, recipe(row, workload)).bfloat16());
    result.put("bits_all", rounded(size.bitsAll(), 4));
    result.put("bits_searched", rounded(size.bitsSearched(), 4));
    result.put("bits_searched_by_macs", rounded(size.bitsSearchedByMacs(), 4));
    result.put("registers", size.registers());
    result.put("bits_of_registers", rounded(bitsOfRegisters(size), 4));
    result.put("bytes_fp32", size.bytesFp32());
    result.put("bytes_file", bytes);
    List<Double> course = new ArrayList<>();
    for (EpochRecord epoch : tuned.log()) {
      course.add(rounded(epoch.accuracy(), 2));
    }
    result.put("training_accuracy_by_epoch", course);
    tail(result, searched.seconds() + tuned.seconds(), command);
    return result;
  }

  /** 4 bytes for each weight and for the bias of each output channel, as packed networks count. */
  private static long bytesFp32(Plan plan) {
    long numbers = plan.weights();
    for (Stage.Convolution layer : plan.convolutions()) {
      numbers += layer.outputChannels();
    }
    return 4 * numbers;
  }

  /** Bits of all registers that weights fill, edge layers at 8 bits added, per weight. */
  private static double bitsOfRegisters(NetworkSize size) {
    double edges = size.weights() * size.bitsAll() - size.bitsSearched() * size.searchedWeights();
    return (size.registerBits() + edges) / size.weights();
  }

  private Map<String, Object> head(ResultRow row) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("row", row.name());
    result.put("network", row.network());
    result.put("dataset", row.dataset());
    result.put("patterns", row.patterns());
    result.put("assign", row.kind().title());
    result.put("seed", row.seed());
    return result;
  }

  private static void tail(Map<String, Object> result, double seconds, String command) {
    Machine machine = Machine.here();
    result.put("seconds", Math.round(seconds));
    result.put("processor", machine.cpu());
    result.put("cpu_class", machine.cpuClass());
    result.put("command", command);
  }

  private static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }
}
