package org.sysmol.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sysmol.core.trained.Provenance;
import org.sysmol.report.Latency.EngineTime;
import org.sysmol.report.Latency.LayerTime;
import org.sysmol.report.TrainingLog.Epoch;
import org.sysmol.report.TrainingLog.Phase;

/** Made-up results of the size and shape that a real run has. */
final class SampleReport {
  static final List<String> NAMES =
      List.of(
          "stem.conv",
          "block1.conv1",
          "block1.conv2",
          "block2.conv1",
          "block2.conv2",
          "block2.shortcut",
          "block3.conv1",
          "block3.conv2",
          "head.linear");
  private static final int[] CHANNELS = {1, 64, 64, 64, 128, 64, 128, 128, 128};

  private SampleReport() {}

  private static List<LayerError> errors() {
    return List.of(
        new LayerError(
            "block2.conv2",
            2.1,
            0.31,
            8.2,
            new double[] {0.02, 0, 0.9, 3.5},
            new double[] {0.1, 0.05, 0.2, 0.01}),
        new LayerError("image and streams", 8, -0.0002, 0, new double[0], new double[0]));
  }

  static DemoReport realistic() {
    return new DemoReport(
        "SmallResidual",
        "Fashion-MNIST",
        7,
        "P4",
        "budget",
        new Accuracy(87.93, 88.64, 81.37, 88.21, 10_000),
        new Size(1.973, 1.921, 2.046, 2.0, 1_731_624, 121_344),
        layers(),
        errors(),
        training(),
        latency(),
        roofline(),
        new Agreement(
            List.of("scalar", "Vector API (256 bit)", "x86-64 AVX2", "trainer"),
            1024,
            98_765_432,
            0),
        facts(
            "command", "./sysmol demo --seed 7 --bits 2.0 --patterns P4 --out demo-out",
            "seed", "7",
            "data", "Fashion-MNIST, 10,000 training and 10,000 test images, sha256 3c1b…9e",
            "sysmol", "0.1.0",
            "libtorch", "2.10.0",
            "onnxruntime", "1.29.0"),
        facts(
            "CPU class", "x86-64 AVX2+FMA",
            "CPU", "AMD EPYC 7B13, 2 cores",
            "memory", "8 GiB",
            "operating system", "Debian 12, Linux 6.1",
            "Java", "25.0.1 (Temurin)"),
        287.4);
  }

  static Provenance facts(String... pairs) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      facts.put(pairs[i], pairs[i + 1]);
    }
    return new Provenance(facts);
  }

  private static List<LayerPrecision> layers() {
    var random = new Random(5);
    var layers = new ArrayList<LayerPrecision>();
    for (int i = 0; i < NAMES.size(); i++) {
      int channels = CHANNELS[i];
      int[] precision = new int[channels];
      double[] wanted = new double[channels];
      boolean edge = i == 0 || i == NAMES.size() - 1;
      // (64, 16, 8) and (0, 64, 0): 64 + 32 + 32 and 128 bits.
      int four = 4 + 2 * i;
      int two = edge ? 0 : channels / 2 - four / 2;
      for (int c = 0; c < channels; c++) {
        precision[c] = edge ? 8 : c < four ? 4 : c < four + two ? 2 : 1;
        wanted[c] = Math.max(1, precision[c] * (0.55 + 0.45 * random.nextDouble()));
      }
      layers.add(
          new LayerPrecision(
              NAMES.get(i),
              !edge,
              precision,
              edge ? new double[0] : wanted,
              edge
                  ? List.of()
                  : List.of(
                      new RegisterPattern(0, 64, 0, channels / 64),
                      new RegisterPattern(64, 16, 8, 1)),
              channels * 576L,
              channels * 576L * 49));
    }
    return layers;
  }

  private static TrainingLog training() {
    var groups = NAMES.subList(1, NAMES.size() - 1);
    var epochs = new ArrayList<Epoch>();
    var random = new Random(3);
    int[] lengths = {8, 10, 6, 16};
    for (Phase phase : Phase.values()) {
      for (int e = 1; e <= lengths[phase.ordinal()]; e++) {
        boolean full = phase == Phase.FULL_PRECISION || phase == Phase.CONTROL;
        double done = phase == Phase.SEARCH ? e / 10.0 : 1;
        double[] bits = new double[full ? 0 : groups.size()];
        for (int g = 0; g < bits.length; g++) {
          bits[g] =
              4 - done * (1.5 + 0.17 * g) + (phase == Phase.SEARCH ? 0.1 * random.nextDouble() : 0);
        }
        double level = phase == Phase.FULL_PRECISION ? 88 - 12.0 / e : 88.6 - 1.5 / e;
        epochs.add(
            new Epoch(
                phase,
                e,
                0.3 + (phase == Phase.FULL_PRECISION ? 0.6 / e : 0.05 / e),
                level + 2.5,
                phase == Phase.SEARCH && e % 2 == 1 ? Double.NaN : level,
                full ? Double.NaN : 4.1 - done * 2.1,
                bits));
      }
    }
    return new TrainingLog(groups, epochs);
  }

  private static Roofline roofline() {
    var layers = new ArrayList<Roofline.Layer>();
    for (int i = 0; i < NAMES.size(); i++) {
      layers.add(
          new Roofline.Layer(NAMES.get(i), 1_000_000L << i, 70_000L * (i + 1), 0.02 + 0.013 * i));
    }
    return new Roofline(
        "avx2",
        List.of(new Roofline.Roof("bytes multiplied", 433.25)),
        List.of(new Roofline.Slope("read from memory", 27.5)),
        layers);
  }

  private static Latency latency() {
    var layers = new ArrayList<LayerTime>();
    for (int i = 0; i < NAMES.size(); i++) {
      layers.add(new LayerTime(NAMES.get(i), 0.02 + 0.013 * i, i == 0 ? 0.011 : 0.05 + 0.02 * i));
    }
    return new Latency(
        List.of(
            new EngineTime("x86-64 AVX2", 0.8123, 0.79, 0.861),
            new EngineTime("Vector API (256 bit)", 2.417, 2.388, 2.62),
            new EngineTime("scalar", 14.93, 14.7, 16.2)),
        new EngineTime("ONNX Runtime 1.29.0 fp32", 1.4217, 1.39, 1.58),
        1,
        1,
        400,
        layers);
  }
}
