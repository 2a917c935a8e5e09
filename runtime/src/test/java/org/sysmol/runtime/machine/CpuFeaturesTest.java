package org.sysmol.runtime.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.x86.Feature;

/** The processor's description, real and imagined. */
class CpuFeaturesTest {
  // Leaf 1 of every processor below: AVX, OSXSAVE, POPCNT, FMA.
  private static final int LEAF_1 = 1 << 28 | 1 << 27 | 1 << 23 | 1 << 12;
  private static final int AVX2 = 1 << 5;
  private static final int SKYLAKE = AVX2 | 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31;
  private static final int VBMI_VNNI_POPCOUNT = 1 << 1 | 1 << 11 | 1 << 14;
  private static final int TILES = 1 << 24 | 1 << 25;

  /** A processor made of the words that matter. */
  private record Imagined(int highest, int ecx1, Cpuid.Registers leaf7, int eax71, long xcr0)
      implements Cpuid {
    @Override
    public Registers leaf(int leaf, int subleaf) {
      return switch (leaf) {
        case 0 -> new Registers(highest, 0, 0, 0);
        case 1 -> new Registers(0, 0, ecx1, 0);
        case 7 -> subleaf == 0 ? leaf7 : new Registers(eax71, 0, 0, 0);
        case 0x80000000 -> new Registers(0x80000004, 0, 0, 0);
        case 0x80000002 -> new Registers(0x20202020, 0x75706343, 0x20202020, 0);
        default -> new Registers(0, 0, 0, 0);
      };
    }

    @Override
    public long savedState() {
      if ((ecx1 >> 27 & 1) == 0) {
        throw new AssertionError("xgetbv is not allowed without osxsave");
      }
      return xcr0;
    }
  }

  private static CpuFeatures parse(int ebx, int ecx, int edx, int eax71, long xcr0) {
    return CpuFeatures.parse(
        new Imagined(7, LEAF_1, new Cpuid.Registers(1, ebx, ecx, edx), eax71, xcr0),
        TilePermission.Granted::new);
  }

  /** Where there are no tiles, the system is not asked for them. */
  private static TilePermission noQuestion() {
    throw new AssertionError("asked for tiles that the processor does not have");
  }

  private static CpuFeatures withTiles(TilePermission permission) {
    Cpuid.Registers leaf7 = new Cpuid.Registers(1, SKYLAKE, VBMI_VNNI_POPCOUNT | 1 << 8, TILES);
    return CpuFeatures.parse(new Imagined(7, LEAF_1, leaf7, 1 << 4, 0x600E7), () -> permission);
  }

  @Test
  void tilesWithoutPermissionLowerTheClassAndSayWhy() {
    CpuFeatures granted = withTiles(new TilePermission.Granted());
    assertThat(granted.best()).isEqualTo(CpuClass.AMX);
    assertThat(granted.limitation()).isEmpty();
    CpuFeatures refused = withTiles(new TilePermission.Refused("No tiles for you."));
    assertThat(refused.best()).isEqualTo(CpuClass.AVX512);
    assertThat(refused.features()).doesNotContain(Feature.AMX_TILE, Feature.AMX_INT8);
    assertThat(refused.limitation()).contains("No tiles for you.");
    assertThatThrownBy(() -> refused.cappedTo(CpuClass.AMX))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Code of class amx cannot run here, because this machine lacks amx_tile, amx_int8 (No"
                + " tiles for you); choose one of avx2, avxvnni, avx512.");
  }

  @Test
  void aMachineCanBeLoweredToEveryClassThatItSupports() {
    CpuFeatures machine = withTiles(new TilePermission.Granted());
    assertThat(machine.classes()).containsExactly(CpuClass.values());
    for (CpuClass cpuClass : CpuClass.values()) {
      CpuFeatures capped = machine.cappedTo(cpuClass);
      assertThat(capped.best()).isEqualTo(cpuClass);
      Set<Feature> allowed = new HashSet<>(cpuClass.features());
      allowed.addAll(cpuClass.optional());
      assertThat(capped.features()).isEqualTo(allowed);
      assertThat(capped.name()).isEqualTo(machine.name());
    }
    CpuFeatures iceLake = parse(SKYLAKE, VBMI_VNNI_POPCOUNT, 0, 0, 0xE7);
    assertThat(iceLake.cappedTo(CpuClass.AVX512).features()).isEqualTo(CpuClass.AVX512.features());
    assertThatThrownBy(() -> iceLake.cappedTo(CpuClass.AVXVNNI))
        .hasMessage(
            "Code of class avxvnni cannot run here, because this machine lacks avx_vnni; choose one"
                + " of avx2, avx512.");
    CpuFeatures old = new CpuFeatures("old", Set.of(), Optional.empty());
    assertThatThrownBy(() -> old.cappedTo(CpuClass.AVX2))
        .hasMessageEndingWith("leave the class away.");
  }

  @Test
  void classesAreReadByName() {
    for (CpuClass cpuClass : CpuClass.values()) {
      assertThat(CpuClass.parse(cpuClass.text())).isEqualTo(cpuClass);
    }
    assertThat(CpuClass.parse(" AVX2 ")).isEqualTo(CpuClass.AVX2);
    for (String wrong : new String[] {"", "avx", "avx512vnni", "AMX2"}) {
      assertThatThrownBy(() -> CpuClass.parse(wrong))
          .isInstanceOf(SysmolException.class)
          .hasMessage(
              "There is no class of processors called '"
                  + wrong
                  + "'; the classes are baseline, avx2, avxvnni, avx512, amx.");
    }
  }

  @Test
  void classesFollowFromTheExtensions() {
    assertThat(parse(AVX2, 0, 0, 0, 7).best()).isEqualTo(CpuClass.AVX2);
    assertThat(parse(AVX2, 0, 0, 1 << 4, 7).best()).isEqualTo(CpuClass.AVXVNNI);
    assertThat(parse(SKYLAKE, 0, 0, 0, 0xE7).best()).isEqualTo(CpuClass.AVX2);
    CpuFeatures iceLake = parse(SKYLAKE, VBMI_VNNI_POPCOUNT, 0, 0, 0xE7);
    assertThat(iceLake.best()).isEqualTo(CpuClass.AVX512);
    assertThat(iceLake.supports(CpuClass.AVXVNNI)).isFalse();
    assertThat(iceLake.supports(CpuClass.AVX2)).isTrue();
    assertThat(parse(SKYLAKE, VBMI_VNNI_POPCOUNT, TILES, 1 << 4, 0x600E7).best())
        .isEqualTo(CpuClass.AMX);
  }

  @Test
  void whatTheSystemDoesNotSaveIsNotUsed() {
    assertThat(parse(SKYLAKE, VBMI_VNNI_POPCOUNT, TILES, 1 << 4, 0xE7).best())
        .isEqualTo(CpuClass.AVX512);
    for (long missing : new long[] {0x20, 0x40, 0x80}) {
      assertThat(parse(SKYLAKE, VBMI_VNNI_POPCOUNT, TILES, 1 << 4, 0xE7 & ~missing).best())
          .isEqualTo(CpuClass.AVXVNNI);
    }
    assertThat(parse(SKYLAKE, VBMI_VNNI_POPCOUNT, TILES, 1 << 4, 3).best())
        .isEqualTo(CpuClass.BASELINE);
    Imagined noXsave =
        new Imagined(7, LEAF_1 & ~(1 << 27), new Cpuid.Registers(1, -1, -1, -1), -1, 0x600E7);
    assertThat(CpuFeatures.parse(noXsave, CpuFeaturesTest::noQuestion).features())
        .isEqualTo(Set.of(Feature.X86_64, Feature.POPCNT));
  }

  @Test
  void eachMissingExtensionLowersTheClass() {
    for (int bit : new int[] {17, 30, 31}) {
      assertThat(parse(SKYLAKE & ~(1 << bit), VBMI_VNNI_POPCOUNT, 0, 0, 0xE7).best())
          .isEqualTo(CpuClass.AVX2);
    }
    for (int bit : new int[] {1, 11, 14}) {
      assertThat(parse(SKYLAKE, VBMI_VNNI_POPCOUNT & ~(1 << bit), 0, 0, 0xE7).best())
          .isEqualTo(CpuClass.AVX2);
    }
    for (int bit : new int[] {24, 25}) {
      assertThat(parse(SKYLAKE, VBMI_VNNI_POPCOUNT, TILES & ~(1 << bit), 0, 0x600E7).best())
          .isEqualTo(CpuClass.AVX512);
    }
  }

  @Test
  void oldProcessorsAreNotAskedWhatTheyCannotAnswer() {
    Imagined old = new Imagined(1, LEAF_1, new Cpuid.Registers(-1, -1, -1, -1), -1, 7);
    assertThat(CpuFeatures.parse(old, CpuFeaturesTest::noQuestion).features())
        .isEqualTo(Set.of(Feature.X86_64, Feature.POPCNT, Feature.AVX, Feature.FMA));
    Imagined oneSubleaf = new Imagined(7, LEAF_1, new Cpuid.Registers(0, AVX2, 0, 0), -1, 7);
    assertThat(CpuFeatures.parse(oneSubleaf, CpuFeaturesTest::noQuestion).best())
        .isEqualTo(CpuClass.AVX2);
  }

  @Test
  void theNameIsTrimmed() {
    assertThat(parse(0, 0, 0, 0, 0).name()).isEqualTo("Ccpu");
  }

  @Test
  void theProcessorAtHandAgreesWithTheKernel() throws IOException {
    CpuFeatures features = CpuFeatures.detect();
    assertThat(features.limitation()).isEmpty();
    Set<String> flags =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("flags"))
            .limit(1)
            .flatMap(line -> Arrays.stream(line.split("\\s+")))
            .collect(Collectors.toSet());
    Map<Feature, String> names =
        Map.ofEntries(
            Map.entry(Feature.POPCNT, "popcnt"),
            Map.entry(Feature.AVX, "avx"),
            Map.entry(Feature.AVX2, "avx2"),
            Map.entry(Feature.FMA, "fma"),
            Map.entry(Feature.AVX_VNNI, "avx_vnni"),
            Map.entry(Feature.AVX512F, "avx512f"),
            Map.entry(Feature.AVX512BW, "avx512bw"),
            Map.entry(Feature.AVX512DQ, "avx512dq"),
            Map.entry(Feature.AVX512VL, "avx512vl"),
            Map.entry(Feature.AVX512_VBMI, "avx512vbmi"),
            Map.entry(Feature.AVX512_VNNI, "avx512_vnni"),
            Map.entry(Feature.AVX512_VPOPCNTDQ, "avx512_vpopcntdq"),
            Map.entry(Feature.GFNI, "gfni"),
            Map.entry(Feature.AMX_TILE, "amx_tile"),
            Map.entry(Feature.AMX_INT8, "amx_int8"));
    names.forEach(
        (feature, flag) ->
            assertThat(features.features().contains(feature))
                .as(flag)
                .isEqualTo(flags.contains(flag)));
    System.out.println("Processor: " + features.name() + ", class " + features.best().text() + ".");
  }
}
