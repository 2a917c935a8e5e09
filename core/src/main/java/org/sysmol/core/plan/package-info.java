/**
 * How a float network is cut into integer stages: which tensors are streams, which edges carry
 * codes.
 */
@NullMarked
package org.sysmol.core.plan;

import org.jspecify.annotations.NullMarked;
