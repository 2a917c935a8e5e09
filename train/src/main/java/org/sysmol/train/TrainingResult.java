package org.sysmol.train;

import java.util.List;
import org.sysmol.core.network.Network;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * What training made.
 *
 * @param full the full-precision network before the search
 * @param control the same trained on, or {@code full} if that was not asked for
 * @param trained the quantised network
 * @param bits the budget that it was trained for, in bits per weight over all layers: the recipe's,
 *     or the estimate for a greatest drop
 * @param log all epochs
 */
public record TrainingResult(
    Network full, Network control, TrainedNetwork trained, double bits, List<EpochRecord> log) {}
