package org.sysmol.runtime.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;

/**
 * Makes the data of all layers on other threads while the caller generates code; what is left then
 * the caller makes as well. The result does not depend on who made what.
 */
final class DataMaker {
  /** Each holds a layer's weights unpacked, so that more threads need more memory. */
  private static final int MOST_HELPERS = 3;

  private final List<LayerCode> layers;
  private final @Nullable LayerData[] made;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicLong nanos = new AtomicLong();
  private final List<Thread> helpers = new ArrayList<>();

  private DataMaker(List<LayerCode> layers) {
    this.layers = layers;
    made = new LayerData[layers.size()];
  }

  /** Begins. */
  static DataMaker start(List<LayerCode> layers) {
    DataMaker maker = new DataMaker(layers);
    int others = Math.min(MOST_HELPERS, Runtime.getRuntime().availableProcessors() - 1);
    for (int i = 0; i < others; i++) {
      Thread helper = new Thread(maker::make, "sysmol weights");
      helper.setDaemon(true);
      maker.helpers.add(helper);
      helper.start();
    }
    return maker;
  }

  private void make() {
    long begun = System.nanoTime();
    try {
      for (int i = next.getAndIncrement(); i < made.length; i = next.getAndIncrement()) {
        made[i] = layers.get(i).data();
      }
    } catch (RuntimeException | Error thrown) {
      failure.compareAndSet(null, thrown);
    }
    nanos.addAndGet(System.nanoTime() - begun);
  }

  /** Nanoseconds that all threads together spent, after {@link #finish}. */
  long nanos() {
    return nanos.get();
  }

  /** The data of all layers. */
  List<LayerData> finish() {
    make();
    boolean interrupted = false;
    for (Thread helper : helpers) {
      while (helper.isAlive()) {
        try {
          helper.join();
        } catch (InterruptedException e) {
          // The helpers end soon by themselves, and a half-made network is of no use.
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure.get()) {
      case null -> {}
      case RuntimeException known -> throw known;
      case Error error -> throw error;
      case Throwable other -> throw SysmolException.failed("Weights can't be rearranged.", other);
    }
    List<LayerData> all = new ArrayList<>();
    for (LayerData data : made) {
      if (data == null) {
        throw new IllegalStateException("A layer's data was not made.");
      }
      all.add(data);
    }
    return all;
  }
}
