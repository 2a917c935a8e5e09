package org.sysmol.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.sysmol.core.SysmolException;

/**
 * Any bytes are either IDX images or refused in a sentence.
 *
 * <p>In the ordinary tests the inputs in the resources are run; with the environment variable
 * {@code JAZZER_FUZZ=1} Jazzer searches for new ones.
 */
class IdxFileFuzzTest {

  @FuzzTest(maxDuration = "60s")
  void parse(byte[] input) {
    for (int dimensions : new int[] {1, 3}) {
      try {
        check(
            IdxFile.parse("The input", new ByteArrayInputStream(input), input.length, dimensions));
      } catch (SysmolException e) {
        checkSentence(e);
      } catch (IOException e) {
        throw new AssertionError("Memory can be read.", e);
      }
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(input))) {
        check(IdxFile.parse("The input", in, 1032L * input.length, dimensions));
      } catch (SysmolException e) {
        checkSentence(e);
      } catch (IOException e) {
        // Not gzip, or damaged: reading a file turns this into a sentence.
        continue;
      }
    }
  }

  private static void check(IdxFile file) {
    long product = 1;
    for (int length : file.lengths()) {
      product *= length;
    }
    if (product != file.bytes().length) {
      throw new AssertionError("The lengths do not fit the bytes.");
    }
  }

  private static void checkSentence(SysmolException e) {
    String message = String.valueOf(e.getMessage());
    if (!message.startsWith("The input ") || !message.endsWith(".") || message.contains("\n")) {
      throw new AssertionError("Not one sentence: " + message);
    }
  }
}
