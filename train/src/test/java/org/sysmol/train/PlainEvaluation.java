package org.sysmol.train;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.arithmetic.EdgeWeights;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.NormNames;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.plan.Window;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * docs/arithmetic.md as loops over one image: the proof's other side. It uses core's codes one by
 * one and its folding of single factors, and nothing of the trainer.
 */
final class PlainEvaluation {
  private final TrainedNetwork trained;
  private final Plan plan;
  private final Quantisers q;

  /** By value id: codes, or bits of binary32 results. */
  final int[][] codes;

  float[] result = {};

  PlainEvaluation(TrainedNetwork trained, float[] image) {
    this.trained = trained;
    this.plan = trained.plan();
    this.q = trained.quantisers();
    codes = new int[plan.values().size()][];
    store(0, image);
    int index = 0;
    for (Stage stage : plan.stages()) {
      switch (stage) {
        case Stage.Convolution c -> store(c.output(), convolution(c, index++));
        case Stage.MaxPool p -> codes[p.output()] = maxima(p);
        case Stage.AveragePool p -> store(p.output(), means(p));
        case Stage.Join j -> {
          float[] left = real(j.left());
          float[] right = real(j.right());
          for (int i = 0; i < left.length; i++) {
            left[i] = j.clamp().apply(left[i] + right[i]);
          }
          store(j.output(), left);
        }
        case Stage.Scale x -> {
          float[] map = real(x.map());
          float[] gate = real(x.gate());
          for (int i = 0; i < map.length; i++) {
            map[i] = x.clamp().apply(map[i] * gate[i / (map.length / gate.length)]);
          }
          store(x.output(), map);
        }
        case Stage.Table t -> {
          float[] real = real(t.input());
          for (int i = 0; i < real.length; i++) {
            real[i] = (float) t.curve().at(real[i]);
          }
          store(t.output(), real);
        }
        case Stage.Gather g -> store(g.output(), gathered(g));
        case Stage.Rescale r -> store(r.output(), rescaled(r.input(), r.norm(), r.clamp()));
      }
    }
  }

  private float[] real(int id) {
    float[] real = new float[codes[id].length];
    for (int i = 0; i < real.length; i++) {
      real[i] = (float) codes[id][i] * q.valueStep()[id];
    }
    return real;
  }

  private float[] gathered(Stage.Gather g) {
    Value to = plan.values().get(g.output());
    float[] real = new float[to.size()];
    for (int i = 0; i < real.length; i++) {
      int channel = g.channels()[i / (to.height() * to.width())];
      int row = g.rows()[i / to.width() % to.height()];
      int column = g.columns()[i % to.width()];
      if (channel >= 0 && row >= 0 && column >= 0) {
        int input = 0;
        while (channel >= plan.values().get(g.inputs().get(input)).channels()) {
          channel -= plan.values().get(g.inputs().get(input++)).channels();
        }
        Value from = plan.values().get(g.inputs().get(input));
        int at = (channel * from.height() + row) * from.width() + column;
        real[i] = (float) codes[from.id()][at] * q.valueStep()[from.id()];
      }
    }
    return real;
  }

  private float[] rescaled(int id, NormNames norm, Clamp clamp) {
    Value value = plan.values().get(id);
    float[] real = real(id);
    Affine affine = norm == null ? null : Affine.of(norm.of(trained.network()));
    int plane = value.height() * value.width();
    for (int i = 0; i < real.length; i++) {
      if (affine != null) {
        real[i] = real[i] * affine.scale()[i / plane];
        real[i] = real[i] + affine.offset()[i / plane];
      }
      real[i] = clamp.apply(real[i]);
    }
    return real;
  }

  private void store(int id, float[] real) {
    Value value = plan.values().get(id);
    codes[id] = new int[real.length];
    switch (value.kind()) {
      case IMAGE, STREAM -> {
        for (int i = 0; i < real.length; i++) {
          codes[id][i] = Codes.eightBitCode(real[i], 1f / q.valueStep()[id], value.signed());
        }
      }
      case CODES ->
          codes[id] =
              encoded(
                  plan.groups().stream().filter(g -> g.value() == id).findFirst().orElseThrow(),
                  real);
      case REAL -> {
        result = real;
        codes[id] = new int[0];
      }
    }
  }

  private int[] encoded(InputGroup group, float[] real) {
    Value value = plan.value(group);
    int plane = value.height() * value.width();
    int[] encoded = new int[real.length];
    float alpha = q.alpha()[group.id()];
    for (int i = 0; i < real.length; i++) {
      int p = q.precision()[group.id()][i / plane];
      if (!group.searched()) {
        encoded[i] = Codes.eightBitCode(real[i], 1f / alpha, group.signed());
      } else if (group.signed()) {
        encoded[i] = Codes.oddCode(Codes.signedDigits(real[i], Codes.inverseStep(alpha, p), p), p);
      } else {
        encoded[i] = Codes.unsignedCode(real[i], Codes.inverseStep(alpha, p), p);
      }
    }
    return encoded;
  }

  private int[] input(InputGroup group) {
    Value value = plan.value(group);
    if (value.kind() == Value.Kind.CODES || (group.direct() && !group.searched())) {
      return codes[value.id()];
    }
    return encoded(group, rescaled(value.id(), group.norm(), group.clamp()));
  }

  private float[] convolution(Stage.Convolution c, int index) {
    InputGroup group = plan.groups().get(c.group());
    Value in = plan.value(group);
    Value out = plan.values().get(c.output());
    Window w = c.window();
    int[] input = input(group);
    float[] weights = trained.network().requireConstant(c.weight()).data();
    int per = c.weightsPerOutput();
    float[] stepsOf = new float[c.outputChannels()];
    for (int o = 0; o < stepsOf.length; o++) {
      stepsOf[o] =
          group.searched()
              ? q.delta()[index][o]
              : EdgeWeights.step(weights, o * per, (o + 1) * per);
    }
    double unit = group.searched() ? (group.signed() ? 0x1p-6 : 0x1p-5) : 1;
    float alpha =
        group.searched() || !group.direct() ? q.alpha()[group.id()] : q.valueStep()[group.value()];
    float[] result = new float[out.size()];
    float[] residual = c.residual() < 0 ? null : real(c.residual());
    for (int o = 0; o < c.outputChannels(); o++) {
      int first = o / (c.outputChannels() / c.groups()) * c.channelsPerOutput();
      double u = (double) stepsOf[o] * alpha * unit;
      double bias = c.bias() == null ? 0 : trained.network().requireConstant(c.bias()).data()[o];
      float scale = (float) u;
      float offset = (float) bias;
      if (c.norm() != null) {
        var bn = c.norm().of(trained.network());
        double factor = bn.scale()[o] / Math.sqrt((double) bn.variance()[o] + bn.epsilon());
        scale = (float) (u * factor);
        offset = (float) ((bias - bn.mean()[o]) * factor + bn.bias()[o]);
      }
      for (int y = 0; y < out.height(); y++) {
        for (int x = 0; x < out.width(); x++) {
          int sum = 0;
          for (int i = 0; i < c.channelsPerOutput(); i++) {
            int channel = first + i;
            int p = q.precision()[group.id()][channel];
            for (int ky = 0; ky < w.kernelHeight(); ky++) {
              for (int kx = 0; kx < w.kernelWidth(); kx++) {
                int sy = y * w.strideY() + ky * w.dilationY() - w.padTop();
                int sx = x * w.strideX() + kx * w.dilationX() - w.padLeft();
                if (sy < 0 || sx < 0 || sy >= in.height() || sx >= in.width()) {
                  continue;
                }
                float weight =
                    weights[o * per + (i * w.kernelHeight() + ky) * w.kernelWidth() + kx];
                int code =
                    group.searched()
                        ? Codes.oddCode(Codes.weightDigits(weight, stepsOf[o], p), p)
                            << (2 * (4 - p))
                        : EdgeWeights.code(weight, stepsOf[o]);
                sum += code * input[(channel * in.height() + sy) * in.width() + sx];
              }
            }
          }
          int at = (o * out.height() + y) * out.width() + x;
          float t = (float) sum;
          t = t * scale;
          t = t + offset;
          if (residual != null) {
            t = t + residual[at];
          }
          result[at] = c.clamp().apply(t);
        }
      }
    }
    return result;
  }

  private List<int[]> cells(Window w, Value in, int y, int x) {
    List<int[]> cells = new ArrayList<>();
    for (int ky = 0; ky < w.kernelHeight(); ky++) {
      for (int kx = 0; kx < w.kernelWidth(); kx++) {
        cells.add(
            new int[] {
              y * w.strideY() + ky * w.dilationY() - w.padTop(),
              x * w.strideX() + kx * w.dilationX() - w.padLeft()
            });
      }
    }
    return cells;
  }

  private int[] maxima(Stage.MaxPool p) {
    Value in = plan.values().get(p.input());
    Value out = plan.values().get(p.output());
    int[] maxima = new int[out.size()];
    for (int i = 0; i < maxima.length; i++) {
      int c = i / (out.height() * out.width());
      int best = Integer.MIN_VALUE;
      for (int[] cell : cells(p.window(), in, i / out.width() % out.height(), i % out.width())) {
        if (inside(cell, 0, 0, in.height(), in.width())) {
          best = Math.max(best, codes[in.id()][(c * in.height() + cell[0]) * in.width() + cell[1]]);
        }
      }
      maxima[i] = best;
    }
    return maxima;
  }

  private float[] means(Stage.AveragePool p) {
    Value in = plan.values().get(p.input());
    Value out = plan.values().get(p.output());
    float[] means = new float[out.size()];
    for (int i = 0; i < means.length; i++) {
      int c = i / (out.height() * out.width());
      int sum = 0;
      int count = 0;
      for (int[] cell : cells(p.window(), in, i / out.width() % out.height(), i % out.width())) {
        if (inside(cell, 0, 0, in.height(), in.width())) {
          sum += codes[in.id()][(c * in.height() + cell[0]) * in.width() + cell[1]];
          count++;
        } else if (p.countPadding()
            && inside(
                cell,
                -p.window().padTop(),
                -p.window().padLeft(),
                in.height() + p.padBottom(),
                in.width() + p.padRight())) {
          count++;
        }
      }
      means[i] = (float) sum * (float) ((double) q.valueStep()[p.input()] / count);
    }
    return means;
  }

  private static boolean inside(int[] cell, int top, int left, int bottom, int right) {
    return cell[0] >= top && cell[1] >= left && cell[0] < bottom && cell[1] < right;
  }
}
