/** Proof of the ONNX reader, writer and evaluator. */
@NullMarked
package org.sysmol.onnx;

import org.jspecify.annotations.NullMarked;
