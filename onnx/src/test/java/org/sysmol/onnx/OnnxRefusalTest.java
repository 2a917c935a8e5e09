package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sysmol.onnx.Models.decimal;
import static org.sysmol.onnx.Models.integer;
import static org.sysmol.onnx.Models.integers;
import static org.sysmol.onnx.Models.text;

import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that the reader refuses, and what it says of them. */
class OnnxRefusalTest {
  @TempDir Path folder;

  private void refused(Models model, String... words) {
    model.assertRefused(folder, words);
  }

  @Test
  void everythingThatIsNotTakenIsListedAtOnce() {
    refused(
        Models.conv(13)
            .node("first: Einsum x -> a")
            .node(": Einsum a -> b")
            .node("c1: Conv b, w -> c", integer("speed", 9))
            .node("p: MaxPool x -> d, i", integers("kernel_shape", 2, 2))
            .node("after: Relu d -> e")
            .node("bad: Reshape e, i -> f")
            .node("own: org.example::Thing f -> y"),
        "needs what sysmol doesn't take: Einsum (2 times: first, b); "
            + "Conv with the unknown attribute speed in opset 13 (once: c1); "
            + "MaxPool whose output 2 is used (once: p); org.example::Thing (once: own).");
  }

  @Test
  void attributesOfOtherOpsetsAreRefused() {
    refused(
        Models.conv(9)
            .node("p: MaxPool x -> y", integers("kernel_shape", 2, 2), integer("ceil_mode", 1)),
        "MaxPool with the unknown attribute ceil_mode in opset 9");
    refused(
        Models.conv(13)
            .node(
                "p: AveragePool x -> y",
                integers("kernel_shape", 2, 2),
                integers("dilations", 2, 2)),
        "AveragePool with the unknown attribute dilations in opset 13");
    refused(
        Models.conv(11).node("c: Clip x -> y", decimal("min", 0)),
        "Clip with the unknown attribute min in opset 11");
    refused(
        Models.conv(13).node("r: ReduceMean x -> y", integer("noop_with_empty_axes", 1)),
        "ReduceMean with the unknown attribute noop_with_empty_axes");
    refused(
        Models.conv(13).node("s: Squeeze x -> y", integers("axes", 0)),
        "Squeeze with the unknown attribute axes");
  }

  @Test
  void contradictingOrUnclearPaddingIsRefused() {
    refused(
        Models.conv(13)
            .node(
                "c: Conv x, w -> y", text("auto_pad", "SAME_UPPER"), integers("pads", 1, 1, 1, 1)),
        "Conv with pads beside auto_pad SAME_UPPER (once: c)");
    refused(
        Models.conv(13)
            .node(
                "p: MaxPool x -> y",
                integers("kernel_shape", 2, 2),
                text("auto_pad", "VALID"),
                integer("ceil_mode", 1)),
        "MaxPool with ceil_mode beside auto_pad VALID");
    refused(
        Models.conv(13).node("c: Conv x, w -> y", text("auto_pad", "SAME")),
        "node c (Conv) has an attribute auto_pad of \"SAME\"");
    refused(
        Models.conv(13)
            .node(
                "p: MaxPool x -> y", integers("kernel_shape", 2, 2), integers("pads", 2, 0, 0, 0)),
        "node p (MaxPool) has padding that is not smaller than its window");
    refused(
        Models.conv(13)
            .node(
                "p: MaxPool x -> y", integers("kernel_shape", 2, 2), integers("pads", -1, 0, 0, 0)),
        "attribute pads with -1");
    refused(
        Models.conv(13).node("c: Conv x, w -> y", integers("pads", 1, 1)),
        "node c (Conv) has 2 values of pads where its map needs 4");
  }

  @Test
  void settingsThatOverflowAreRefused() {
    long huge = 1L << 40;
    refused(
        Models.conv(13).node("c: Conv x, w -> y", integers("dilations", huge, 1)),
        "dilations with");
    refused(Models.conv(13).node("c: Conv x, w -> y", integers("strides", 0, 1)), "strides with 0");
    refused(
        Models.conv(13).node("c: Conv x, w -> y", integers("dilations", 1 << 23, 1 << 23)),
        "has a window");
    refused(
        Models.conv(13)
            .node("c: Conv x, w -> y", integers("pads", 1 << 24, 1 << 24, 1 << 24, 1 << 24)),
        "more than 2^28 cells");
    refused(Models.conv(13).node("c: Conv x, w -> y", integer("group", huge)), "groups");
    refused(Models.conv(13).node("c: Concat x, x -> y", integer("axis", huge)), "which is no axis");
    refused(
        Models.conv(13).numbers("s", huge, huge, 1, 1).node("r: Reshape x, s -> y"),
        "a target size of");
    refused(
        Models.conv(13).numbers("s", huge, huge).node("r: ConstantOfShape s -> y"),
        "ConstantOfShape with a size of");
  }

  @Test
  void sizesThatDontAgreeAreNamed() {
    refused(
        Models.conv(13).node("c: Conv x, w -> y", integer("group", 2)),
        "node c (Conv) needs the channels");
    refused(
        Models.conv(13).weights("b", 3).node("c: Conv x, w, b -> y"), "the lengths of its bias");
    refused(
        Models.conv(13).weights("m", 35, 3).node("f: Flatten x -> a").node("g: Gemm a, m -> y"),
        "node g (Gemm) needs the inner sizes to agree, but they are 72 and 35");
    refused(
        Models.conv(13).weights("m", 35, 3).node("f: Flatten x -> a").node("g: MatMul a, m -> y"),
        "node g (MatMul) needs the inner sizes to agree");
    refused(Models.conv(13).weights("a", 5).node("s: Add x, a -> y"), "combines the sizes");
    refused(
        Models.conv(13)
            .node("p: MaxPool x -> a", integers("kernel_shape", 2, 2))
            .node("j: Concat x, a -> y", integer("axis", 1)),
        "node j (Concat) needs the sizes of axis 2 to agree, but they are 6 and 5");
    refused(
        Models.conv(13).numbers("s", 0, 5, -1).node("r: Reshape x, s -> y"), "can't give a tensor");
    refused(
        Models.conv(13).numbers("s", -1, -1).node("r: Reshape x, s -> y"),
        "two target sizes of -1");
    refused(
        Models.conv(13).weights("v", 3).node("n: BatchNormalization x, v, v, v, v -> y"),
        "the lengths of its scale and its channels");
  }

  @Test
  void namesThatClashOrAreMissingAreNamed() {
    refused(Models.conv(13).node("c: Conv x, w -> w"), "value w is defined twice");
    refused(
        Models.conv(13).node("a: Relu x -> y").node("b: Relu x -> y"), "value y is defined twice");
    refused(Models.conv(13).weights("w", 1).node("a: Relu x -> y"), "tensor w is defined twice");
    refused(Models.conv(13).input("x", 1).node("a: Relu x -> y"), "input x is defined twice");
    refused(
        Models.conv(13).node("a: Relu z -> y").node("b: Relu x -> z"),
        "z, which only a later node");
    refused(Models.conv(13).node("a: Relu x -> z"), "output y is defined by nothing");
    refused(Models.conv(13).node("a: Relu x -> "), "has no first output");
    refused(Models.conv(13).node("a: Relu x -> y").output("y"), "output y is listed twice");
    refused(Models.conv(13).node("a: Add x -> y"), "has the inputs [x] where the standard wants 2");
    refused(
        Models.conv(13).node("a: Relu x, x -> y"),
        "has the inputs [x, x] where the standard wants 1");
  }

  @Test
  void dataThatDoesNotMatchItsSizesIsRefused() {
    for (long sizes : new long[] {2, 4, -1, Long.MAX_VALUE, 1L << 40}) {
      TensorProto.Builder tensor =
          TensorProto.newBuilder()
              .setName("c")
              .setDataType(TensorProto.DataType.FLOAT_VALUE)
              .addDims(sizes)
              .addFloatData(1)
              .addFloatData(2)
              .addFloatData(3);
      refused(
          new Models(13).input("x", 1).output("y").tensor(tensor).node(": Relu x -> y"),
          "tensor c");
    }
    refused(
        new Models(13)
            .input("x", 1)
            .output("y")
            .tensor(
                TensorProto.newBuilder()
                    .setName("c")
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addDims(1)
                    .addFloatData(1)
                    .setRawData(ByteString.copyFrom(new byte[4])))
            .node(": Relu x -> y"),
        "tensor c holds its data twice");
  }

  @Test
  void versionsOutsideTheSupportedOnesAreRefused() throws Exception {
    for (int opset : new int[] {6, 22, 100}) {
      refused(new Models(opset).input("x", 1).output("y").node(": Relu x -> y"), "opset " + opset);
    }
    for (int opset = 7; opset <= 21; opset++) {
      var model = new Models(opset).input("x", 1).output("y").node(": Relu x -> y");
      assertThat(model.read(folder).network().nodes()).hasSize(1);
    }
    Models good = new Models(13).input("x", 1).output("y").node(": Relu x -> y");
    assertThatThrownBy(() -> Models.read(folder, good.model().setIrVersion(99)))
        .hasMessageContaining("IR version 99");
    assertThatThrownBy(() -> Models.read(folder, good.model().clearOpsetImport()))
        .hasMessageContaining("does not name ONNX's own");
    assertThatThrownBy(
            () ->
                Models.read(
                    folder,
                    good.model().addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(9))))
        .hasMessageContaining("two versions");
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("absent.onnx")))
        .hasMessageContaining("There is no file");
    Files.write(folder.resolve("empty.onnx"), new byte[0]);
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("empty.onnx")))
        .hasMessageContaining("holds no graph");
    assertThatThrownBy(() -> OnnxReader.read(folder)).hasMessageContaining(" is a folder; ");
  }
}
