package org.sysmol.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sysmol.bench.LoadProbe;
import org.sysmol.bench.Subject;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.core.file.SmolFile;
import org.sysmol.onnx.OnnxWriter;

/**
 * Does once what commands do when they start, so that the Java machine can keep the classes, and
 * what it learned of them, for later starts (an AOT cache): the launcher runs it after a build.
 */
public final class StartUpTraining {
  private static final int TIMES = 4;

  private StartUpTraining() {}

  /** Needs no arguments; what it prints is of no use. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("sysmol-start");
    Path smol = folder.resolve("network.smol");
    Path onnx = folder.resolve("network.onnx");
    try {
      Subject subject = Subject.ofZoo("resnet20", ChannelMix.ofBits(1.36), 1);
      SmolFile.write(subject.packed(), smol);
      OnnxWriter.write(subject.floats(), onnx);
      for (int i = 0; i < TIMES; i++) {
        LoadProbe.main(new String[] {"sysmol", smol.toString(), "machine-code", ""});
        LoadProbe.main(new String[] {"onnxruntime", onnx.toString(), "3", "32", "32"});
      }
      int help = Main.run("--help");
      int inspected = Main.run("inspect", smol.toString());
      int ran = Main.run("run", smol.toString(), "--self-check");
      System.out.println(help + inspected + ran);
    } finally {
      Files.deleteIfExists(smol);
      Files.deleteIfExists(onnx);
      Files.deleteIfExists(folder);
    }
  }
}
