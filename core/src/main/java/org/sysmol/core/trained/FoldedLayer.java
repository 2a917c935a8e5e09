package org.sysmol.core.trained;

import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.arithmetic.EdgeWeights;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;

/**
 * A convolution in integers, in unpermuted channels: weight codes and the folded epilogue
 * (docs/arithmetic.md §2, §3, §6). The trainer's evaluation and the compiler both start from it.
 *
 * @param codes {@code [out, in/groups, kernelHeight, kernelWidth]}: odd codes of searched layers,
 *     -127..127 of edge layers
 * @param aligned the same as integers to multiply with: {@code c << 2(4-p)} for searched layers
 * @param affine S and B per output channel
 */
public record FoldedLayer(int[] codes, int[] aligned, Affine affine) {
  /**
   * Folds one convolution of a trained network.
   *
   * @param index of the convolution in {@code Plan.convolutions()}
   */
  public static FoldedLayer of(TrainedNetwork trained, int index) {
    Plan plan = trained.plan();
    Stage.Convolution layer = plan.convolutions().get(index);
    InputGroup group = plan.groups().get(layer.group());
    Quantisers quantisers = trained.quantisers();
    Tensor weights = trained.network().requireConstant(layer.weight());
    requireFinite(layer.weight(), weights.data());
    int perOutput = layer.weightsPerOutput();
    int[] codes = new int[weights.data().length];
    int[] aligned = codes;
    double[] unit;
    if (group.searched()) {
      aligned = new int[codes.length];
      float[] delta = quantisers.delta()[index];
      searched(layer, weights.data(), delta, quantisers.precision()[group.id()], codes, aligned);
      unit = Affine.searchedUnit(delta, quantisers.alpha()[group.id()], group.signed());
    } else {
      float[] steps = new float[layer.outputChannels()];
      for (int o = 0; o < steps.length; o++) {
        steps[o] = EdgeWeights.step(weights.data(), o * perOutput, (o + 1) * perOutput);
        for (int i = o * perOutput; i < (o + 1) * perOutput; i++) {
          codes[i] = EdgeWeights.code(weights.data()[i], steps[o]);
        }
      }
      unit = Affine.edgeUnit(steps, edgeStep(quantisers, group));
    }
    Affine affine =
        Affine.fold(
            unit,
            layer.bias() == null ? null : trained.network().requireConstant(layer.bias()).data(),
            layer.norm() == null ? null : layer.norm().of(trained.network()));
    requireFinite("the folded scale of layer " + layer.name(), affine.scale());
    requireFinite("the folded offset of layer " + layer.name(), affine.offset());
    return new FoldedLayer(codes, aligned, affine);
  }

  /** Step of an edge group's eight-bit codes: its own, or that of the value it reads. */
  public static float edgeStep(Quantisers quantisers, InputGroup group) {
    return group.direct() ? quantisers.valueStep()[group.value()] : quantisers.alpha()[group.id()];
  }

  private static void searched(
      Stage.Convolution layer,
      float[] weights,
      float[] delta,
      int[] precision,
      int[] codes,
      int[] aligned) {
    int taps = layer.window().taps();
    int channels = layer.channelsPerOutput();
    int outputsPerGroup = layer.outputChannels() / layer.groups();
    int i = 0;
    for (int o = 0; o < layer.outputChannels(); o++) {
      int first = o / outputsPerGroup * channels;
      for (int c = 0; c < channels; c++) {
        int p = precision[first + c];
        for (int t = 0; t < taps; t++, i++) {
          codes[i] = Codes.oddCode(Codes.weightDigits(weights[i], delta[o], p), p);
          aligned[i] = Codes.aligned(codes[i], p);
        }
      }
    }
  }

  private static void requireFinite(String what, float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw SysmolException.badInput(
            "The network holds the value "
                + value
                + " in "
                + what
                + "; train it again or repair the file.");
      }
    }
  }
}
