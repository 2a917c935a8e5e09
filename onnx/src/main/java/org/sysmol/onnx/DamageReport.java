package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/** Finds where a damaged ONNX file ends to make sense, so that a message can name the place. */
final class DamageReport {
  private static final int GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;

  private DamageReport() {}

  /** The tensor or node in which, or after which, the file is damaged. */
  static String place(byte[] file) {
    String place = "its header";
    try {
      CodedInputStream input = ByteString.copyFrom(file).newCodedInput();
      for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
        if (tag == tag(GRAPH)) {
          // The graph is entered without its length: a cut file has less.
          input.readRawVarint32();
          place = "its graph";
          for (tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == tag(GRAPH_NODE) || tag == tag(GRAPH_INITIALIZER)) {
              int length = input.readRawVarint32();
              byte[] part = input.readRawBytes(Math.clamp(length, 0, rest(file, input)));
              place = name(part, tag == tag(GRAPH_NODE));
              if (part.length < length) {
                return place;
              }
            } else if (!input.skipField(tag)) {
              return place;
            }
          }
        } else if (!input.skipField(tag)) {
          return place;
        }
      }
    } catch (IOException e) {
      return place; // The damage itself: what came before is the answer.
    }
    return place;
  }

  private static int tag(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static int rest(byte[] file, CodedInputStream input) {
    return file.length - input.getTotalBytesRead();
  }

  private static String name(byte[] part, boolean isNode) {
    if (isNode) {
      NodeProto.Builder node = NodeProto.newBuilder();
      merge(node, part);
      String name = node.getName();
      if (name.isEmpty()) {
        name = node.getOutputCount() > 0 ? node.getOutput(0) : "without a name";
      }
      return "node " + name + " (" + node.getOpType() + ")";
    }
    TensorProto.Builder tensor = TensorProto.newBuilder();
    merge(tensor, part);
    return "tensor " + tensor.getName();
  }

  /** Reads as many fields as there are. */
  private static void merge(Message.Builder builder, byte[] part) {
    try {
      builder.mergeFrom(part);
    } catch (InvalidProtocolBufferException e) {
      builder.setUnknownFields(UnknownFieldSet.getDefaultInstance()); // What came before stays.
    }
  }
}
