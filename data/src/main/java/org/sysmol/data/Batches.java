package org.sysmol.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * The batches of one epoch, prepared ahead of whoever takes them.
 *
 * <p>One thread decodes, augments and normalises up to {@link Epoch#prefetch()} batches in advance;
 * what it yields is the same as without it. An exception of that thread comes out of {@link
 * #next()}, at the batch that it befell. For one consumer; {@link #close()} ends the thread at any
 * time.
 */
public final class Batches implements Iterator<Batch>, AutoCloseable {

  /** What the thread hands over. */
  private sealed interface Message {
    /** A batch, and more may follow. */
    record Ready(Batch batch) implements Message {}

    /** The thread has ended with an exception. */
    record Failed(Throwable cause) implements Message {}
  }

  private final ImageSet set;
  private final Preprocessing preprocessing;
  private final Epoch epoch;
  private final int[] order;
  private final int batches;
  private final int first;
  private final byte[] original;
  private final byte[] changed;
  private final BlockingQueue<Message> queue;
  private final @Nullable Thread worker;
  private int taken;
  private boolean closed;

  /**
   * Starts an epoch.
   *
   * @throws SysmolException if the set's images do not have the shape of {@code preprocessing}
   */
  public Batches(ImageSet set, Preprocessing preprocessing, Epoch epoch) {
    this(set, preprocessing, epoch, 0);
  }

  /**
   * Goes on with an epoch.
   *
   * @param first batch, from 0: those before it are left out
   * @throws SysmolException if the set's images do not have the shape of {@code preprocessing}
   */
  public Batches(ImageSet set, Preprocessing preprocessing, Epoch epoch, int first) {
    preprocessing.requireShape(set.name(), set.channels(), set.height(), set.width());
    this.set = set;
    this.preprocessing = preprocessing;
    this.epoch = epoch;
    this.order =
        epoch.shuffled()
            ? Shuffle.order(set.count(), epoch.seed(), epoch.number())
            : Shuffle.inOrder(set.count());
    this.batches = epoch.batches(set.count());
    if (first < 0 || first > batches) {
      throw new IllegalArgumentException("batch " + first + " of " + batches);
    }
    this.first = first;
    this.taken = first;
    long values = (long) Math.min(epoch.batchSize(), set.count()) * set.pixelCount();
    if (values > Integer.MAX_VALUE - 16) {
      throw SysmolException.badInput(
          "A batch of "
              + epoch.batchSize()
              + " images of "
              + set.pixelCount()
              + " values is too large: take fewer images at a time.");
    }
    this.original = new byte[set.pixelCount()];
    this.changed = new byte[set.pixelCount()];
    this.queue = new ArrayBlockingQueue<>(Math.max(1, epoch.prefetch()));
    if (epoch.prefetch() == 0) {
      this.worker = null;
    } else {
      this.worker = Thread.ofPlatform().daemon().name("sysmol-batches").unstarted(this::prepareAll);
      this.worker.start();
    }
  }

  /** The number of batches of the whole epoch. */
  public int count() {
    return batches;
  }

  @Override
  public boolean hasNext() {
    return taken < batches;
  }

  /**
   * The next batch, waiting for it if need be.
   *
   * @throws SysmolException if an image could not be read, or the calling thread was interrupted
   */
  @Override
  public Batch next() {
    if (closed || taken >= batches) {
      throw new NoSuchElementException();
    }
    Batch batch = worker == null ? prepare(taken) : take();
    taken++;
    return batch;
  }

  /** Ends the thread and waits until it has ended; calling it again does nothing. */
  @Override
  public void close() {
    closed = true;
    if (worker == null) {
      return;
    }
    worker.interrupt();
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Batch take() {
    try {
      return switch (queue.take()) {
        case Message.Ready(Batch batch) -> batch;
        case Message.Failed(Throwable cause) -> {
          // Whoever asks again gets the same answer instead of waiting for ever.
          queue.put(new Message.Failed(cause));
          throw rethrow(cause);
        }
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed("Preparing images was interrupted: start again.", e);
    }
  }

  private static RuntimeException rethrow(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException exception) {
      throw exception;
    }
    return SysmolException.failed("Preparing images failed: see the cause.", cause);
  }

  private void prepareAll() {
    try {
      for (int batch = first; batch < batches; batch++) {
        if (Thread.interrupted()) {
          return;
        }
        Message message;
        try {
          message = new Message.Ready(prepare(batch));
        } catch (RuntimeException | Error e) {
          message = new Message.Failed(e);
        }
        queue.put(message);
        if (message instanceof Message.Failed) {
          return;
        }
      }
    } catch (InterruptedException e) {
      // close() asks for the end; nobody waits for what was being prepared.
      Thread.currentThread().interrupt();
    }
  }

  private Batch prepare(int batch) {
    int start = batch * epoch.batchSize();
    int size = Math.min(epoch.batchSize(), order.length - start);
    int pixelCount = set.pixelCount();
    float[] images = new float[size * pixelCount];
    int[] labels = new int[size];
    boolean unchanged = epoch.augmentation().equals(Augmentation.NONE);
    for (int i = 0; i < size; i++) {
      int index = order[start + i];
      labels[i] = set.label(index);
      set.pixels(index, original);
      if (unchanged) {
        preprocessing.normalise(original, images, i * pixelCount);
      } else {
        epoch
            .augmentation()
            .apply(
                original,
                changed,
                set.channels(),
                set.height(),
                set.width(),
                epoch.seed(),
                epoch.number(),
                index);
        preprocessing.normalise(changed, images, i * pixelCount);
      }
    }
    return new Batch(images, labels, size);
  }
}
