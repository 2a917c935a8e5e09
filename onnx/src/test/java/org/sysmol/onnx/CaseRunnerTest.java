package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Tensor;
import org.sysmol.onnx.CaseResult.Outcome;

class CaseRunnerTest {
  /** Every case and how it must end: {@code ok}, or words that the refusal must hold. */
  private static final Map<String, List<String>> EXPECTED = new TreeMap<>();

  static {
    for (String name :
        """
        C01_asym_pad_stride2 C02a_avgpool_ceil_include C02b_avgpool_ceil_include
        C03_maxpool_ceil_drop C04_constant_weights C05_shared_weights C06_initializers_as_inputs
        C07_external_data C08_bn_training_mode C09_conv_used_twice C10_two_inputs
        C11_dilated_depthwise_multiplier C12_convtranspose_group_outpad C13_groupnorm_decomposed
        C14_resize_modes C15_dynamic_batch_tail C16_gemm_matmul C17_clip_variants
        C17b_clip_attributes C18a_reducemean_axes C18b_reducemean_axes C18c_squeeze_axes
        C18d_squeeze_axes C19_se_hardswish C20_residual_two_scales C21_dead_channels
        C22_01_exact_grid C22_03_exact_grid C22_05_exact_grid C22_31_exact_grid C22_33_exact_grid
        C22_65_exact_grid C23_accumulator_overflow C24_binary_zero_pad C27_pad_nodes
        C28a_rect_kernels C28b_conv1d C29a_softmax_axis C29b_softmax_axis C29c_softmax_axis
        C30a_avgpool_same_lower C30b_avgpool_same_lower C31_any_picture_size
        C32_resize_nearest_ties T01_untrained_plain T02_untrained_depthwise T03_untrained_residual
        """
            .strip()
            .split("\\s+")) {
      EXPECTED.put(name, List.of());
    }
    EXPECTED.put(
        "C25_unsupported_list",
        List.of("com.acme::Foo (2 times: acme_1, foo_out2); Einsum (once: e); Det (once: det)."));
    EXPECTED.put("C26a_broken_file", List.of("tensor w", "312 bytes", "cut short"));
    EXPECTED.put(
        "C26b_broken_file",
        List.of("tensor w claims the impossible sizes [1099511627776, 3, 3, 3]"));
    EXPECTED.put(
        "C26c_broken_file",
        List.of("node y (Conv) has a kernel_shape of [5, 3] but weights of sizes [4, 3, 3, 3]"));
    EXPECTED.put(
        "C26d_broken_file",
        List.of("tensor w", "needs 108 values (432 bytes) but holds 428 bytes"));
    EXPECTED.put(
        "C26e_broken_file",
        List.of("node y (Conv) reads nowhere, which nothing in the file defines"));
    EXPECTED.put(
        "C26f_broken_file", List.of("node y (Conv) leaves no output: along spatial axis 0"));
  }

  @Test
  void everyCaseEndsAsExpected() {
    var results = new TreeMap<String, CaseResult>();
    CaseRunner.run(CaseFolders.all()).forEach(result -> results.put(result.name(), result));
    assertThat(results.keySet()).isEqualTo(EXPECTED.keySet());
    results.forEach(
        (name, result) -> {
          List<String> words = EXPECTED.get(name);
          if (words.isEmpty()) {
            assertThat(result.line()).isEqualTo(name + ": ok");
          } else {
            assertThat(result.line())
                .startsWith(name + ": refused: ONNX file ")
                .contains(name + "/model.onnx")
                .contains(words)
                .doesNotContain("\n");
          }
        });
  }

  @Test
  void namesTheNodeThatWasExportedInTrainingMode() {
    CaseResult result = CaseRunner.run(CaseFolders.of("C08_bn_training_mode")).getFirst();
    assertThat(result.outcome()).isEqualTo(Outcome.OK);
    assertThat(result.text())
        .startsWith("Node c (BatchNormalization) was exported in training mode");
  }

  @Test
  void onlyTheTrainingModeCaseWarns() {
    for (CaseResult result : CaseRunner.run(CaseFolders.all())) {
      if (result.outcome() == Outcome.OK && !result.name().startsWith("C08")) {
        assertThat(result.text()).as(result.name()).isEmpty();
      }
    }
  }

  @Test
  void plantedWrongOutputIsFound(@TempDir Path folder) throws Exception {
    Path copy = CaseFolders.copy("C22_33_exact_grid", folder);
    Path file = copy.resolve("out0_0.f32");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int last = bytes.length - 4;
    values.putFloat(last, Math.nextUp(values.getFloat(last)));
    Files.write(file, bytes);
    CaseResult result = CaseRunner.run(copy).getFirst();
    assertThat(result.line())
        .startsWith("C22_33_exact_grid: WRONG: Run 0: Value " + (last / 4) + " of output y is ");
  }

  @Test
  void plantedWrongToleranceIsFound(@TempDir Path folder) throws Exception {
    Path copy = CaseFolders.copy("C19_se_hardswish", folder);
    Path file = copy.resolve("out0_0.f32");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    values.putFloat(0, values.getFloat(0) + 1e-3f);
    Files.write(file, bytes);
    assertThat(CaseRunner.run(copy).getFirst().outcome()).isEqualTo(Outcome.WRONG);
  }

  @Test
  void otherResultsAreNamedButNotAccepted(@TempDir Path folder) throws Exception {
    Path copy = CaseFolders.copy("C08_bn_training_mode", folder);
    Path text = copy.resolve("case.txt");
    String swapped =
        Files.readString(text)
            .replace("\nout 0 y 2,4,5,5 out0_0.f32", "\nout 0 y 2,4,5,5 running.f32")
            .replace("alt:running 0 y 2,4,5,5 alt_running0_0.f32", "alt:batch 0 y 2,4,5,5 b.f32");
    Files.writeString(text, swapped);
    Files.move(copy.resolve("alt_running0_0.f32"), copy.resolve("running.f32"));
    Files.move(copy.resolve("out0_0.f32"), copy.resolve("b.f32"));
    CaseResult result = CaseRunner.run(copy).getFirst();
    assertThat(result.outcome()).isEqualTo(Outcome.WRONG);
    assertThat(result.text()).endsWith("It is the result \"batch\", which is not accepted.");
  }

  @Test
  void aCaseWithoutOutputsMustBeRefused(@TempDir Path folder) throws Exception {
    Path copy = CaseFolders.copy("C01_asym_pad_stride2", folder);
    Path text = copy.resolve("case.txt");
    Files.writeString(text, Files.readString(text).replaceAll("(?m)^out .*$", ""));
    assertThat(CaseRunner.run(copy).getFirst().line())
        .isEqualTo(
            "C01_asym_pad_stride2: WRONG: The model must be refused but was read without a"
                + " complaint.");
  }

  @Test
  void brokenCasesAreWrongNotOk(@TempDir Path folder) throws Exception {
    Path copy = CaseFolders.copy("C01_asym_pad_stride2", folder);
    Path text = copy.resolve("case.txt");
    String good = Files.readString(text);
    for (String bad :
        List.of(
            good.replace("1,5,3,4", "1,5,3,5"),
            good.replace("1,5,3,4", "1,5,4,3"),
            good.replace("1,5,3,4", "1,5,-3,4"),
            good.replace("in 0 x", "in 0 wrong"),
            good.replace("out 0 y", "out 0 wrong"),
            good.replace("tol 0", "tol much"),
            good.replace("tol 0", "tol NaN"),
            good.replace("out 0", "owt 0"),
            good.replace("in0_0.f32", "absent.f32"),
            good.replace("model model.onnx", ""))) {
      Files.writeString(text, bad);
      assertThat(CaseRunner.run(copy).getFirst().outcome()).as(bad).isEqualTo(Outcome.WRONG);
    }
    Files.writeString(text, good);
    assertThat(CaseRunner.run(copy).getFirst().outcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void aFolderWithoutCasesIsRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> CaseRunner.run(folder))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("holds no import case");
    assertThatThrownBy(() -> CaseRunner.run(folder.resolve("absent")))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("can't be read");
  }

  @Test
  void agreementIsRelativeToTheLargerOfOneAndTheExpectedValue() {
    assertThat(CaseRunner.agree(0f, -0f, 0)).isTrue();
    assertThat(CaseRunner.agree(Float.NaN, Float.NaN, 0)).isTrue();
    assertThat(CaseRunner.agree(1f, Math.nextUp(1f), 0)).isFalse();
    assertThat(CaseRunner.agree(100f, 100.05f, 1e-3)).isTrue();
    assertThat(CaseRunner.agree(0.1f, 0.102f, 1e-3)).isFalse();
    assertThat(CaseRunner.agree(1f, Float.NaN, 0.5)).isFalse();
    assertThat(CaseRunner.agree(Float.POSITIVE_INFINITY, 1f, 0.5)).isFalse();
    assertThat(CaseRunner.agree(1f, Float.POSITIVE_INFINITY, 0.5)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
  void brokenFilesAreRefusedQuicklyAndInLittleMemory(String variant) {
    Path folder = CaseFolders.of("C26" + variant + "_broken_file");
    CaseRunner.run(folder); // classes loaded
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long nanos = System.nanoTime();
    assertThat(CaseRunner.run(folder).getFirst().outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(System.nanoTime() - nanos).isLessThan(1_000_000_000L);
    assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).isLessThan(64L << 20);
  }

  @Test
  void onnxRuntimeAgreesOnEveryCaseThatIsRead() throws Exception {
    int compared = 0;
    for (String name : CaseFolders.names()) {
      if (!EXPECTED.get(name).isEmpty() || name.startsWith("C07")) {
        continue; // Refused, or with a side file, which bytes in memory don't have.
      }
      ImportCase read = ImportCase.read(CaseFolders.of(name));
      byte[] rewritten = OnnxWriter.bytes(OnnxReader.read(read.model()).network());
      for (ImportCase.Run run : read.runs().values()) {
        Map<String, Tensor> computed =
            OnnxRuntimeRunner.run(rewritten, new LinkedHashMap<>(run.inputs()));
        // What we write of it means the same to ONNX Runtime.
        run.outputs()
            .forEach(
                (output, want) -> assertClose(name + " " + output, want, computed.get(output)));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(50);
  }

  private static void assertClose(String what, Tensor want, Tensor got) {
    assertThat(got.shape()).as(what).isEqualTo(want.shape());
    for (int cell = 0; cell < want.data().length; cell++) {
      assertThat(CaseRunner.agree(want.data()[cell], got.data()[cell], 2e-4))
          .as(what + " value %s: %s, not %s", cell, got.data()[cell], want.data()[cell])
          .isTrue();
    }
  }
}
