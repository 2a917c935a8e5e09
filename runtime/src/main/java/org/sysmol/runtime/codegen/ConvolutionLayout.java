package org.sysmol.runtime.codegen;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.engine.Tensors;

/** The data beside a convolution's machine code: padded input, repacked weights, parameters. */
final class ConvolutionLayout {
  /**
   * Bytes behind the input that whole vectors and groups of four may read; they meet weights of 0.
   */
  private static final int SLACK = 256;

  private final Step.Convolution step;
  private final PackedTensor in;
  private final PackedTensor out;
  private final PackedTensor residual;
  private final Target target;
  private final ConvolutionShape shape;
  private final int elementBytes;
  private final boolean signed;
  private final int paddedWidth;
  private final int paddedHeight;

  ConvolutionLayout(PackedNetwork network, Step.Convolution step, Target target) {
    this.step = step;
    this.target = target;
    in = network.tensors().get(step.input());
    out = network.tensors().get(step.output());
    residual = network.tensors().get(Math.max(step.residual(), 0));
    signed = signed(in);
    Window w = step.window();
    paddedWidth = w.padLeft() + in.width() + w.padRight(in.width());
    paddedHeight = w.padTop() + in.height() + w.padBottom(in.height());
    ConvolutionShape.Operands operands = operands();
    elementBytes = operands == ConvolutionShape.Operands.WORDS ? 2 : 1;
    int channels = in.channels();
    List<Integer> offsets = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    boolean contiguous = w.dilationX() == 1 && !operands.depthwise();
    int perRow = contiguous ? 1 : w.kernelWidth();
    int length = (contiguous ? w.kernelWidth() : 1) * channels * elementBytes;
    for (int ky = 0; ky < w.kernelHeight(); ky++) {
      for (int kx = 0; kx < perRow; kx++) {
        int cell = ky * w.dilationY() * paddedWidth + kx * w.dilationX();
        offsets.add(cell * channels * elementBytes);
        steps.add(operands.depthwise() ? 1 : Math.ceilDiv(length, 4));
      }
    }
    shape =
        new ConvolutionShape(
            operands,
            offsets.stream().mapToInt(Integer::intValue).toArray(),
            steps.stream().mapToInt(Integer::intValue).toArray(),
            w.strideX() * channels * elementBytes,
            w.strideY() * paddedWidth * channels * elementBytes,
            out.channels(),
            out.height(),
            out.width(),
            result(),
            step.residual() < 0
                ? ConvolutionShape.Shortcut.NONE
                : signed(residual)
                    ? ConvolutionShape.Shortcut.SIGNED
                    : ConvolutionShape.Shortcut.UNSIGNED,
            step.residual() < 0 ? 0f : residual.step(),
            step.clamp());
  }

  private static boolean signed(PackedTensor tensor) {
    return switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> mixed.signed();
      case Encoding.Eight eight -> eight.signed();
      case Encoding.Real _ -> false;
    };
  }

  private ConvolutionShape.Operands operands() {
    if (step.groups() > 1) {
      return signed
          ? ConvolutionShape.Operands.DEPTHWISE_SIGNED
          : ConvolutionShape.Operands.DEPTHWISE_UNSIGNED;
    }
    if (signed) {
      return ConvolutionShape.Operands.WORDS;
    }
    if (in.encoding() instanceof Encoding.Mixed) {
      return ConvolutionShape.Operands.PAIRED_BYTES;
    }
    // Two products of 255 * 127 exceed 16 bits: without a dot product of bytes, words it is.
    return target.dotProduct() ? ConvolutionShape.Operands.BYTES : ConvolutionShape.Operands.WORDS;
  }

  private ConvolutionShape.Result result() {
    return switch (out.encoding()) {
      case Encoding.Real _ -> ConvolutionShape.Result.REAL;
      case Encoding.Eight _ -> ConvolutionShape.Result.ROUNDED;
      case Encoding.Mixed mixed ->
          mixed.signed() ? ConvolutionShape.Result.ODD : ConvolutionShape.Result.ROUNDED;
    };
  }

  ConvolutionShape shape() {
    return shape;
  }

  String describe() {
    String how =
        switch (shape.operands()) {
          case PAIRED_BYTES, BYTES -> target.dotProduct() ? "vpdpbusd" : "vpmaddubsw";
          case WORDS -> "vpmaddwd";
          case DEPTHWISE_UNSIGNED, DEPTHWISE_SIGNED -> "depthwise vpmulld";
        };
    Window w = step.window();
    return target.cpuClass().text() + " " + how + " " + w.kernelHeight() + "x" + w.kernelWidth();
  }

  int outputPitch() {
    return ConvolutionCode.outputPitch(shape, target);
  }

  long outputBytes() {
    return align((long) shape.outputHeight() * shape.outputWidth() * outputPitch());
  }

  long shortcutBytes() {
    return align((long) shape.outputHeight() * shape.outputWidth() * shortcutPitch());
  }

  private int shortcutPitch() {
    return ConvolutionCode.blocks(shape, target) * ConvolutionCode.block(shape, target);
  }

  long inputBytes() {
    return align((long) paddedHeight * paddedWidth * in.channels() * elementBytes + SLACK);
  }

  private static long align(long bytes) {
    return (bytes + 63) & -64;
  }

  void fillInput(byte[] codes, MemorySegment input) {
    input.fill((byte) 0);
    Window w = step.window();
    int row = in.width() * in.channels();
    for (int y = 0; y < in.height(); y++) {
      long at =
          (long) ((y + w.padTop()) * paddedWidth + w.padLeft()) * in.channels() * elementBytes;
      if (elementBytes == 1) {
        MemorySegment.copy(codes, y * row, input, ValueLayout.JAVA_BYTE, at, row);
      } else {
        for (int i = 0; i < row; i++) {
          int value = signed ? codes[y * row + i] : codes[y * row + i] & 0xff;
          input.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2L * i, (short) value);
        }
      }
    }
  }

  void fillShortcut(byte[] codes, MemorySegment shortcut) {
    int channels = out.channels();
    int pitch = shortcutPitch();
    for (int p = 0; p < out.height() * out.width(); p++) {
      MemorySegment.copy(
          codes, p * channels, shortcut, ValueLayout.JAVA_BYTE, (long) p * pitch, channels);
    }
  }

  /** Copies what the code wrote in whole blocks of lanes to the step's tensor or to the result. */
  void copyOutput(MemorySegment output, Tensors tensors) {
    int channels = out.channels();
    int pixels = out.height() * out.width();
    int pitch = outputPitch();
    if (out.encoding() instanceof Encoding.Real) {
      for (int p = 0; p < pixels; p++) {
        MemorySegment.copy(
            output,
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            (long) p * pitch,
            tensors.result(),
            p * channels,
            channels);
      }
      return;
    }
    byte[] codes = tensors.codes(step.output());
    if (pitch == channels) {
      MemorySegment.copy(output, ValueLayout.JAVA_BYTE, 0, codes, 0, codes.length);
      return;
    }
    for (int p = 0; p < pixels; p++) {
      MemorySegment.copy(
          output, ValueLayout.JAVA_BYTE, (long) p * pitch, codes, p * channels, channels);
    }
  }

  /** Weights as the code reads them: {@code [block][run][step][vector][lane]} of four bytes. */
  byte[] weights() {
    int[] aligned = step.weights().aligned();
    int perOutput = aligned.length / out.channels();
    int vectors = ConvolutionCode.vectors(shape, target);
    int lanes = target.lanes();
    int blocks = ConvolutionCode.blocks(shape, target);
    int perStep = shape.operands().depthwise() ? 1 : 4 / elementBytes;
    int runs = shape.chunkSteps().length;
    int perRun = perOutput / runs;
    int steps = shape.chunkSteps()[0];
    byte[] packed = new byte[blocks * runs * steps * vectors * lanes * 4];
    MemorySegment to = MemorySegment.ofArray(packed);
    long at = 0;
    for (int b = 0; b < blocks; b++) {
      for (int run = 0; run < runs; run++) {
        for (int s = 0; s < steps; s++) {
          for (int lane = 0; lane < vectors * lanes; lane++, at += 4) {
            int o = b * vectors * lanes + lane;
            for (int i = 0; i < perStep && o < out.channels(); i++) {
              int within = s * perStep + i;
              int weight = within < perRun ? aligned[o * perOutput + run * perRun + within] : 0;
              put(to, at, i, weight);
            }
          }
        }
      }
    }
    return packed;
  }

  private void put(MemorySegment to, long at, int index, int weight) {
    switch (shape.operands()) {
      case PAIRED_BYTES, BYTES -> to.set(ValueLayout.JAVA_BYTE, at + index, (byte) weight);
      case WORDS -> to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2L * index, (short) weight);
      case DEPTHWISE_UNSIGNED, DEPTHWISE_SIGNED ->
          to.set(ValueLayout.JAVA_INT_UNALIGNED, at, weight);
    }
  }

  /** S, B, factor to code, lowest and highest code, for each block vector by vector. */
  float[] parameters() {
    int block = ConvolutionCode.block(shape, target);
    int blocks = ConvolutionCode.blocks(shape, target);
    float[] values = new float[blocks * ConvolutionCode.PARAMETERS * block];
    for (int o = 0; o < out.channels(); o++) {
      int at = o / block * ConvolutionCode.PARAMETERS * block + o % block;
      values[at] = step.affine().scale()[o];
      values[at + block] = step.affine().offset()[o];
      switch (out.encoding()) {
        case Encoding.Mixed mixed -> {
          int p = mixed.precision()[o];
          int half = 1 << (p - 1);
          values[at + 2 * block] = Codes.inverseStep(mixed.alpha(), p);
          values[at + 3 * block] = mixed.signed() ? -half : 0;
          values[at + 4 * block] = mixed.signed() ? half - 1 : 2 * half - 1;
        }
        case Encoding.Eight eight -> {
          values[at + 2 * block] = 1f / eight.step();
          values[at + 3 * block] = eight.signed() ? -127 : 0;
          values[at + 4 * block] = eight.signed() ? 127 : 255;
        }
        case Encoding.Real _ -> {}
      }
    }
    return values;
  }
}
