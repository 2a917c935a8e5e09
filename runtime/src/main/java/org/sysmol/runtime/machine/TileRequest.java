package org.sysmol.runtime.machine;

import java.util.Locale;

/** Asks the operating system for tiles and puts its answer into words. */
final class TileRequest {
  /** The answer to this process; the system's own state is one per process too. */
  private static final TilePermission FIRST =
      of(System.getProperty("os.name"), System.getProperty("os.arch"));

  private TileRequest() {}

  static TilePermission ofThisProcess() {
    return FIRST;
  }

  static TilePermission of(String system, String architecture) {
    if (!system.equals("Linux") || !architecture.toLowerCase(Locale.ROOT).matches("amd64|x86_64")) {
      return new TilePermission.Refused(
          "Tiles (AMX) need Linux on an x86-64 processor, but this is "
              + system
              + " on "
              + architecture
              + ".");
    }
    try {
      return ask(new LinuxArchitectureControl());
    } catch (IllegalCallerException denied) {
      return new TilePermission.Refused(
          "Tiles (AMX) need native access, which this JVM was denied; start it with"
              + " --enable-native-access=ALL-UNNAMED.");
    }
  }

  /** Asks through {@code control} and checks that the permission was noted. */
  static TilePermission ask(ArchitectureControl control) {
    int error = control.requestPermission(ArchitectureControl.TILE_DATA);
    if (error == 0) {
      return (control.permissions() >>> ArchitectureControl.TILE_DATA & 1) != 0
          ? new TilePermission.Granted()
          : new TilePermission.Refused(
              "The operating system granted tiles (AMX) but does not list the permission, so they"
                  + " are not used.");
    }
    return new TilePermission.Refused(
        switch (error) {
          case ArchitectureControl.NO_SPACE ->
              "The operating system refused tiles (AMX) because a thread of this process has too"
                  + " small an alternative signal stack; ask for them before other native libraries"
                  + " start threads.";
          case ArchitectureControl.INVALID ->
              "The operating system does not know tiles (AMX), which need Linux 5.16 or newer.";
          case ArchitectureControl.NOT_SUPPORTED ->
              "The operating system or the virtual machine does not offer tiles (AMX).";
          case ArchitectureControl.NOT_PERMITTED, ArchitectureControl.NO_SUCH_CALL ->
              "A sandbox forbids the system call by which tiles (AMX) are asked for (arch_prctl"
                  + " failed with errno "
                  + error
                  + ").";
          default ->
              "The operating system refused tiles (AMX): arch_prctl failed with errno "
                  + error
                  + ".";
        });
  }
}
