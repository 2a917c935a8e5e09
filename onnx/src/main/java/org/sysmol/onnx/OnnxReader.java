package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;

/**
 * Reads ONNX files, opsets 7 to 21, into {@link Network}s.
 *
 * <p>Every attribute of every operator is honoured or refused by name. What sysmol can't take is
 * listed at once; a file that contradicts itself ends in one sentence naming the tensor or node.
 * The file is untrusted: sizes are checked against the data at hand before anything is allocated.
 */
public final class OnnxReader {
  private static final int OLDEST_OPSET = 7;
  private static final int NEWEST_OPSET = 21;
  private static final long OLDEST_IR_VERSION = 3;
  private static final long NEWEST_IR_VERSION = 13;

  private OnnxReader() {}

  /**
   * What was read.
   *
   * @param network the network, its values named as in the file
   * @param warnings full sentences on what the user may not expect, in the order of the file
   */
  public record Result(Network network, List<String> warnings) {
    /** Copies the list. */
    public Result {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reads an ONNX file and the side files beside it.
   *
   * @throws SysmolException if the file can't be read, is broken, or needs what sysmol doesn't take
   */
  public static Result read(Path file) {
    var origin = new Origin(file);
    ModelProto model = parse(origin);
    if (!model.hasGraph()) {
      throw origin.broken("the file", "holds no graph, so it may not be an ONNX file at all");
    }
    if (model.getIrVersion() < OLDEST_IR_VERSION || model.getIrVersion() > NEWEST_IR_VERSION) {
      throw SysmolException.badInput(
          "ONNX file "
              + file
              + " has the IR version "
              + model.getIrVersion()
              + "; sysmol reads versions "
              + OLDEST_IR_VERSION
              + " to "
              + NEWEST_IR_VERSION
              + ".");
    }
    var warnings = new ArrayList<String>();
    if (model.getTrainingInfoCount() > 0) {
      warnings.add("The file's training information is not used.");
    }
    if (model.getGraph().getQuantizationAnnotationCount() > 0) {
      warnings.add("The file's quantization annotations are not used.");
    }
    return new GraphReader(origin, model.getGraph(), opset(origin, model), warnings).read();
  }

  private static ModelProto parse(Origin origin) {
    byte[] bytes;
    try {
      if (Files.isDirectory(origin.file())) {
        throw SysmolException.badInput(
            origin.file() + " is a folder; give the path of an ONNX file in it.");
      }
      if (!Files.isRegularFile(origin.file())) {
        throw SysmolException.badInput(
            "There is no file " + origin.file() + "; give the path of an ONNX file.");
      }
      if (Files.size(origin.file()) > Integer.MAX_VALUE - 8) {
        throw origin.broken("the file", "is larger than 2 GB; keep its weights in a side file");
      }
      bytes = Files.readAllBytes(origin.file());
    } catch (IOException e) {
      throw origin.broken("the file", "can't be opened (" + e + ")", e);
    }
    try {
      // The tensors' bytes stay where they are: the file is held once.
      ByteString whole = UnsafeByteOperations.unsafeWrap(bytes);
      CodedInputStream input = whole.newCodedInput();
      input.enableAliasing(true);
      ModelProto model = ModelProto.parseFrom(input);
      input.checkLastTagWas(0);
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw origin.broken(
          DamageReport.place(bytes),
          "is the last part that makes sense: the file has "
              + bytes.length
              + " bytes and is cut short, damaged, or no ONNX file",
          e);
    } catch (IOException e) {
      throw origin.broken("the file", "can't be read (" + e + ")", e);
    }
  }

  private static int opset(Origin origin, ModelProto model) {
    long version = 0;
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
        if (version != 0 && version != set.getVersion()) {
          throw origin.broken("its list of operator sets", "names two versions of ONNX's own");
        }
        version = set.getVersion();
      }
    }
    if (version == 0) {
      throw origin.broken("its list of operator sets", "does not name ONNX's own");
    }
    if (version < OLDEST_OPSET || version > NEWEST_OPSET) {
      throw SysmolException.badInput(
          "ONNX file "
              + origin.file()
              + " uses opset "
              + version
              + "; sysmol reads opsets "
              + OLDEST_OPSET
              + " to "
              + NEWEST_OPSET
              + ", so convert it or export it again with one of these, e.g. 17.");
    }
    return (int) version;
  }
}
