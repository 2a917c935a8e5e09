package org.sysmol.onnx;

/** How nodes of one kind are read: first the attributes, then, once all are known, the inputs. */
interface Rule {
  /** What a node with these attributes becomes; refuses what it can't honour. */
  Step read(Attributes attributes);

  /** The second half of a rule. */
  interface Step {
    /** Says what the node becomes. */
    void apply(NodeContext node);
  }
}
