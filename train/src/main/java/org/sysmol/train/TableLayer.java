package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.Quantisers;

/**
 * A stored table (docs/arithmetic.md §14) on integer codes held in floats.
 *
 * @param codes tables of all channels, one behind the other
 * @param first by channel, the place of code 0
 */
record TableLayer(Tensor codes, Tensor first) {
  /**
   * The table of a stage.
   *
   * @param reader whose codes the stage writes, or null where it writes a stream
   */
  static TableLayer of(
      Plan plan, Quantisers quantisers, Stage.Table stage, @Nullable InputGroup reader) {
    Value from = plan.values().get(stage.input());
    Value to = plan.values().get(stage.output());
    float step = quantisers.valueStep()[from.id()];
    float[] codes = new float[to.channels() * CurveTable.SIZE];
    float[] first = new float[to.channels()];
    for (int c = 0; c < first.length; c++) {
      byte[] table =
          reader == null
              ? CurveTable.eight(
                  stage.curve(), step, from.signed(), quantisers.valueStep()[to.id()], to.signed())
              : CurveTable.mixed(
                  stage.curve(),
                  step,
                  from.signed(),
                  quantisers.alpha()[reader.id()],
                  quantisers.precision()[reader.id()][c],
                  reader.signed());
      boolean signed = reader == null ? to.signed() : reader.signed();
      for (int i = 0; i < CurveTable.SIZE; i++) {
        codes[c * CurveTable.SIZE + i] = signed ? table[i] : table[i] & 0xff;
      }
      first[c] = c * CurveTable.SIZE + CurveTable.entry(0, from.signed());
    }
    return new TableLayer(Tensors.of(codes, codes.length), Tensors.perChannel(first));
  }

  /** The codes for {@code [N, C, H, W]} codes of the stream. */
  Tensor lookUp(Tensor stream) {
    return codes.take(stream.add(first).to(ScalarType.Long));
  }
}
