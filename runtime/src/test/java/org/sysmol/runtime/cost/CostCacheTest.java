package org.sysmol.runtime.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.cost.CostTable.Cost;
import org.sysmol.runtime.machine.CpuClass;

/** Kept costs come back as they were; whatever else is found is measured anew, said aloud. */
class CostCacheTest {
  private static final CostTable TABLE =
      new CostTable(
          "A CPU (of sorts)",
          CpuClass.AVX2,
          new Peak(100.5, 0, 3, 2, 1),
          new KernelCosts(6, 5.5, 100, 1.25, 3, 0.5, true),
          costs());

  /** One of each kind and precision that a table has; one of them is looked for in its text. */
  private static List<Cost> costs() {
    List<Cost> costs = new ArrayList<>();
    for (CostKind kind : CostKind.values()) {
      for (int bits = 1; bits <= 8; bits *= 2) {
        costs.add(new Cost(kind, bits, 64, 64, 196, 1e-3));
      }
    }
    costs.add(new Cost(CostKind.WINDOW, 2, 64, 64, 3136, 0.0041));
    return costs;
  }

  @TempDir private Path folder;

  private final List<String> said = new ArrayList<>();
  private int measured;

  private CostCache cache(String cpu) {
    return new CostCache(
        folder.resolve("sysmol"),
        cpu,
        cpuClass -> {
          measured++;
          return new CostTable(cpu, cpuClass, TABLE.peak(), TABLE.kernels(), TABLE.costs());
        },
        said::add);
  }

  @Test
  void costsAreMeasuredOnce() {
    CostCache cache = cache(TABLE.cpu());
    assertThat(cache.kept(CpuClass.AVX2)).isEmpty();
    assertThat(cache.get(CpuClass.AVX2, false)).isEqualTo(TABLE);
    assertThat(said).hasSize(1);
    assertThat(cache(TABLE.cpu()).get(CpuClass.AVX2, false)).isEqualTo(TABLE);
    assertThat(cache.kept(CpuClass.AVX2)).contains(TABLE);
    assertThat(cache.kept(CpuClass.AMX)).isEmpty();
    assertThat(measured).isEqualTo(1);
    assertThat(said).hasSize(1);
    assertThat(cache.get(CpuClass.AVX2, true)).isEqualTo(TABLE);
    assertThat(measured).isEqualTo(2);
    CostTable other = cache.get(CpuClass.AVX512, false);
    assertThat(other.cpuClass()).isEqualTo(CpuClass.AVX512);
    assertThat(cache("Another CPU").get(CpuClass.AVX2, false).cpu()).isEqualTo("Another CPU");
    assertThat(measured).isEqualTo(4);
  }

  @Test
  void whatCannotBeReadIsMeasuredAnew() throws IOException {
    CostCache cache = cache(TABLE.cpu());
    CostTable ignored = cache.get(CpuClass.AVX2, false);
    Path file = cache.file(CpuClass.AVX2);
    String good = Files.readString(file);
    List<String> bad =
        List.of(
            "",
            "\n\n\n\n\n\n\n",
            good.substring(0, good.length() - 2),
            good.replace("WINDOW 2", "WINNOW 2"),
            good.replace("OTHER_WINDOW 2", "WINDOW 2"),
            good.replace("GATHER", "TABLE"),
            good.replace("costs " + CostTable.VERSION, "costs 999"),
            good.replace("of sorts", "of others"),
            good.replace("avx2", "amx"),
            good.replace("0.0041", "-1"),
            good.replace("0.0041", "NaN"),
            good.replace("0.0041", "1e300"),
            good.replace("100.5", ""),
            good.replace(" 3136", ""),
            good.replace("3136", "99999999999"),
            good.repeat(2),
            good.repeat(1 << 14));
    for (String text : bad) {
      Files.writeString(file, text);
      said.clear();
      measured = 0;
      assertThat(cache.get(CpuClass.AVX2, false))
          .as(text.substring(0, Math.min(60, text.length())))
          .isEqualTo(TABLE);
      assertThat(measured).isEqualTo(1);
      assertThat(said.getFirst()).contains(file.toString(), "measuring anew");
      assertThat(Files.readString(file)).isEqualTo(good);
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThat(cache.get(CpuClass.AVX2, false)).isEqualTo(TABLE);
  }

  @Test
  void aCacheThatCannotBeWrittenIsNoObstacle() throws IOException {
    Files.writeString(folder.resolve("sysmol"), "a file where a folder should be");
    assertThat(cache(TABLE.cpu()).get(CpuClass.AVX2, false)).isEqualTo(TABLE);
    assertThat(said).hasSize(2);
    assertThat(said.getLast()).contains("can't be kept");
  }

  @Test
  void theUsersFolderFollowsTheConvention() {
    assertThat(CostCache.folder(Map.of("XDG_CACHE_HOME", "/c"), "/h"))
        .isEqualTo(Path.of("/c/sysmol"));
    assertThat(CostCache.folder(Map.of("XDG_CACHE_HOME", "c"), "/h"))
        .isEqualTo(Path.of("/h/.cache/sysmol"));
    assertThat(CostCache.folder(Map.of(), "/h")).isEqualTo(Path.of("/h/.cache/sysmol"));
  }
}
