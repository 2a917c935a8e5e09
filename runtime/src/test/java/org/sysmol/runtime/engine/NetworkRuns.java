package org.sysmol.runtime.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;

/** Random images and everything that a run of one computes. */
public final class NetworkRuns {
  private NetworkRuns() {}

  /** An image with values in {@code -range..range}. */
  public static float[] image(PackedNetwork network, SplittableRandom random, float range) {
    float[] image = new float[network.image().size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextDouble(-range, range);
    }
    return image;
  }

  /** All integers of a run as text, so that a failure shows the first tensor that differs. */
  public static List<String> all(Engine.Prepared prepared, PackedNetwork network, float[] image) {
    return all(prepared, network, image, 1);
  }

  /** As {@link #all(Engine.Prepared, PackedNetwork, float[])}, on several threads. */
  public static List<String> all(
      Engine.Prepared prepared, PackedNetwork network, float[] image, int threads) {
    List<String> all = new ArrayList<>();
    Engine.Context context = prepared.newTracingContext(threads);
    float[] result = new float[network.result().size()];
    context.run(image, result);
    Tensors tensors = context.tensors();
    for (int t = 0; t < network.tensors().size(); t++) {
      if (!(network.tensors().get(t).encoding() instanceof Encoding.Real)) {
        all.add(network.tensors().get(t).name() + Arrays.toString(tensors.codes(t)));
      }
    }
    float[] again = new float[result.length];
    Engine.Context reusing = prepared.newContext(threads);
    for (int run = 0; run < 2; run++) {
      reusing.run(image, again);
      if (!Arrays.equals(again, result)) {
        all.add("other results where tensors share memory, run " + run);
      }
    }
    StringBuilder bits = new StringBuilder("result");
    for (float value : result) {
      bits.append(' ').append(Float.floatToRawIntBits(value));
    }
    all.add(bits.toString());
    return all;
  }
}
