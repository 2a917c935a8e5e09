package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * The processor runs the code of every class that it has between pages that nobody may touch, at
 * odd sizes: one byte beyond a tensor, a weight or a table would end this process.
 */
class GuardPageTest {
  private static final int NETWORKS = 60;

  @Test
  void codeTouchesNothingButItsBuffers() {
    List<CpuClass> classes =
        CpuFeatures.detect().classes().stream().filter(c -> c != CpuClass.BASELINE).toList();
    assertThat(classes).as("this machine runs generated code").isNotEmpty();
    SplittableRandom random = new SplittableRandom(77);
    for (int n = 0; n < NETWORKS; n++) {
      RandomNetworks.Spec spec = RandomNetworks.draw(random);
      PackedNetwork network =
          n % 2 == 0
              ? RandomNetworks.of(spec, n)
              : RandomNetworks.sorted(spec, n, n % 4 == 1 ? 1 : 2, 4 >> (n % 3));
      float[] image = NetworkRuns.image(network, random, 4f);
      Tensors expected = reference(network, image);
      for (CpuClass cpuClass : classes) {
        for (boolean atEnd : List.of(true, false)) {
          // A crash of the process names the thread.
          Thread.currentThread().setName("guard pages, " + cpuClass.text() + ", network " + n);
          try (GuardedNetwork guarded =
              new GuardedNetwork(network, new Target(cpuClass), atEnd, 1 + n % 3)) {
            guarded.run(image);
            assertThat(guarded.unlike(expected))
                .as("%s, network %d, %s", cpuClass.text(), n, spec)
                .isEmpty();
          }
        }
      }
    }
    System.out.println("Between guard pages: " + NETWORKS + " networks on " + classes);
  }

  @Test
  void thePagesBesideEachPieceAreForbidden() throws IOException {
    for (boolean atEnd : List.of(true, false)) {
      try (GuardedMemory memory = new GuardedMemory(atEnd)) {
        for (long bytes : List.of(1L, 64L, 4095L, 4096L, 4097L, 10_000L)) {
          MemorySegment piece = memory.allocate(bytes);
          long last = piece.address() + bytes - 1;
          assertThat(GuardedMemory.permissions(piece.address())).isEqualTo("rw-p");
          assertThat(GuardedMemory.permissions(last)).isEqualTo("rw-p");
          long beside = atEnd ? last + 1 : piece.address() - 1;
          assertThat(GuardedMemory.permissions(beside)).isEqualTo("---p");
        }
      }
    }
  }

  private static Tensors reference(PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
      Engine.Context context = prepared.newTracingContext(1);
      context.run(image, new float[network.result().size()]);
      return context.tensors();
    }
  }
}
