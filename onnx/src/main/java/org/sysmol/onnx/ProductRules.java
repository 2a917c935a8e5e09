package org.sysmol.onnx;

import java.util.Arrays;
import java.util.List;
import org.sysmol.core.network.Operator;

/** Products of matrices. */
final class ProductRules {
  private ProductRules() {}

  /** Gemm. */
  static Rule.Step gemm(Attributes attributes) {
    var gemm =
        new Operator.Gemm(
            attributes.decimal("alpha", 1),
            attributes.decimal("beta", 1),
            attributes.flag("transA", false),
            attributes.flag("transB", false));
    int least = attributes.opset() >= 11 ? 2 : 3;
    return node -> {
      node.requireInputs(least, 3);
      Dim[] a = node.sizes(0);
      Dim[] b = node.sizes(1);
      if (a.length != 2 || b.length != 2) {
        throw node.broken("multiplies the sizes " + List.of(a) + " and " + List.of(b));
      }
      Sizes.requireSame(
          node, a[gemm.transA() ? 0 : 1], b[gemm.transB() ? 1 : 0], "the inner sizes");
      Dim[] sizes = {a[gemm.transA() ? 1 : 0], b[gemm.transB() ? 0 : 1]};
      if (node.has(2)) {
        Dim[] common = Sizes.broadcast(node, node.sizes(2), sizes);
        boolean grows = common.length > 2;
        for (int axis = 0; axis < 2 && !grows; axis++) {
          grows = sizes[axis].known() && !sizes[axis].equals(common[axis]);
        }
        if (grows) {
          throw node.broken(
              "adds C of sizes " + List.of(node.sizes(2)) + " to sizes " + List.of(sizes));
        }
      }
      node.emit(gemm, sizes);
    };
  }

  /** MatMul. */
  static Rule.Step matMul(Attributes attributes) {
    return node -> {
      node.requireInputs(2, 2);
      Dim[] a = node.sizes(0);
      Dim[] b = node.sizes(1);
      if (a.length == 0 || b.length == 0) {
        throw node.broken("multiplies a scalar");
      }
      Dim inner = b.length == 1 ? b[0] : b[b.length - 2];
      Sizes.requireSame(node, a[a.length - 1], inner, "the inner sizes");
      Dim[] batch =
          Sizes.broadcast(
              node,
              Arrays.copyOf(a, Math.max(0, a.length - 2)),
              Arrays.copyOf(b, Math.max(0, b.length - 2)));
      int rank = batch.length + (a.length > 1 ? 1 : 0) + (b.length > 1 ? 1 : 0);
      Dim[] sizes = Arrays.copyOf(batch, rank);
      if (a.length > 1) {
        sizes[batch.length] = a[a.length - 2];
      }
      if (b.length > 1) {
        sizes[rank - 1] = b[b.length - 1];
      }
      node.emit(new Operator.MatMul(), sizes);
    };
  }
}
