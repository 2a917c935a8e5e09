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
import org.sysmol.runtime.engine.Shapes;

/** Runs a packed network over a set of images, images spread over threads. */
final class Evaluation {
  private Evaluation() {}

  /** What is called for each finished image, from any thread. */
  interface Progress {
    /** One more image is done. */
    void step();
  }

  /**
   * Refuses what {@code --threads} does not take.
   *
   * @param asked how many, 0 for one per processor
   * @throws SysmolException (bad input) that says what it takes
   */
  static void checkThreads(int asked) {
    if (asked < 0 || asked > Shapes.MOST_THREADS) {
      throw SysmolException.badInput(
          "--threads takes 1 to " + Shapes.MOST_THREADS + ", or 0 for one per processor.");
    }
  }

  /**
   * Threads that are of use.
   *
   * @param asked how many, 0 for one per processor
   * @param images that there are
   * @return no more than there are images or a run may have
   */
  static int workers(int asked, int images) {
    int threads = asked > 0 ? asked : Runtime.getRuntime().availableProcessors();
    return Math.max(1, Math.min(Math.min(threads, Shapes.MOST_THREADS), images));
  }

  /**
   * Scores of all images.
   *
   * @param threads at least 1; no more are started than {@link #workers} finds of use
   * @return {@code [image][class]}; independent of the number of threads
   */
  static float[][] scores(SmolNetwork network, ImageSet images, int threads, Progress progress) {
    requireShape(network, images);
    float[][] scores = new float[images.count()][];
    int workers = workers(threads, images.count());
    try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> parts = new ArrayList<>();
      for (int t = 0; t < workers; t++) {
        int first = t;
        parts.add(
            pool.submit(
                () -> {
                  SmolNetwork.Session session = network.newSession();
                  byte[] pixels = new byte[images.pixelCount()];
                  for (int i = first; i < scores.length; i += workers) {
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
