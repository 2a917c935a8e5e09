package org.sysmol.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.report.ErrorSection;
import org.sysmol.report.PrecisionSections;
import org.sysmol.report.TrainingSection;
import org.sysmol.report.page.Page;
import org.sysmol.report.page.PageWriter;
import org.sysmol.report.page.Section;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.train.EpochRecord;
import org.sysmol.train.LayerErrors;

/**
 * What commands that train leave behind: {@code .trained}, {@code .smol}, and a page that shows it.
 *
 * @param size its bits and registers
 * @param bytes of the {@code .smol} file
 */
record PackedTraining(PackedNetwork packed, NetworkSize size, int bytes) {
  /**
   * Writes a trained network and its packed one.
   *
   * @param file the {@code .trained} file; the {@code .smol} lies beside it
   */
  static PackedTraining write(TrainedNetwork trained, Path file) {
    TrainedFile.write(trained, file);
    PackedNetwork packed = SelfCheck.sign(NetworkCompiler.compile(trained));
    SmolFile.write(packed, smol(file));
    return new PackedTraining(packed, NetworkSize.of(packed), SmolFile.bytes(packed).length);
  }

  /** The packed file beside a trained one. */
  static Path smol(Path trained) {
    String name = String.valueOf(trained.getFileName());
    String stem = name.endsWith(".trained") ? name.substring(0, name.length() - 8) : name;
    return trained.resolveSibling(stem + ".smol");
  }

  /**
   * Writes the page: precisions and registers, the log's charts, where the error comes from.
   *
   * @param errors empty where none were measured
   */
  void page(
      TrainedNetwork trained,
      List<EpochRecord> log,
      List<LayerErrors.Part> errors,
      String lead,
      Path file) {
    var layers = ReportData.layers(trained, packed);
    List<Section> sections = new ArrayList<>();
    sections.add(PrecisionSections.channels(layers));
    sections.add(PrecisionSections.registers(layers, packed.patterns()));
    if (!errors.isEmpty()) {
      sections.add(ErrorSection.of(ReportData.errors(errors)));
    }
    sections.add(TrainingSection.of(ReportData.log(trained.plan(), log)));
    PageWriter.write(new Page("Training of " + packed.name(), lead, sections), file);
  }

  /** Sizes in one line. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%.3f bits per weight over all layers (%.3f over searched ones), %,d registers, %,d bytes"
            + " instead of %,d: %.1fx smaller",
        size.bitsAll(),
        size.bitsSearched(),
        size.registers(),
        bytes,
        size.bytesFp32(),
        (double) size.bytesFp32() / bytes);
  }

  /** Sizes for machines. */
  Map<String, Object> json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("patterns", packed.patterns());
    map.put("assign", packed.assign());
    map.put("bits", CompileCommand.bits(size));
    map.put("bytes", JsonOutput.object("fp32", size.bytesFp32(), "file", bytes));
    map.put("registers", size.registers());
    return map;
  }
}
