package org.sysmol.core.packed;

import java.util.List;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.Provenance;

/**
 * A compiled network: what a {@code .smol} file holds and every engine runs.
 *
 * @param name of the network
 * @param patterns text of the packing of its registers ({@link
 *     org.sysmol.core.pattern.Packing#text})
 * @param assign rule that matched channels to patterns
 * @param tensors by index; the image's codes are the first
 * @param steps in the order in which they run; the last writes the result
 * @param placements registers of each mixed tensor
 * @param preprocessing how a picture becomes its input
 * @param classNames names of its results, empty if unknown
 * @param provenance where it comes from
 * @param goldens inputs with the digests that they must give
 */
public record PackedNetwork(
    String name,
    String patterns,
    String assign,
    List<PackedTensor> tensors,
    List<Step> steps,
    List<Placement> placements,
    Preprocessing preprocessing,
    List<String> classNames,
    Provenance provenance,
    List<Golden> goldens) {
  /**
   * A digest by which any engine can check itself.
   *
   * @param seed of the pseudo-random image, see docs/file-format.md
   * @param digest SHA-256 over the codes of all tensors in order and the result's bits
   */
  public record Golden(long seed, byte[] digest) {}

  /** Copies the lists. */
  public PackedNetwork {
    tensors = List.copyOf(tensors);
    steps = List.copyOf(steps);
    placements = List.copyOf(placements);
    classNames = List.copyOf(classNames);
    goldens = List.copyOf(goldens);
  }

  /** The input image's tensor. */
  public PackedTensor image() {
    return tensors.getFirst();
  }

  /** The result's tensor. */
  public PackedTensor result() {
    return tensors.get(steps.getLast().output());
  }

  /** The same network with other digests. */
  public PackedNetwork withGoldens(List<Golden> others) {
    return new PackedNetwork(
        name,
        patterns,
        assign,
        tensors,
        steps,
        placements,
        preprocessing,
        classNames,
        provenance,
        others);
  }

  /** The same network with other steps. */
  public PackedNetwork withSteps(List<Step> others) {
    return new PackedNetwork(
        name,
        patterns,
        assign,
        tensors,
        others,
        placements,
        preprocessing,
        classNames,
        provenance,
        goldens);
  }
}
