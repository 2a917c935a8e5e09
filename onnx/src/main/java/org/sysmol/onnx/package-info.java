/** ONNX files to networks and back, with a plain float evaluator that says what is right. */
@NullMarked
package org.sysmol.onnx;

import org.jspecify.annotations.NullMarked;
