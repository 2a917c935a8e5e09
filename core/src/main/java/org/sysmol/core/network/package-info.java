/** The float network: operators as ONNX defines them, their connections and their weights. */
@NullMarked
package org.sysmol.core.network;

import org.jspecify.annotations.NullMarked;
