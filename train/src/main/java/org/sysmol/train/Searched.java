package org.sysmol.train;

import org.sysmol.core.network.Network;

/**
 * What a search by noise made.
 *
 * @param network its weights, still in full precision
 * @param continuous the precision {@code p^} that each channel came to, by group id, then channel;
 *     empty for groups that are not searched
 */
public record Searched(Network network, float[][] continuous) {}
