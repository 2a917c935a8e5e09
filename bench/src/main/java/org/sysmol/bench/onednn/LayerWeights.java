package org.sysmol.bench.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_goihw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_oihw;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.sysmol.core.arithmetic.EdgeWeights;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Window;

/** The weights of a layer as they are written in files; in eight bits with a scale per output. */
record LayerWeights(Library library, Network network, Stage.Convolution layer) {
  /**
   * {@code [out, in, height, width]}, or {@code [groups, out, in, height, width]} of each group.
   */
  static long[] shape(Stage.Convolution c) {
    Window w = c.window();
    return c.groups() == 1
        ? new long[] {c.outputChannels(), c.channelsPerOutput(), w.kernelHeight(), w.kernelWidth()}
        : new long[] {
          c.groups(),
          c.outputChannels() / c.groups(),
          c.channelsPerOutput(),
          w.kernelHeight(),
          w.kernelWidth()
        };
  }

  /** Writes them, in eight bits also their scales to the layer's memories and attributes. */
  Library.Memory write(
      boolean eightBits, Map<Integer, Library.Memory> memories, MemorySegment attributes) {
    boolean grouped = layer.groups() > 1;
    int tag = grouped ? dnnl_goihw : dnnl_oihw;
    float[] weights = network.requireConstant(layer.weight()).data();
    if (!eightBits) {
      return library.floats(tag, weights, shape(layer));
    }
    byte[] codes = new byte[weights.length];
    float[] units = new float[layer.outputChannels()];
    int per = layer.weightsPerOutput();
    for (int o = 0; o < units.length; o++) {
      units[o] = EdgeWeights.step(weights, o * per, (o + 1) * per);
      for (int i = o * per; i < (o + 1) * per; i++) {
        codes[i] = (byte) EdgeWeights.code(weights[i], units[o]);
      }
    }
    // A scale for each output, which with groups has two axes.
    library.scale(attributes, memories, DNNL_ARG_WEIGHTS, grouped ? 3 : 1, units);
    return library.bytes(tag, codes, shape(layer));
  }
}
