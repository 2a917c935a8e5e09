package org.sysmol.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sysmol.bench.OnnxRuntimePeer;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.onnx.FloatEvaluator;
import org.sysmol.runtime.SmolNetwork;

/**
 * How far an imported network, evaluated as it was read, is from ONNX Runtime on real pictures.
 *
 * @param images compared
 * @param difference largest |difference| of two results
 * @param reference largest |result| of ONNX Runtime
 * @param classes images whose largest result is another
 * @param runtime its version
 */
record ImportComparison(
    String dataset, int images, double difference, double reference, int classes, String runtime) {
  /** Sums in another order, in binary32, over networks of a hundred layers. */
  static final double TOLERANCE = 1e-4;

  /**
   * Compares.
   *
   * @param file where the network was read from
   * @param limit images at most
   * @param pictures how they become the network's input
   */
  static ImportComparison of(
      Path file, Network network, Path data, Split split, int limit, PictureOptions pictures) {
    if (network.outputs().size() != 1) {
      throw SysmolException.badInput(
          "The network of %s has %d outputs; networks of one output are compared."
              .formatted(file, network.outputs().size()));
    }
    int[] shape = PictureOptions.shape(network);
    Optional<Preprocessing> provisional = pictures.provisional(shape, file);
    ImageSet all = DataSource.open(data, split, provisional, List.of());
    ImageSet images = all.first(Math.min(limit, all.count()));
    if (images.channels() != shape[0]
        || (shape[1] > 0 && images.height() != shape[1])
        || (shape[2] > 0 && images.width() != shape[2])) {
      throw SysmolException.badInput(
          "The network of %s takes pictures of %s channels x height x width, those of %s are %d x %d x %d."
              .formatted(
                  file,
                  Arrays.toString(shape).replace("-1", "any"),
                  data,
                  images.channels(),
                  images.height(),
                  images.width()));
    }
    Preprocessing preprocessing = pictures.normalised(images, provisional);
    String input = network.inputs().getFirst().name();
    String output = network.outputs().getFirst();
    long[] one = {1, images.channels(), images.height(), images.width()};
    int[] dimensions = {1, images.channels(), images.height(), images.width()};
    FloatEvaluator ours = new FloatEvaluator(network);
    double difference = 0;
    double reference = 0;
    int classes = 0;
    byte[] pixels = new byte[images.pixelCount()];
    try (OnnxRuntimePeer theirs = OnnxRuntimePeer.unoptimised(file, one, 1);
        Bar bar = Bar.of("images", images.count())) {
      for (int i = 0; i < images.count(); i++) {
        images.pixels(i, pixels);
        float[] values = preprocessing.normalise(pixels);
        float[] wanted = theirs.run(values);
        Tensor result = ours.evaluate(Map.of(input, new Tensor(dimensions, values))).get(output);
        float[] got = result == null ? new float[0] : result.data();
        if (got.length != wanted.length) {
          throw SysmolException.failed(
              "Of %s ONNX Runtime gives %d results, we %d; report this with the file."
                  .formatted(file, wanted.length, got.length));
        }
        for (int k = 0; k < got.length; k++) {
          double far = Math.abs((double) got[k] - wanted[k]);
          // Written so that NaN on one side is as far as can be.
          difference = far <= difference ? difference : Double.isNaN(far) ? 1 / 0.0 : far;
          reference = Math.max(reference, Math.abs(wanted[k]));
        }
        classes += SmolNetwork.argmax(got) == SmolNetwork.argmax(wanted) ? 0 : 1;
        bar.step();
      }
      return new ImportComparison(
          images.name(), images.count(), difference, reference, classes, theirs.version());
    }
  }

  /** True if the differences are those of rounding. */
  boolean isEqual() {
    return difference <= TOLERANCE * reference;
  }

  /** All of it in one line. */
  String line() {
    return String.format(
        Locale.ROOT,
        "on %d images of %s: at most %.2g from ONNX Runtime %s, whose results go to %.4g: %.1e of that (tolerance %.0e); %d images are put into another class",
        images,
        dataset,
        difference,
        runtime,
        reference,
        difference / reference,
        TOLERANCE,
        classes);
  }

  /** The same for machines. */
  Map<String, ?> fields() {
    return JsonOutput.object(
        "dataset",
        dataset,
        "images",
        images,
        "onnx_runtime",
        runtime,
        "largest_difference",
        difference,
        "largest_reference",
        reference,
        "other_classes",
        classes);
  }
}
