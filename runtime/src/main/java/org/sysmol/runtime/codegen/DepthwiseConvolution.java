package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * A depthwise convolution: channels in lanes, a few pixels of a row at a time. Sums are 16 bits
 * wide where the layer's bounds allow, modulo 2^16 on the way, else 32.
 */
final class DepthwiseConvolution extends BlockedLayer {
  private final boolean words;

  DepthwiseConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(network, layout, step, index, target);
    words = step.bounds().magnitude() <= Short.MAX_VALUE;
  }

  /** True if this generator can run the layer. */
  static boolean supports(Step.Convolution step, int channels, int outputs) {
    return step.groups() == channels && outputs == channels && channels > 1;
  }

  @Override
  int vectors() {
    return Math.min(allVectors(), 2);
  }

  @Override
  int mostPixels(int vectors) {
    return target.wide() ? 8 : 4;
  }

  @Override
  boolean depthwise() {
    return true;
  }

  @Override
  String kernel() {
    return target.cpuClass().text()
        + " depthwise "
        + (words ? "vpmullw" : "vpmulld")
        + " "
        + window.kernelHeight()
        + "x"
        + window.kernelWidth();
  }

  @Override
  String reason() {
    return words
        ? "each output reads one channel: channels in lanes, all sums fit 16 bits"
        : "each output reads one channel: channels in lanes, sums up to "
            + step.bounds().magnitude()
            + " need 32 bits";
  }

  @Override
  Optional<String> fallback() {
    return words
        ? Optional.empty()
        : Optional.of(
            "products of bytes are multiplied in 32 bits (vpmulld), since sums up to "
                + step.bounds().magnitude()
                + " exceed 16 bits");
  }

  /** Vectors of sums for {@code vectors} vectors of outputs. */
  private int sumVectors(int vectors) {
    return words ? 1 : vectors;
  }

  /** Bytes of a vector of sums: half a vector for one vector of outputs in words. */
  private int sumBytes(int vectors) {
    return words ? vectors * target.vectorBytes() / 2 : target.vectorBytes();
  }

  private int tapBytes(int vectors) {
    return sumVectors(vectors) * sumBytes(vectors);
  }

  @Override
  int weightBytes(int vectors) {
    return (1 + window.taps()) * tapBytes(vectors);
  }

  @Override
  int scratch(int pixels, int vectors) {
    return 2 * pixels;
  }

  @Override
  void sums(Emitter e, int pixels, int vectors) {
    int all = sumVectors(vectors);
    int bits = 8 * sumBytes(vectors);
    VectorRegister product = target.vector(2 * pixels).as(bits);
    // With words, the sums stand in the odd registers and widen into both of a pair.
    for (int t = 0; t < pixels; t++) {
      for (int v = 0; v < all; v++) {
        e.a.load(sum(t, v, vectors).as(bits), mem(RSI, v * sumBytes(vectors)));
      }
    }
    for (int k = 0; k < window.taps(); k++) {
      int ky = k / window.kernelWidth();
      int kx = k % window.kernelWidth();
      for (int t = 0; t < pixels; t++) {
        int at =
            ky * window.dilationY() * in.rowPitch()
                + (kx * window.dilationX() + t * window.strideX()) * in.pitch();
        for (int v = 0; v < all; v++) {
          VectorRegister sum = sum(t, v, vectors).as(bits);
          var weight = mem(RSI, (1 + k) * tapBytes(vectors) + v * sumBytes(vectors));
          if (words) {
            e.a.vpmovzxbw(product, mem(RAX, at));
            e.a.vpmullw(product, product, weight);
            e.a.vpaddw(sum, sum, product);
          } else {
            e.a.vpmovzxbd(product, mem(RAX, at + v * target.lanes()));
            e.a.vpmulld(product, product, weight);
            e.a.vpaddd(sum, sum, product);
          }
        }
      }
    }
    if (words) {
      for (int t = 0; t < pixels; t++) {
        widen(e, t, vectors);
      }
    }
  }

  private VectorRegister sum(int t, int v, int vectors) {
    return words ? target.vector(t * vectors + vectors - 1) : target.vector(t * vectors + v);
  }

  private void widen(Emitter e, int t, int vectors) {
    VectorRegister sum = sum(t, 0, vectors);
    int half = 4 * target.vectorBytes();
    if (vectors == 1) {
      e.a.vpmovsxwd(sum, sum.as(half));
      return;
    }
    e.a.vpmovsxwd(target.vector(t * vectors), sum.as(half));
    if (target.wide()) {
      e.a.vextracti64x4(sum.as(256), sum, 1);
    } else {
      e.a.vextracti128(sum.as(128), sum, 1);
    }
    e.a.vpmovsxwd(sum, sum.as(half));
  }

  @Override
  LayerData data() {
    int[] aligned = step.weights().aligned();
    return new LayerData(
        weights(aligned, starts(aligned)),
        LayerData.bytes(epilogue.parameters(null, step.affine())));
  }

  /** By block: what sums begin with, then the weights of each tap. */
  private byte[] weights(int[] aligned, int[] starts) {
    int taps = window.taps();
    int perBlock = vectors() * target.lanes();
    ByteBuffer to = ByteBuffer.allocate(allWeightBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int o = 0; o < starts.length; o++) {
      int block = o / perBlock;
      int vectors = vectorsOf(block);
      int bytes = words ? 2 : 4;
      int at = block * weightBytes(vectors()) + o % perBlock * bytes;
      for (int k = -1; k < taps; k++) {
        int value = k < 0 ? starts[o] : aligned[o * taps + k];
        if (words) {
          to.putShort(at + (1 + k) * tapBytes(vectors), (short) value);
        } else {
          to.putInt(at + (1 + k) * tapBytes(vectors), value);
        }
      }
    }
    return to.array();
  }
}
