package org.sysmol.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Data flows one way: no room knows a room behind it, and the embedded ones know the JDK only. */
class ModuleRulesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.sysmol");

  @Test
  void noRoomKnowsARoomBehindIt() {
    List<List<String>> forbidden =
        List.of(
            List.of(
                "core",
                "data",
                "onnx",
                "train",
                "compile",
                "runtime",
                "hardware",
                "report",
                "bench",
                "cli"),
            List.of(
                "data",
                "onnx",
                "train",
                "compile",
                "runtime",
                "hardware",
                "report",
                "bench",
                "cli"),
            List.of(
                "onnx",
                "data",
                "train",
                "compile",
                "runtime",
                "hardware",
                "report",
                "bench",
                "cli"),
            List.of("train", "onnx", "compile", "runtime", "hardware", "report", "bench", "cli"),
            List.of(
                "compile",
                "data",
                "onnx",
                "train",
                "runtime",
                "hardware",
                "report",
                "bench",
                "cli"),
            List.of(
                "runtime",
                "data",
                "onnx",
                "train",
                "compile",
                "hardware",
                "report",
                "bench",
                "cli"),
            List.of("hardware", "data", "onnx", "train", "runtime", "report", "bench", "cli"),
            List.of(
                "report",
                "data",
                "onnx",
                "train",
                "compile",
                "runtime",
                "hardware",
                "bench",
                "cli"),
            List.of("bench", "cli"));
    for (List<String> rule : forbidden) {
      String[] behind =
          rule.stream().skip(1).map(room -> "org.sysmol." + room + "..").toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("org.sysmol." + rule.getFirst() + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(behind)
          .check(CLASSES);
    }
  }

  @Test
  void coreAndRuntimeNeedTheJdkOnly() {
    noClasses()
        .that()
        .resideInAnyPackage("org.sysmol.core..", "org.sysmol.runtime..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "java..",
            "jdk.incubator.vector..",
            "org.sysmol.core..",
            "org.sysmol.runtime..",
            "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void tensorsAreMadeWhereTheirDeviceIsKnown() {
    DescribedPredicate<JavaMethodCall> makes =
        DescribedPredicate.describe(
            "make tensors from nothing, or touch their memory",
            call ->
                call.getTargetOwner().getPackageName().startsWith("org.bytedeco.pytorch")
                    && call.getName()
                        .matches(
                            "data_ptr.*|createIndexer|createBuffer|asByteBuffer"
                                + "|(from_blob|empty|zeros|ones|full|arange|range|linspace|eye|tensor"
                                + "|scalar_tensor|rand.*)"));
    noClasses()
        .that()
        .resideInAPackage("org.sysmol..")
        .and()
        .haveNameNotMatching("org\\.sysmol\\.train\\.(Tensors|UniformNumbers)")
        .should()
        .callMethodWhere(makes)
        .check(CLASSES);
    // That the rule would see them: these two do.
    noClasses()
        .that()
        .haveNameMatching("org\\.sysmol\\.train\\.(Tensors|UniformNumbers)")
        .should(ArchConditions.not(ArchConditions.callMethodWhere(makes)))
        .check(CLASSES);
  }

  @Test
  void noPackageIsADrawer() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..utils..", "..helper..", "..misc..")
        .check(CLASSES);
  }
}
