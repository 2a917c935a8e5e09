package org.sysmol.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;

/** The images that the repository carries, and the rule by which they were selected. */
class FashionMnistTest {
  private static final Path FOLDER = repository().resolve("datasets/fashion-mnist");

  @Test
  void theRepositorysFilesHaveTheDigestsThatTheNoticeStates() throws Exception {
    String notice = Files.readString(FOLDER.resolve("NOTICE"));
    for (String name :
        List.of(
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte")) {
      assertThat(notice)
          .contains("  " + unpackedDigest(FOLDER.resolve(name + ".gz")) + "  " + name);
    }
  }

  @Test
  void bothPartsAreBalancedAndWhole() {
    for (Split split : new Split[] {Split.TRAIN, Split.TEST}) {
      ImageSet set = DataSource.open(FOLDER, split, FashionMnist.preprocessing());
      assertThat(set.count()).isEqualTo(10_000);
      assertThat(set.classNames()).isEqualTo(FashionMnist.CLASS_NAMES);
      int[] counts = new int[10];
      for (int index = 0; index < set.count(); index++) {
        counts[set.label(index)]++;
      }
      assertThat(counts).containsOnly(1000);
    }
  }

  @Test
  void theTrainingImagesAreTheFirstThousandOfEachClass() throws Exception {
    if (!Files.isDirectory(FashionMnist.PACKAGE_FOLDER)) {
      System.out.println(
          "FashionMnistTest: "
              + FashionMnist.PACKAGE_FOLDER
              + " is absent (Debian's package dataset-fashion-mnist is not installed), so the"
              + " repository's subset was compared with its recorded digests only.");
      return;
    }
    ImageSet all = FashionMnist.full(Split.TRAIN);
    assertThat(all.count()).isEqualTo(60_000);
    Statistics statistics = Statistics.of(all);
    assertThat(statistics.mean()[0]).isBetween(0.28595f, 0.28605f);
    assertThat(statistics.std()[0]).isBetween(0.35295f, 0.35305f);
    ImageSet selected = FashionMnistSubset.select(all);
    ImageSet carried = DataSource.open(FOLDER, Split.TRAIN);
    assertThat(carried.digest()).isEqualTo(selected.digest());
    for (String name : List.of("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")) {
      assertThat(FOLDER.resolve(name))
          .hasSameBinaryContentAs(FashionMnist.PACKAGE_FOLDER.resolve(name));
    }
  }

  @Test
  void filesWrittenByTheToolAreReadBackAndDeterministic(@TempDir Path folder) throws Exception {
    ImageSet carried = DataSource.open(FOLDER, Split.TRAIN).first(1234);
    byte[] images = FashionMnistSubset.images(carried);
    byte[] labels = FashionMnistSubset.labels(carried);
    assertThat(FashionMnistSubset.images(carried)).isEqualTo(images);
    // No flags and no time in the gzip header.
    assertThat(images).startsWith(0x1F, 0x8B, 8, 0, 0, 0, 0, 0);
    Files.write(folder.resolve("train-images-idx3-ubyte.gz"), images);
    Files.write(folder.resolve("train-labels-idx1-ubyte.gz"), labels);
    assertThat(DataSource.open(folder, Split.TRAIN).digest()).isEqualTo(carried.digest());
  }

  @Test
  void anAbsentPackageIsNamed(@TempDir Path folder) {
    Path absent = folder.resolve("none");
    assertThatThrownBy(() -> FashionMnist.full(absent, Split.TRAIN))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "All of Fashion-MNIST is read from "
                + absent
                + ", which is not there: install Debian's package dataset-fashion-mnist (apt-get"
                + " install dataset-fashion-mnist).");
  }

  private static Path repository() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("datasets/fashion-mnist/NOTICE"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new AssertionError("The tests run inside the repository, which holds datasets.");
      }
    }
    return folder;
  }

  private static String unpackedDigest(Path file) throws IOException, NoSuchAlgorithmException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(in.readAllBytes()));
    }
  }
}
