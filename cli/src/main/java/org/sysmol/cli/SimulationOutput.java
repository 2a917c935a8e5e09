package org.sysmol.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.program.NetworkListing;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.NetworkProgrammer;
import org.sysmol.hardware.simulate.CoreValidation;
import org.sysmol.hardware.simulate.EnergyModel;
import org.sysmol.hardware.simulate.NetworkRun;
import org.sysmol.hardware.simulate.Simulation;
import org.sysmol.hardware.simulate.StepResult;
import org.sysmol.hardware.simulate.Timeline;
import org.sysmol.hardware.simulate.TimelineRecorder;
import org.sysmol.report.page.PageWriter;
import org.sysmol.report.simulation.PipelineTimeline;
import org.sysmol.report.simulation.SimulatedRun;
import org.sysmol.report.simulation.SimulatedStep;
import org.sysmol.report.simulation.SimulationPage;
import org.sysmol.report.simulation.SimulationReport;
import picocli.CommandLine.Option;

/** Options of the files that a simulation leaves behind: a page and the programs' listing. */
final class SimulationOutput {
  /** A longer name of an architecture is a list of patterns. */
  private static final int LONGEST_NAME = 24;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Also write a page: time and energy by step, the pipeline in a loop, the unit.")
  private @Nullable Path report;

  @Option(
      names = "--loop",
      paramLabel = "LAYER",
      description =
          "With --report: the step whose loop is shown cycle by cycle (default: the one that takes"
              + " most cycles).")
  private @Nullable String loop;

  @Option(
      names = "--listing",
      paramLabel = "FILE",
      description = "Also write all programs of the network as assembler text, each once.")
  private @Nullable Path listing;

  /**
   * Refuses what would fail only after the simulation, and writes the listing.
   *
   * @param network the network's file or name
   * @throws SysmolException if an option can't be followed
   */
  void begin(PackedNetwork packed, Architecture architecture, String network) {
    if (loop != null && report == null) {
      throw SysmolException.badInput(
          "--loop says which loop the page shows: give --report FILE.html too, or leave it away.");
    }
    if (report != null) {
      OutputPath.check("--report", report);
      OutputPath.checkOther("--report", report, Path.of(network));
    }
    if (listing != null) {
      OutputPath.check("--listing", listing);
      OutputPath.checkOther("--listing", listing, Path.of(network));
    }
    if (loop == null && listing == null) {
      return;
    }
    NetworkProgram program = NetworkProgrammer.of(packed, architecture);
    if (loop != null) {
      TimelineRecorder.check(program, loop);
    }
    if (listing != null) {
      AtomicFile.write(
          listing,
          NetworkListing.of(packed, program, architecture).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Writes the page if it was asked for.
   *
   * @param everyCall whether every call was timed
   */
  void end(
      PackedNetwork packed,
      Architecture architecture,
      float[] image,
      boolean everyCall,
      NetworkRun run,
      Map<Simulation.Baseline, NetworkRun> compared) {
    if (report != null) {
      PageWriter.write(
          SimulationPage.of(page(packed, architecture, image, everyCall, run, compared)), report);
    }
  }

  private SimulationReport page(
      PackedNetwork packed,
      Architecture architecture,
      float[] image,
      boolean everyCall,
      NetworkRun run,
      Map<Simulation.Baseline, NetworkRun> compared) {
    EnergyModel energy = new EnergyModel(architecture.core());
    NetworkSize size = NetworkSize.of(packed);
    String name =
        architecture.name().length() <= LONGEST_NAME ? architecture.name() : "the architecture";
    String step =
        loop != null
            ? loop
            : run.steps().stream()
                .max(Comparator.comparingLong(StepResult::cycles))
                .orElseThrow()
                .name();
    Timeline timeline =
        new TimelineRecorder(NetworkProgrammer.of(packed, architecture), architecture.core())
            .record(image, step);
    return new SimulationReport(
        packed.name(),
        architecture,
        size.macs() / 1e9,
        size.bitsSearchedByMacs(),
        CoreValidation.ERROR_PERCENT,
        everyCall,
        run(name, "the mixed unit, a precision for each channel", run, energy),
        compared.entrySet().stream()
            .map(e -> run(e.getKey().text(), detail(e.getKey()), e.getValue(), energy))
            .toList(),
        timeline(timeline, architecture.core()),
        energy.constants().stream()
            .map(c -> new SimulationReport.EnergyConstant(c.name(), c.picojoules(), c.source()))
            .toList());
  }

  private static SimulatedRun run(String name, String detail, NetworkRun run, EnergyModel energy) {
    return new SimulatedRun(
        name,
        detail,
        run.steps().stream()
            .map(
                step ->
                    new SimulatedStep(
                        step.name(),
                        step.kind(),
                        step.cycles(),
                        step.work().allInstructions(),
                        energy.picojoules(step.work())))
            .toList());
  }

  private static String detail(Simulation.Baseline baseline) {
    return switch (baseline) {
      case FP32 -> "binary32 on the base unit";
      case INT8 -> "bytes on the base unit";
      case U4 -> "the mixed unit, all searched layers of 4 bits";
      case U2 -> "the mixed unit, all searched layers of 2 bits";
    };
  }

  private static PipelineTimeline timeline(Timeline timeline, Core core) {
    return new PipelineTimeline(
        timeline.step(),
        timeline.program(),
        timeline.calls(),
        timeline.alike(),
        timeline.cycles(),
        timeline.instructions(),
        core.issueWidth(),
        List.of(
            use(timeline, "vector", core.simdUnits()),
            use(timeline, "load", core.loadUnits()),
            use(timeline, "store", core.storeUnits()),
            use(timeline, "integer", core.integerUnits()),
            use(timeline, "branch", 1)),
        timeline.shown().stream()
            .map(
                e ->
                    new PipelineTimeline.Executed(
                        e.at(),
                        e.text(),
                        kind(e.unit()),
                        units(e.unit()) + " " + e.number(),
                        e.entered(),
                        e.begun(),
                        e.done(),
                        place(e.data())))
            .toList());
  }

  @SuppressWarnings("EnumOrdinal") // the timeline counts by unit
  private static PipelineTimeline.Use use(Timeline timeline, String name, int units) {
    long instructions = 0;
    for (Opcode.Unit unit : Opcode.Unit.values()) {
      instructions += units(unit).equals(name) ? timeline.unitInstructions()[unit.ordinal()] : 0;
    }
    return new PipelineTimeline.Use(name, units, instructions);
  }

  /** The units that execute instructions of a kind. */
  private static String units(Opcode.Unit unit) {
    return switch (unit) {
      case INTEGER -> "integer";
      case BRANCH -> "branch";
      case LOAD -> "load";
      case STORE -> "store";
      case SIMD, MULTIPLY, MIXED, FLOAT_ADD, FLOAT_MULTIPLY, FLOAT_MULTIPLY_ADD, CONVERT ->
          "vector";
    };
  }

  private static String kind(Opcode.Unit unit) {
    return switch (unit) {
      case INTEGER, BRANCH, LOAD, STORE -> units(unit);
      case SIMD -> "other vector";
      case MULTIPLY -> "byte product";
      case MIXED -> "mixed product";
      case FLOAT_ADD -> "binary32 sum";
      case FLOAT_MULTIPLY, FLOAT_MULTIPLY_ADD -> "binary32 product";
      case CONVERT -> "conversion";
    };
  }

  private static String place(Timeline.Place place) {
    return switch (place) {
      case NONE -> "";
      case FIRST_CACHE -> "first cache";
      case SECOND_CACHE -> "second cache";
      case MEMORY -> "memory";
    };
  }
}
