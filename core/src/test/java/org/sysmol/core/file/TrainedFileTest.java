package org.sysmol.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.TrainedNetwork;

class TrainedFileTest {
  @TempDir Path directory;

  @Test
  void roundTripsANetworkWithItsPlanAndQuantisers() {
    for (int seed = 0; seed < 5; seed++) {
      TrainedNetwork trained = SampleTrained.of(seed);
      assertThat(trained.plan().stages().stream().map(Stage::getClass).distinct()).hasSize(3);
      Path file = directory.resolve("trained" + seed);
      TrainedFile.write(trained, file);
      TrainedNetwork back = TrainedFile.read(file);
      Exactly.assertSame(back, trained);
      assertThat(back.network().constants().keySet())
          .containsExactlyElementsOf(trained.network().constants().keySet());
      assertThat(TrainedFile.bytes(back)).isEqualTo(TrainedFile.bytes(trained));
    }
  }

  @Test
  void roundTripsEveryOperatorThatANetworkCanHold() throws ReflectiveOperationException {
    int number = 1;
    for (Class<?> type : Operator.class.getPermittedSubclasses()) {
      if (type.isEnum()) {
        continue;
      }
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      Object[] values = new Object[components.length];
      for (int i = 0; i < types.length; i++) {
        types[i] = components[i].getType();
        values[i] = sample(types[i], number++);
      }
      Operator operator = (Operator) type.getDeclaredConstructor(types).newInstance(values);
      RecordWriter out = new RecordWriter();
      OperatorCodec.write(out, operator);
      RecordReader in =
          new RecordReader(
              FileKind.TRAINED,
              FileProblem.Rule.CONTENT,
              "x",
              "section structure",
              ByteBuffer.wrap(out.bytes()));
      Operator back = OperatorCodec.read(in);
      if (types.length == 0) {
        assertThat(back).isEqualTo(operator);
      } else {
        Exactly.assertSame(back, operator);
      }
      in.end();
    }
    assertThat(number).isGreaterThan(40);
  }

  private static Object sample(Class<?> type, int number) {
    if (type == int.class) {
      return -number;
    }
    if (type == float.class) {
      return number % 2 == 0 ? Float.NEGATIVE_INFINITY : number / 7f;
    }
    if (type == boolean.class) {
      return number % 2 == 0;
    }
    if (type == int[].class) {
      return new int[] {number, -number, Integer.MAX_VALUE, Integer.MIN_VALUE};
    }
    if (type == float[].class) {
      return new float[] {number, Float.NaN};
    }
    if (type == Padding.class) {
      return new Padding(Padding.Mode.SAME_LOWER, new int[] {number});
    }
    return type.getEnumConstants()[number % type.getEnumConstants().length];
  }

  @Test
  void refusesEveryLengthButItsOwnAndEveryFlippedByte() {
    byte[] bytes = TrainedFile.bytes(SampleTrained.of(1));
    for (int i = 0; i < bytes.length; i++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, i);
      byte[] flipped = bytes.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      for (byte[] bad : List.of(cut, flipped)) {
        assertThatThrownBy(() -> TrainedFile.read(bad, "bad"))
            .isInstanceOf(SysmolException.class)
            .hasCauseInstanceOf(FileProblem.class);
      }
    }
  }

  @Test
  void refusesAnotherKindOfFileByName() {
    byte[] bytes = SmolFile.bytes(SampleNetworks.of(1, 3, 1));
    assertThatThrownBy(() -> TrainedFile.read(bytes, "demo.smol"))
        .hasMessage(
            "demo.smol is a packed network, not a trained network; give the path of a trained"
                + " network.");
  }
}
