package org.sysmol.core.packed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Golden inputs and their digests, by which any engine can check itself (docs/file-format.md §7).
 *
 * <p>Everything here is integer arithmetic and exact conversions, so that any language can follow.
 */
public final class Goldens {
  private Goldens() {}

  /**
   * The pseudo-random image of a seed: values {@code k / 32} with {@code k} in -96..96.
   *
   * <p>Element {@code i} takes the splitmix64 output of the state {@code seed + (i + 1) *
   * 0x9E3779B97F4A7C15}; its upper 32 bits {@code r}, unsigned, give {@code k = floor(r * 193 /
   * 2^32) - 96}.
   *
   * @param elements number of elements, in the order {@code [channels, height, width]}
   */
  public static float[] image(long seed, int elements) {
    float[] image = new float[elements];
    long state = seed;
    for (int i = 0; i < elements; i++) {
      state += 0x9E3779B97F4A7C15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      image[i] = ((int) (((z >>> 32) * 193) >>> 32) - 96) / 32f;
    }
    return image;
  }

  /** The golden image of a network, {@code [channels, height, width]}. */
  public static float[] image(long seed, PackedNetwork network) {
    return image(seed, network.image().size());
  }

  /**
   * The digest of one run: SHA-256 over the codes of all tensors that have any, by index, one byte
   * a code in the order {@code [height, width, channels]}, then the little-endian bits of the
   * result.
   *
   * @param codes by tensor index; unsigned codes as they are, signed ones (odd codes, or -127..127)
   *     in two's complement; the entry of a real tensor is not read and may be null
   * @param result binary32, {@code [height, width, channels]}
   */
  public static byte[] digest(PackedNetwork network, List<byte[]> codes, float[] result) {
    MessageDigest sha = sha256();
    for (int t = 0; t < network.tensors().size(); t++) {
      PackedTensor tensor = network.tensors().get(t);
      if (tensor.encoding() instanceof Encoding.Real) {
        continue;
      }
      if (codes.get(t).length != tensor.size()) {
        throw new IllegalArgumentException(
            "Tensor " + tensor.name() + " has " + codes.get(t).length + " codes");
      }
      sha.update(codes.get(t));
    }
    if (result.length != network.result().size()) {
      throw new IllegalArgumentException("The result has " + result.length + " values");
    }
    ByteBuffer bits = ByteBuffer.allocate(4 * result.length).order(ByteOrder.LITTLE_ENDIAN);
    bits.asFloatBuffer().put(result);
    sha.update(bits);
    return sha.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
