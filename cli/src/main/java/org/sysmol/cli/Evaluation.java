package org.sysmol.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.sysmol.core.SysmolException;
import org.sysmol.data.ImageSet;
import org.sysmol.runtime.SmolNetwork;

/** Runs a packed network over a set of images, images spread over threads. */
final class Evaluation {
  private Evaluation() {}

  /** What is called for each finished image, from any thread. */
  interface Progress {
    /** One more image is done. */
    void step();
  }

  /**
   * Scores of all images.
   *
   * @return {@code [image][class]}; independent of the number of threads
   */
  static float[][] scores(SmolNetwork network, ImageSet images, int threads, Progress progress) {
    requireShape(network, images);
    float[][] scores = new float[images.count()][];
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> parts = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int first = t;
        parts.add(
            pool.submit(
                () -> {
                  SmolNetwork.Session session = network.newSession();
                  byte[] pixels = new byte[images.pixelCount()];
                  for (int i = first; i < scores.length; i += threads) {
                    images.pixels(i, pixels);
                    scores[i] = session.run(network.packed().preprocessing().normalise(pixels));
                    progress.step();
                  }
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SysmolException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed("The evaluation was interrupted; run it again.", e);
    }
    return scores;
  }

  /** Percent of labelled images whose largest score is their label. */
  static double accuracy(float[][] scores, ImageSet images) {
    int right = 0;
    for (int i = 0; i < scores.length; i++) {
      if (images.label(i) == ImageSet.UNLABELLED) {
        throw SysmolException.badInput(
            "Image " + i + " of " + images.name() + " has no label, so there is no accuracy.");
      }
      right += SmolNetwork.argmax(scores[i]) == images.label(i) ? 1 : 0;
    }
    return scores.length == 0 ? 0 : 100.0 * right / scores.length;
  }

  private static void requireShape(SmolNetwork network, ImageSet images) {
    network
        .packed()
        .preprocessing()
        .requireShape(images.name(), images.channels(), images.height(), images.width());
  }
}
