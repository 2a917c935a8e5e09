package org.sysmol.hardware.program;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.PatternSet;

/**
 * Where tensors lie: each as bytes (binary32 for the result), and, where dense layers read it, as
 * the registers of the mixed unit or as the signed bytes of the base unit.
 */
final class TensorMemory {
  private final PackedNetwork network;
  private final Area[] plain;
  private final Map<Integer, Area> packed = new TreeMap<>();
  private final Map<Integer, PackedLayout> layouts = new TreeMap<>();
  private final Map<Integer, Area> biased = new TreeMap<>();

  private final Packing packing;

  TensorMemory(PackedNetwork network, PatternSet patterns, boolean spansTaps, Memory memory) {
    this.network = network;
    packing = new Packing(patterns, 1, spansTaps, false);
    int count = network.tensors().size();
    plain = new Area[count];
    Area.Margin[] plainMargins = new Area.Margin[count];
    Area.Margin[] denseMargins = new Area.Margin[count];
    java.util.Arrays.fill(plainMargins, Area.Margin.NONE);
    java.util.Arrays.fill(denseMargins, Area.Margin.NONE);
    int[] groups = new int[count];
    boolean[] spanned = new boolean[count];
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c) {
        PackedTensor in = network.tensors().get(c.input());
        Area.Margin margin = margin(c, in);
        spanned[c.input()] |= spans(c);
        boolean own = depthwise(c, in) || direct(in) || spans(c);
        Area.Margin[] margins = own ? plainMargins : denseMargins;
        margins[c.input()] = margins[c.input()].and(margin);
        if (!own) {
          if (groups[c.input()] != 0 && groups[c.input()] != c.groups()) {
            throw SysmolException.badInput(
                "Layer %s reads %s in %d channel groups, another layer in %d; programs have one layout of registers for a tensor, so this network can't be simulated."
                    .formatted(c.name(), in.name(), c.groups(), groups[c.input()]));
          }
          groups[c.input()] = c.groups();
        }
      }
    }
    for (int t = 0; t < count; t++) {
      PackedTensor tensor = network.tensors().get(t);
      refuseBothForms(t, groups[t] > 0 || spanned[t]);
      int cell = tensor.encoding() instanceof Encoding.Real ? 4 : 1;
      int pixelBytes = t == 0 ? tensor.channels() : Math.max(4, tensor.channels()) * cell;
      plain[t] =
          Area.allocate(
              memory, tensor.height(), tensor.width(), pixelBytes, plainMargins[t], (byte) 0);
      if (groups[t] == 0) {
        continue;
      }
      if (tensor.encoding() instanceof Encoding.Mixed) {
        PackedLayout layout = PackedLayout.of(tensor, groups[t], patterns);
        layouts.put(t, layout);
        packed.put(
            t,
            Area.allocate(
                memory,
                tensor.height(),
                tensor.width(),
                layout.pixelBytes(),
                denseMargins[t],
                (byte) 0));
      } else {
        biased.put(
            t,
            Area.allocate(
                memory, tensor.height(), tensor.width(), pixelBytes, denseMargins[t], (byte) 0x80));
      }
    }
  }

  /**
   * Bytes of a signed tensor are digits where they are packed, and odd codes where they are not.
   */
  private void refuseBothForms(int index, boolean packs) {
    if (packs
        && tensor(index).encoding() instanceof Encoding.Mixed mixed
        && mixed.signed()
        && plainIsRead(index)) {
      throw SysmolException.badInput(
          "Tensor %s has signed codes that a depthwise layer and another one read; programs store one form of them, so this network can't be simulated."
              .formatted(tensor(index).name()));
    }
  }

  /** The cells around the map that a layer's windows reach. */
  static Area.Margin margin(Step.Convolution c, PackedTensor in) {
    return new Area.Margin(
        c.window().padTop(),
        c.window().padLeft(),
        c.window().padBottom(in.height()),
        c.window().padRight(in.width()));
  }

  /** True if each output reads one channel. */
  static boolean depthwise(Step.Convolution c, PackedTensor in) {
    return c.groups() == in.channels() && c.groups() > 1;
  }

  /**
   * True if the registers of a layer hold several of its taps. Layers of one tap or of several
   * channel groups keep to one.
   */
  boolean spans(Step.Convolution c) {
    return packing.spansTaps()
        && c.groups() == 1
        && c.window().taps() > 1
        && tensor(c.input()).encoding() instanceof Encoding.Mixed;
  }

  /** How registers hold weights. */
  Packing packing() {
    return packing;
  }

  /** True if the bytes of a tensor are signed integers as they are. */
  private static boolean direct(PackedTensor in) {
    return in.encoding() instanceof Encoding.Eight e && e.signed();
  }

  PackedTensor tensor(int index) {
    return network.tensors().get(index);
  }

  /** The tensor as bytes. */
  Area plain(int index) {
    return plain[index];
  }

  /** The tensor as registers, or null if no layer reads it so. */
  @Nullable Area packed(int index) {
    return packed.get(index);
  }

  /** Where its channels sit in them. */
  @Nullable PackedLayout layout(int index) {
    return layouts.get(index);
  }

  /** The tensor as signed bytes, 128 less than they mean, or null if no layer reads it so. */
  @Nullable Area biased(int index) {
    return biased.get(index);
  }

  /** True if a tensor's own bytes are read by more than packing. */
  boolean plainIsRead(int index) {
    List<Step> steps = network.steps();
    for (Step step : steps) {
      boolean reads = step.reads().contains(index);
      boolean dense =
          step instanceof Step.Convolution c
              && c.residual() != index
              && !depthwise(c, tensor(index))
              && !direct(tensor(index));
      if (reads && !dense) {
        return true;
      }
    }
    return false;
  }
}
