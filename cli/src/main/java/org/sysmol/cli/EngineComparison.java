package org.sysmol.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.plan.Value;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.train.QuantisedEvaluation;

/**
 * Compares every layer's integers: the trainer's evaluation, before channels were rearranged, and
 * every engine against the scalar reference on the packed network.
 */
final class EngineComparison {
  private static final int BATCH = 50;

  private EngineComparison() {}

  /**
   * What was compared.
   *
   * @param parties who was compared with the scalar reference
   * @param images number of images
   * @param integers number of integers and results compared, over all parties
   * @param mismatches how many differed
   * @param firstDifference words for the first one, empty if there is none
   */
  record Outcome(
      List<String> parties, int images, long integers, long mismatches, String firstDifference) {}

  /** Engines that this machine runs besides the reference. */
  static List<EngineChoice> engines() {
    List<EngineChoice> engines = new ArrayList<>();
    for (String name : List.of("machine-code", "vector")) {
      try {
        engines.add(EngineChoice.named(name));
      } catch (org.sysmol.core.SysmolException e) {
        System.err.println("not compared: " + e.getMessage());
      }
    }
    return engines;
  }

  /** Compares on the first {@code count} images. */
  static Outcome run(
      TrainedNetwork trained,
      PackedNetwork packed,
      List<EngineChoice> engines,
      ImageSet images,
      int count) {
    Counter counter = new Counter();
    QuantisedEvaluation trainer = new QuantisedEvaluation(trained);
    Map<String, SmolNetwork> networks = new LinkedHashMap<>();
    List<String> parties = new ArrayList<>(List.of("trainer"));
    int total = Math.min(count, images.count());
    try (SmolNetwork reference =
            SmolNetwork.of(packed, new EngineChoice(new ScalarEngine(), List.of()));
        Bar bar = Bar.of("comparing engines", total)) {
      SmolNetwork.Session scalar = reference.newTracingSession();
      Map<String, SmolNetwork.Session> sessions = new LinkedHashMap<>();
      for (EngineChoice choice : engines) {
        String name = choice.engine().name() + " (" + choice.engine().description() + ")";
        networks.put(name, SmolNetwork.of(packed, choice));
        sessions.put(name, networks.get(name).newTracingSession());
        parties.add(name);
      }
      Preprocessing preprocessing = packed.preprocessing();
      byte[] pixels = new byte[images.pixelCount()];
      int size = packed.image().size();
      for (int first = 0; first < total; first += BATCH) {
        int n = Math.min(BATCH, total - first);
        float[] batch = new float[n * size];
        for (int i = 0; i < n; i++) {
          images.pixels(first + i, pixels);
          preprocessing.normalise(pixels, batch, i * size);
        }
        QuantisedEvaluation.Batch expected = trainer.run(batch, n);
        for (int i = 0; i < n; i++) {
          float[] image = java.util.Arrays.copyOfRange(batch, i * size, (i + 1) * size);
          float[] result = scalar.run(image);
          trainer(trained, packed, expected, i, scalar, result, counter);
          sessions.forEach(
              (name, session) ->
                  engine(name, packed, session, session.run(image), scalar, result, counter));
          bar.step();
        }
      }
    } finally {
      networks.values().forEach(SmolNetwork::close);
    }
    return new Outcome(parties, total, counter.compared, counter.different, counter.first);
  }

  private static void trainer(
      TrainedNetwork trained,
      PackedNetwork packed,
      QuantisedEvaluation.Batch batch,
      int image,
      SmolNetwork.Session scalar,
      float[] result,
      Counter counter) {
    for (Value value : trained.plan().values()) {
      int[] codes = batch.codes().get(value.id());
      if (codes.length == 0) {
        continue;
      }
      int index = tensor(packed, value.name());
      PackedTensor tensor = packed.tensors().get(index);
      boolean signed =
          tensor.encoding() instanceof Encoding.Eight eight
              ? eight.signed()
              : ((Encoding.Mixed) tensor.encoding()).signed();
      byte[] got = scalar.tensors().codes(index);
      int pixels = tensor.height() * tensor.width();
      int base = image * tensor.size();
      for (int c = 0; c < tensor.channels(); c++) {
        int from = base + tensor.order()[c] * pixels;
        for (int p = 0; p < pixels; p++) {
          byte stored = got[p * tensor.channels() + c];
          int integer = signed ? stored : stored & 0xff;
          counter.compare("trainer", tensor.name(), c, codes[from + p] == integer);
        }
      }
    }
    for (int i = 0; i < result.length; i++) {
      float want = batch.results()[image * result.length + i];
      counter.compare(
          "trainer",
          "result",
          i,
          Float.floatToRawIntBits(want) == Float.floatToRawIntBits(result[i]));
    }
  }

  private static int tensor(PackedNetwork packed, String name) {
    for (int i = 0; i < packed.tensors().size(); i++) {
      if (packed.tensors().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalStateException("The packed network lost the tensor " + name + ".");
  }

  private static void engine(
      String name,
      PackedNetwork packed,
      SmolNetwork.Session session,
      float[] got,
      SmolNetwork.Session scalar,
      float[] want,
      Counter counter) {
    Tensors mine = session.tensors();
    Tensors reference = scalar.tensors();
    for (int t = 0; t < packed.tensors().size(); t++) {
      byte[] a = mine.codes(t);
      byte[] b = reference.codes(t);
      int channels = packed.tensors().get(t).channels();
      for (int i = 0; i < b.length; i++) {
        counter.compare(name, packed.tensors().get(t).name(), i % channels, a[i] == b[i]);
      }
    }
    for (int i = 0; i < want.length; i++) {
      counter.compare(
          name, "result", i, Float.floatToRawIntBits(got[i]) == Float.floatToRawIntBits(want[i]));
    }
  }

  private static final class Counter {
    private long compared;
    private long different;
    private String first = "";

    void compare(String party, String tensor, int channel, boolean equal) {
      compared++;
      if (!equal) {
        if (different == 0) {
          first = party + " differs first in " + tensor + ", channel position " + channel;
        }
        different++;
      }
    }
  }
}
