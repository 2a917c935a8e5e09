/** JMH benchmarks of single layers' kernels. */
@NullMarked
package org.sysmol.bench.kernel;

import org.jspecify.annotations.NullMarked;
