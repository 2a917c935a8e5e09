package org.sysmol.runtime.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Asking for tiles: an imagined system that refuses, and the one at hand. */
class TilePermissionTest {
  /** A system that answers with {@code error} and lists {@code permissions}. */
  private record Imagined(int error, long permissions, List<Integer> asked)
      implements ArchitectureControl {
    @Override
    public int requestPermission(int feature) {
      asked.add(feature);
      return error;
    }
  }

  private static TilePermission answer(int error, long permissions) {
    List<Integer> asked = new ArrayList<>();
    TilePermission answer = TileRequest.ask(new Imagined(error, permissions, asked));
    assertThat(asked).containsExactly(18);
    return answer;
  }

  @Test
  void aPermissionCountsWhenTheSystemListsIt() {
    assertThat(answer(0, 0x602E7)).isEqualTo(new TilePermission.Granted());
    assertThat(answer(0, 0x202E7))
        .isEqualTo(
            new TilePermission.Refused(
                "The operating system granted tiles (AMX) but does not list the permission, so"
                    + " they are not used."));
  }

  @Test
  void eachRefusalHasItsSentence() {
    assertThat(answer(28, 0x602E7))
        .isEqualTo(
            new TilePermission.Refused(
                "The operating system refused tiles (AMX) because a thread of this process has too"
                    + " small an alternative signal stack; ask for them before other native"
                    + " libraries start threads."));
    assertThat(answer(22, 0))
        .isEqualTo(
            new TilePermission.Refused(
                "The operating system does not know tiles (AMX), which need Linux 5.16 or newer."));
    assertThat(answer(95, 0))
        .isEqualTo(
            new TilePermission.Refused(
                "The operating system or the virtual machine does not offer tiles (AMX)."));
    assertThat(answer(38, 0))
        .isEqualTo(
            new TilePermission.Refused(
                "A sandbox forbids the system call by which tiles (AMX) are asked for (arch_prctl"
                    + " failed with errno 38)."));
    assertThat(answer(12, 0))
        .isEqualTo(
            new TilePermission.Refused(
                "The operating system refused tiles (AMX): arch_prctl failed with errno 12."));
  }

  @Test
  void otherSystemsAreNotAsked() {
    assertThat(TileRequest.of("Linux", "aarch64"))
        .isEqualTo(
            new TilePermission.Refused(
                "Tiles (AMX) need Linux on an x86-64 processor, but this is Linux on aarch64."));
    assertThat(TileRequest.of("Mac OS X", "x86_64"))
        .isEqualTo(
            new TilePermission.Refused(
                "Tiles (AMX) need Linux on an x86-64 processor, but this is Mac OS X on x86_64."));
  }

  @Test
  void theSystemAtHandAnswersOnceAndAsItsProcessorAllows() throws IOException {
    TilePermission first = TilePermission.request();
    assertThat(TilePermission.request()).isSameAs(first);
    boolean tiles = Files.readString(Path.of("/proc/cpuinfo")).contains(" amx_tile");
    switch (first) {
      case TilePermission.Granted granted -> assertThat(tiles).isTrue();
      case TilePermission.Refused refused -> {
        assertThat(refused.reason()).endsWith(".").contains("tiles (AMX)");
        if (tiles) {
          // The processor has them, so it is the system that does not give them.
          assertThat(refused.reason()).containsPattern("^(The operating system|A sandbox) ");
        }
        System.out.println("Tiles: " + refused.reason());
      }
    }
  }
}
