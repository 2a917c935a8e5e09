package org.sysmol.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Machine;
import org.sysmol.bench.Timing;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Placement;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.report.Accuracy;
import org.sysmol.report.Agreement;
import org.sysmol.report.DemoReport;
import org.sysmol.report.Latency;
import org.sysmol.report.LayerError;
import org.sysmol.report.LayerPrecision;
import org.sysmol.report.RegisterPattern;
import org.sysmol.report.Roofline;
import org.sysmol.report.Size;
import org.sysmol.report.TrainingLog;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.train.EpochRecord;
import org.sysmol.train.LayerErrors;
import org.sysmol.train.Phase;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.TrainingResult;

/** Turns what the demonstration found into the records of its report. */
record ReportData(
    TrainingResult result,
    PackedNetwork packed,
    TrainingRecipe recipe,
    NetworkSize size,
    int fileBytes,
    EngineComparison.Outcome agreement,
    DemoFigures figures,
    String command) {

  DemoReport report(String dataset, int testImages) {
    return new DemoReport(
        packed.name(),
        dataset,
        recipe.seed(),
        packed.patterns(),
        packed.assign(),
        new Accuracy(figures.fp32Start, figures.fp32, Double.NaN, figures.quantised, testImages),
        new Size(
            size.bitsAll(),
            size.bitsSearched(),
            size.bitsSearchedByMacs(),
            recipe.bits(),
            size.bytesFp32(),
            fileBytes),
        layers(),
        errors(figures.errors),
        log(),
        latency(),
        roofline(),
        new Agreement(parties(), agreement.images(), agreement.integers(), agreement.mismatches()),
        packed.provenance(),
        machine(),
        figures.seconds);
  }

  private List<String> parties() {
    List<String> parties = new ArrayList<>(List.of("scalar reference"));
    parties.addAll(agreement.parties());
    return parties;
  }

  private static Provenance machine() {
    Machine here = Machine.here();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("processor", here.cpu());
    facts.put("CPU class", here.cpuClass());
    facts.put("cores", Integer.toString(here.cores()));
    facts.put("Java", here.java());
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    return new Provenance(facts);
  }

  private List<LayerPrecision> layers() {
    return layers(result.trained(), packed);
  }

  /** What each layer's channels came to. */
  static List<LayerPrecision> layers(TrainedNetwork trained, PackedNetwork packed) {
    Plan plan = trained.plan();
    List<LayerPrecision> layers = new ArrayList<>();
    for (Stage.Convolution stage : plan.convolutions()) {
      Step.Convolution step = step(packed, stage.name());
      PackedTensor input = packed.tensors().get(step.input());
      InputGroup group = plan.groups().get(stage.group());
      int[] precision = new int[input.channels()];
      boolean mixed = input.encoding() instanceof Encoding.Mixed;
      double[] wanted = new double[mixed ? precision.length : 0];
      float[] continuous = trained.quantisers().continuous()[group.id()];
      for (int c = 0; c < precision.length; c++) {
        precision[c] = step.weights().precision()[c];
        if (mixed) {
          wanted[c] = continuous[input.order()[c]];
        }
      }
      layers.add(
          new LayerPrecision(
              stage.name(),
              mixed,
              precision,
              wanted,
              registers(packed, step.input()),
              stage.weights(),
              stage.macs()));
    }
    return layers;
  }

  private static Step.Convolution step(PackedNetwork packed, String name) {
    for (Step step : packed.steps()) {
      if (step instanceof Step.Convolution c && c.name().equals(name)) {
        return c;
      }
    }
    throw new IllegalStateException("The packed network lost the layer " + name + ".");
  }

  private static List<RegisterPattern> registers(PackedNetwork packed, int tensor) {
    List<RegisterPattern> registers = new ArrayList<>();
    for (Placement placement : packed.placements()) {
      if (placement.tensor() == tensor) {
        int[] p = placement.patterns();
        for (int r = 0; r < placement.registers(); r++) {
          registers.add(new RegisterPattern(p[3 * r], p[3 * r + 1], p[3 * r + 2], 1));
        }
      }
    }
    return registers;
  }

  /** What each part costs, as the report shows it. */
  static List<LayerError> errors(List<LayerErrors.Part> parts) {
    return parts.stream()
        .map(
            part ->
                new LayerError(
                    part.name(),
                    part.bits(),
                    part.lossRise(),
                    part.pointsLost(),
                    part.activations(),
                    part.weights()))
        .toList();
  }

  /** The same for machines, the costliest first; of channels the mean and the worst. */
  static List<Map<String, Object>> errorsAsJson(List<LayerErrors.Part> parts) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (LayerErrors.Part part : parts) {
      all.add(
          JsonOutput.object(
              "name", part.name(),
              "bits", part.bits(),
              "loss_rise", part.lossRise(),
              "points_lost", part.pointsLost(),
              "activations", channels(part.activations()),
              "weights", channels(part.weights())));
    }
    return all;
  }

  /** Null where a part has no channels of its own, as streams. */
  private static @Nullable Map<String, Object> channels(double[] errors) {
    if (errors.length == 0) {
      return null;
    }
    int worst = 0;
    for (int c = 1; c < errors.length; c++) {
      worst = errors[c] > errors[worst] ? c : worst;
    }
    return JsonOutput.object(
        "channels",
        errors.length,
        "mean_error",
        Arrays.stream(errors).average().orElse(0),
        "worst_channel",
        worst,
        "worst_error",
        errors[worst]);
  }

  private TrainingLog log() {
    return log(result.trained().plan(), result.log());
  }

  /** The epochs as the report draws them. */
  static TrainingLog log(Plan plan, List<EpochRecord> log) {
    List<String> groups =
        plan.groups().stream().filter(InputGroup::searched).map(InputGroup::name).toList();
    List<TrainingLog.Epoch> epochs = new ArrayList<>();
    for (EpochRecord e : log) {
      epochs.add(
          new TrainingLog.Epoch(
              phase(e.phase()),
              e.epoch(),
              e.loss(),
              e.accuracy(),
              e.heldOut(),
              e.bits(),
              e.bitsByGroup()));
    }
    return new TrainingLog(groups, epochs);
  }

  private static TrainingLog.Phase phase(Phase phase) {
    return switch (phase) {
      case FULL -> TrainingLog.Phase.FULL_PRECISION;
      case CONTROL -> TrainingLog.Phase.CONTROL;
      case NOISE -> TrainingLog.Phase.SEARCH;
      case QUANTISED -> TrainingLog.Phase.FINE_TUNE;
    };
  }

  private Latency latency() {
    List<Latency.EngineTime> engines = new ArrayList<>();
    engines.add(time(figures.sysmol));
    figures.others.forEach(t -> engines.add(time(t)));
    List<Latency.LayerTime> layers = new ArrayList<>();
    for (int i = 0; i < packed.steps().size(); i++) {
      layers.add(
          new Latency.LayerTime(
              packed.steps().get(i).name(), figures.stepNanoseconds[i] / 1e6, Double.NaN));
    }
    return new Latency(engines, time(figures.peer), 1, 1, figures.calls, layers);
  }

  private Roofline roofline() {
    List<Roofline.Roof> roofs = new ArrayList<>();
    List<Roofline.Slope> slopes = new ArrayList<>();
    figures.peak.ifPresent(
        peak -> {
          roofs.add(new Roofline.Roof("bytes multiplied", peak.bytes()));
          if (peak.bits() > 0) {
            roofs.add(new Roofline.Roof("single bits counted", peak.bits()));
          }
          slopes.add(new Roofline.Slope("read from the nearest cache", peak.near()));
          slopes.add(new Roofline.Slope("read from the next cache", peak.middle()));
          slopes.add(new Roofline.Slope("read from memory", peak.memory()));
        });
    List<Roofline.Layer> layers = new ArrayList<>();
    for (int i = 0; i < figures.explanations.size(); i++) {
      Explanation explanation = figures.explanations.get(i);
      if (explanation.macs() > 0 && figures.stepNanoseconds[i] > 0) {
        layers.add(
            new Roofline.Layer(
                packed.steps().get(i).name(),
                explanation.macs(),
                explanation.bytes(),
                figures.stepNanoseconds[i] / 1e6));
      }
    }
    return new Roofline(Machine.here().cpuClass(), roofs, slopes, layers);
  }

  private static Latency.EngineTime time(Timing t) {
    return new Latency.EngineTime(t.name(), t.medianMs(), t.lowMs(), t.highMs());
  }
}
