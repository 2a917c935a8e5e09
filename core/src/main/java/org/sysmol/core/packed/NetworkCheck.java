package org.sysmol.core.packed;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.sysmol.core.SysmolException;

/**
 * Everything that an engine may rely on in a packed network (docs/file-format.md §5): every index
 * in range, every size consistent, every sum within 32 bits. What passes can be run without a
 * further check; what a file or a compiler got wrong is refused in one sentence that names the
 * place.
 *
 * <p>Nothing is allocated that is larger than a part of the network itself.
 */
public final class NetworkCheck {
  /** Most channels of a tensor. */
  public static final int MAX_CHANNELS = 1 << 20;

  /** Most rows or columns of a tensor, and the largest stride, dilation and padding. */
  public static final int MAX_SIDE = 65535;

  /** Most elements of a tensor. */
  public static final int MAX_ELEMENTS = 1 << 28;

  /** Most elements of all tensors of a network together. */
  public static final long MAX_TOTAL_ELEMENTS = 1L << 30;

  /** Most cells of a window. */
  public static final int MAX_TAPS = 1 << 24;

  /** Most weights of a layer, so that even eight-bit ones have fewer than 2^31 bits. */
  public static final int MAX_WEIGHTS = (1 << 28) - 1;

  private final PackedNetwork network;
  private final Function<String, SysmolException> refusal;
  private final List<PackedTensor> tensors;

  private NetworkCheck(PackedNetwork network, Function<String, SysmolException> refusal) {
    this.network = network;
    this.refusal = refusal;
    this.tensors = network.tensors();
  }

  /** Refuses a network that breaks a rule. */
  public static void check(PackedNetwork network) {
    check(
        network,
        what ->
            SysmolException.badInput(
                "Network "
                    + network.name()
                    + " can't be run: "
                    + what
                    + "; report this, for the compiler should not have made it."));
  }

  /**
   * Refuses a network that breaks a rule, with an exception of the caller's making.
   *
   * @param refusal makes the exception from what is wrong and where, a clause without full stop
   */
  public static void check(PackedNetwork network, Function<String, SysmolException> refusal) {
    new NetworkCheck(network, refusal).check();
  }

  private void check() {
    if (tensors.isEmpty() || network.steps().isEmpty()) {
      throw refusal.apply("it has no tensors or no steps");
    }
    long total = 0;
    for (int t = 0; t < tensors.size(); t++) {
      PackedTensor tensor = tensors.get(t);
      tensor(t, tensor);
      total += tensor.size();
      if (total > MAX_TOTAL_ELEMENTS) {
        throw refusal.apply("its tensors have more than " + MAX_TOTAL_ELEMENTS + " elements");
      }
    }
    image();
    flow();
    placements();
    for (int g = 0; g < network.goldens().size(); g++) {
      if (network.goldens().get(g).digest().length != 32) {
        throw refusal.apply("golden " + g + " has no SHA-256");
      }
    }
  }

  private void tensor(int index, PackedTensor tensor) {
    String where = "tensor " + index + " (" + tensor.name() + ")";
    require(
        tensor.channels() >= 1 && tensor.channels() <= MAX_CHANNELS,
        where,
        "has " + tensor.channels() + " channels");
    require(
        tensor.height() >= 1
            && tensor.height() <= MAX_SIDE
            && tensor.width() >= 1
            && tensor.width() <= MAX_SIDE,
        where,
        "has " + tensor.height() + " rows and " + tensor.width() + " columns");
    long size = (long) tensor.channels() * tensor.height() * tensor.width();
    require(size <= MAX_ELEMENTS, where, "has " + size + " elements");
    require(
        permutation(tensor.order(), tensor.channels()),
        where,
        "has a channel order that is not a permutation of its " + tensor.channels() + " channels");
    switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> {
        require(
            mixed.precision().length == tensor.channels(),
            where,
            "has " + mixed.precision().length + " precisions for its channels");
        for (byte p : mixed.precision()) {
          if (p != 1 && p != 2 && p != 4) {
            require(false, where, "has a channel of " + p + " bits");
          }
        }
        // The factors 2^(p-2) / alpha must be numbers too, for every precision.
        require(usableStep(mixed.alpha()), where, "has the step " + mixed.alpha());
      }
      case Encoding.Eight eight ->
          require(usableStep(eight.step()), where, "has the step " + eight.step());
      case Encoding.Real _ -> {}
    }
  }

  /** True if the step and what engines divide by it are positive, finite numbers. */
  private static boolean usableStep(float step) {
    return step > 0 && Float.isFinite(step) && Float.isFinite(4 / step) && 0.5f / step > 0;
  }

  private static boolean permutation(int[] order, int channels) {
    if (order.length != channels) {
      return false;
    }
    BitSet seen = new BitSet(channels);
    for (int channel : order) {
      if (channel < 0 || channel >= channels || seen.get(channel)) {
        return false;
      }
      seen.set(channel);
    }
    return true;
  }

  private void image() {
    PackedTensor image = network.image();
    var picture = network.preprocessing();
    require(
        image.encoding() instanceof Encoding.Eight eight && eight.signed(),
        "tensor 0",
        "is the image but has no signed eight-bit codes");
    require(
        image.channels() == picture.channels()
            && image.height() == picture.height()
            && image.width() == picture.width(),
        "tensor 0",
        "is the image but differs in size from what the preprocessing makes");
  }

  private void flow() {
    boolean[] defined = new boolean[tensors.size()];
    List<Step> steps = network.steps();
    StepCheck check = new StepCheck(tensors, this::require);
    for (int s = 0; s < steps.size(); s++) {
      Step step = steps.get(s);
      String where = "step " + s + " (" + step.getClass().getSimpleName() + " " + step.name() + ")";
      require(
          step instanceof Step.QuantiseImage == (s == 0),
          where,
          s == 0
              ? "is the first but quantises no image"
              : "quantises an image but is not the first");
      if (s == 0) {
        require(
            step.input() == -1 && step.output() == 0, where, "does not write the image's tensor");
      }
      for (int input : reads(step, where)) {
        requireDefined(defined, input, where);
      }
      int output = step.output();
      require(
          output >= 0 && output < defined.length && !defined[output],
          where,
          "writes tensor " + output + ", which does not exist or was written before");
      defined[output] = true;
      boolean last = s == steps.size() - 1;
      require(
          tensors.get(output).encoding() instanceof Encoding.Real == last,
          where,
          last
              ? "is the last but writes no real values"
              : "writes real values but is not the last");
      check.check(step, where);
    }
    for (int t = 0; t < defined.length; t++) {
      require(defined[t], "tensor " + t + " (" + tensors.get(t).name() + ")", "is never written");
    }
  }

  private List<Integer> reads(Step step, String where) {
    if (step instanceof Step.Convolution c) {
      require(c.residual() >= -1, where, "adds tensor " + c.residual());
    }
    if (step instanceof Step.Gather gather) {
      require(!gather.inputs().isEmpty(), where, "gathers from no tensor");
    }
    return step.reads();
  }

  private void requireDefined(boolean[] defined, int tensor, String where) {
    require(
        tensor >= 0 && tensor < defined.length && defined[tensor],
        where,
        "reads tensor " + tensor + ", which no step before it writes");
  }

  private void placements() {
    Set<Integer> placed = new HashSet<>();
    for (int i = 0; i < network.placements().size(); i++) {
      Placement placement = network.placements().get(i);
      String where = "placement " + i;
      int t = placement.tensor();
      require(t >= 0 && t < tensors.size(), where, "names tensor " + t + ", which does not exist");
      require(placed.add(t), where, "is the second of tensor " + t);
      where = where + " (of tensor " + t + ")";
      int[] patterns = placement.patterns();
      require(
          tensors.get(t).encoding() instanceof Encoding.Mixed
              && patterns.length % 3 == 0
              && patterns.length / 3 <= tensors.get(t).channels(),
          where,
          "fits no tensor of mixed precision");
      long[] slots = new long[3];
      for (int r = 0; r < patterns.length; r++) {
        if (patterns[r] < 0 || patterns[r] > MAX_SIDE) {
          require(false, where, "has " + patterns[r] + " slots in a register");
        }
        slots[r % 3] += patterns[r];
      }
      if (tensors.get(t).encoding() instanceof Encoding.Mixed mixed) {
        long[] channels = new long[3];
        for (byte p : mixed.precision()) {
          channels[p >> 1]++;
        }
        for (int k = 0; k < 3; k++) {
          require(
              slots[k] >= channels[k],
              where,
              "has "
                  + slots[k]
                  + " slots for "
                  + channels[k]
                  + " channels of "
                  + (1 << k)
                  + " bits");
        }
      }
    }
  }

  private void require(boolean holds, String where, String what) {
    if (!holds) {
      throw refusal.apply(where + " " + what);
    }
  }

  /** Reports a broken rule. */
  @FunctionalInterface
  interface Requirement {
    void require(boolean holds, String where, String what);
  }

  /** True if both tensors have the same size and channel order. */
  static boolean sameMap(PackedTensor a, PackedTensor b) {
    return a.height() == b.height()
        && a.width() == b.width()
        && Arrays.equals(a.order(), b.order());
  }
}
