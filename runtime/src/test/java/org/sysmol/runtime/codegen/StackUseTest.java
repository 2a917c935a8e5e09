package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Instruction;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Operand;
import org.sysmol.runtime.x86.Program;

/** The code may be called on any thread, however small its stack: it hardly uses it. */
@Timeout(120)
class StackUseTest {
  /** Bytes; the JVM makes the least of it that its own calls need. */
  private static final long TINY = 1;

  /** Layers whose scratch is largest: looked up, drained, tiles decoded and kept, rearranged. */
  private static final List<Spec> SPECS =
      List.of(
          new Spec(64, 64, 40, 41, 3, 3, 1, 1, true, false, false, false, true, false),
          new Spec(200, 72, 9, 9, 3, 3, 1, 1, true, false, false, false, true, true),
          new Spec(512, 64, 8, 8, 3, 3, 1, 1, true, false, false, false, true, false),
          new Spec(37, 69, 5, 13, 1, 1, 1, 1, true, false, true, true, true, false),
          new Spec(33, 33, 9, 9, 3, 3, 2, 1, true, true, true, true, false, false));

  private static List<Target> targets(CpuClass cpuClass) {
    return List.of(new Target(cpuClass), Target.lookups(cpuClass), Target.winograd(cpuClass));
  }

  private static List<PackedNetwork> networks() {
    List<PackedNetwork> all = new ArrayList<>();
    for (int n = 0; n < SPECS.size(); n++) {
      all.add(RandomNetworks.of(SPECS.get(n), n));
      all.add(RandomNetworks.sorted(SPECS.get(n), n, 1, 1, 2, 4));
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void onlyTheLocalsLieOnTheStack(CpuClass cpuClass) {
    Set<String> moves = new TreeSet<>();
    int scratch = 0;
    for (PackedNetwork network : networks()) {
      for (Target target : targets(cpuClass)) {
        NetworkCode code = new NetworkCode(network, target);
        scratch = Math.max(scratch, code.threadBytes() - code.table().scratch());
        for (Program.Entry entry : code.program().entries()) {
          if (entry instanceof Instruction instruction) {
            inspect(instruction, moves);
          }
        }
      }
    }
    assertThat(moves)
        .containsExactlyInAnyOrder(
            "add rsp, 0x8",
            "and rsp, 0xffffffffffffffc0",
            "mov rax, rsp",
            "mov rsp, qword [rsp+0x" + Integer.toHexString(LayerCode.LOCALS) + "]",
            "sub rsp, 0x8",
            "sub rsp, 0x" + Integer.toHexString(LayerCode.LOCALS + 64));
    // It would have been on the stack otherwise: the largest that each class has.
    assertThat(scratch).isGreaterThan(cpuClass == CpuClass.AMX ? 100_000 : 20_000);
  }

  private static void inspect(Instruction instruction, Set<String> moves) {
    for (Operand operand : instruction.operands()) {
      if (operand == GeneralRegister.RSP) {
        moves.add(instruction.toString());
      }
      if (operand instanceof Memory memory && memory.base() == GeneralRegister.RSP) {
        assertThat(memory.index()).as("%s", instruction).isNull();
        assertThat(memory.displacement()).as("%s", instruction).isBetween(0, LayerCode.LOCALS);
      }
    }
  }

  @Test
  void networksRunOnThreadsWithTinyStacks() throws InterruptedException {
    SplittableRandom random = new SplittableRandom(5);
    int compared = 0;
    for (PackedNetwork network : networks()) {
      float[] image = NetworkRuns.image(network, random, 4f);
      float[] expected = new float[network.result().size()];
      try (Engine.Prepared scalar = new ScalarEngine().prepare(network)) {
        scalar.newContext(1).run(image, expected);
      }
      for (CpuClass cpuClass : CpuClass.values()) {
        if (cpuClass == CpuClass.BASELINE || !CpuFeatures.detect().supports(cpuClass)) {
          System.out.println("not run on this machine: " + cpuClass.text());
          continue;
        }
        for (Target target : targets(cpuClass)) {
          try (NativeNetwork made = new NativeNetwork(network, target)) {
            for (int threads : List.of(1, 2)) {
              Engine.Context context = made.newContext(threads);
              float[] result = new float[expected.length];
              onTinyStack(() -> context.run(image, result));
              assertThat(result).as("%s, %s", cpuClass.text(), made.kernels()).isEqualTo(expected);
              compared++;
            }
          }
        }
      }
    }
    System.out.println("On tiny stacks: " + compared + " networks equal the reference");
    assertThat(compared).isPositive();
  }

  private static void onTinyStack(Runnable run) throws InterruptedException {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread tiny = new Thread(null, run, "tiny stack", TINY);
    tiny.setUncaughtExceptionHandler((_, thrown) -> failure.set(thrown));
    tiny.start();
    tiny.join();
    assertThat(failure.get()).isNull();
  }
}
