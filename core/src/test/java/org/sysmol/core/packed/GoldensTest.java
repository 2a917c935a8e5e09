package org.sysmol.core.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.file.SampleNetworks;

class GoldensTest {
  private static final BigInteger TWO_64 = BigInteger.TWO.pow(64);

  /** The rule of docs/file-format.md in whole numbers of any size. */
  private static int numerator(long seed, int element) {
    BigInteger z =
        new BigInteger(Long.toUnsignedString(seed))
            .add(new BigInteger("9E3779B97F4A7C15", 16).multiply(BigInteger.valueOf(element + 1L)))
            .mod(TWO_64);
    z = z.xor(z.shiftRight(30)).multiply(new BigInteger("BF58476D1CE4E5B9", 16)).mod(TWO_64);
    z = z.xor(z.shiftRight(27)).multiply(new BigInteger("94D049BB133111EB", 16)).mod(TWO_64);
    z = z.xor(z.shiftRight(31));
    return z.shiftRight(32).multiply(BigInteger.valueOf(193)).shiftRight(32).intValue() - 96;
  }

  @Test
  void imagesFollowTheirWrittenRule() {
    for (long seed : new long[] {0, 1, 7, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      float[] image = Goldens.image(seed, 300);
      for (int i = 0; i < image.length; i++) {
        assertThat(image[i]).isEqualTo(numerator(seed, i) / 32f);
      }
    }
    // The first outputs of splitmix64 from 0 are published: E220A8397B1DCDAF, 6E789E6AA1B965F4.
    assertThat(Goldens.image(0, 2)).containsExactly(74 / 32f, -13 / 32f);
  }

  @Test
  void imagesUseTheWholeRange() {
    float[] image = Goldens.image(3, 20_000);
    Arrays.sort(image);
    assertThat(image[0]).isEqualTo(-3f);
    assertThat(image[image.length - 1]).isEqualTo(3f);
    assertThat(image[image.length / 2]).isBetween(-0.1f, 0.1f);
  }

  @Test
  void digestsCoverCodesByIndexThenTheResult() throws Exception {
    PackedNetwork network = SampleNetworks.of(1, 3, 1);
    List<byte[]> codes = new ArrayList<>();
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    for (PackedTensor tensor : network.tensors()) {
      byte[] bytes = new byte[tensor.size()];
      Arrays.fill(bytes, (byte) codes.size());
      codes.add(bytes);
      if (!(tensor.encoding() instanceof Encoding.Real)) {
        sha.update(bytes);
      }
    }
    float[] result = new float[10];
    result[1] = 1f;
    result[2] = -0f;
    byte[] bits = new byte[40];
    bits[6] = (byte) 0x80;
    bits[7] = 0x3F;
    bits[11] = (byte) 0x80;
    sha.update(bits);
    byte[] digest = Goldens.digest(network, codes, result);
    assertThat(HexFormat.of().formatHex(digest)).isEqualTo(HexFormat.of().formatHex(sha.digest()));
    codes.get(3)[4] ^= 1;
    assertThat(Goldens.digest(network, codes, result)).isNotEqualTo(digest);
    assertThatThrownBy(() -> Goldens.digest(network, codes, new float[9]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
