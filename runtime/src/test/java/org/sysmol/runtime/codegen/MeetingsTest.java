package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.machine.CpuClass;

/**
 * Where threads meet. That runs between meetings give the reference's bits, whichever thread is
 * ahead, is what {@link GeneratedCodeTest} (the first) and {@link GuardPageTest} (the last) see.
 */
final class MeetingsTest {
  private static final int NETWORKS = 60;

  @Test
  void tensorsOfStepsThatMayRunTogetherShareNoMemory() {
    int spared = 0;
    SplittableRandom random = new SplittableRandom(41);
    for (int n = 0; n < NETWORKS; n++) {
      PackedNetwork network = RandomNetworks.of(RandomNetworks.draw(random), n);
      NetworkCode code = new NetworkCode(network, new Target(CpuClass.AVX2));
      for (int threads = 2; threads <= 4; threads++) {
        int[] before = code.meetings(threads).before();
        spared += before.length - 1 - before[before.length - 1];
        for (int s = 0; s < before.length; s++) {
          List<Integer> touched = new ArrayList<>();
          for (int other = s; other < before.length && before[other] == before[s]; other++) {
            add(touched, network.steps().get(other));
          }
          apart(code, code.places(threads), touched);
        }
      }
    }
    assertThat(spared).isPositive();
  }

  private static void add(List<Integer> touched, Step step) {
    for (int tensor : step.reads()) {
      if (!touched.contains(tensor)) {
        touched.add(tensor);
      }
    }
    touched.add(step.output());
  }

  private static void apart(NetworkCode code, NetworkLayout.Places places, List<Integer> tensors) {
    for (int a : tensors) {
      for (int b : tensors) {
        long end = places.offset()[a] + code.layout().tensor(a).bytes();
        assertThat(a == b || end <= places.offset()[b] || places.offset()[b] <= places.offset()[a])
            .as("tensors %d and %d of %s", a, b, code.kernels())
            .isTrue();
      }
    }
  }

  @Test
  void stepsMeetBeforeWhatAnotherThreadWrites() {
    SplittableRandom random = new SplittableRandom(42);
    for (int n = 0; n < NETWORKS; n++) {
      PackedNetwork network = RandomNetworks.of(RandomNetworks.draw(random), n);
      NetworkCode code = new NetworkCode(network, new Target(CpuClass.AVX2));
      int[] before = code.meetings(2).before();
      List<Step> steps = network.steps();
      for (int s = 0; s < before.length; s++) {
        for (int earlier = 0; earlier < s; earlier++) {
          boolean reads = steps.get(s).reads().contains(steps.get(earlier).output());
          boolean ownRows = steps.get(s) instanceof Step.Requantise || joins(steps.get(s));
          assertThat(!reads || ownRows || before[earlier] < before[s])
              .as("steps %d and %d of %s", earlier, s, code.kernels())
              .isTrue();
        }
      }
    }
  }

  private static boolean joins(Step step) {
    return step instanceof Step.Join || step instanceof Step.Scale;
  }
}
