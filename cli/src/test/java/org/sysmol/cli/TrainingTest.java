package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** What files record of the command that made them. */
class TrainingTest {
  private static final class Words {
    @Parameters private List<String> words = List.of();
  }

  private static String recorded(String... words) {
    Words command = new Words();
    CommandLine line = new CommandLine(command);
    line.parseArgs(words);
    assertThat(command.words).containsExactly(words);
    return Training.commandLine(line);
  }

  @Test
  void aShellReadsTheCommandAsItWas() {
    assertThat(recorded("train", "photos/cats", "2.5,3"))
        .isEqualTo("sysmol train photos/cats 2.5,3");
    assertThat(recorded("my photos", "128,0,0;0,64,0", "it's", "$HOME", ""))
        .isEqualTo("sysmol 'my photos' '128,0,0;0,64,0' 'it'\\''s' '$HOME' ''");
  }

  @Test
  void theTrainingsCommandOutlivesSeveralRetargetings() {
    TrainingRecipe recipe = TrainingRecipe.demo(7, 1);
    TrainedNetwork trained =
        Training.labelled(new ContractTest().trained(false, "P4"), recipe, "sysmol train");
    TrainedNetwork once = Training.retargeted(trained, recipe.withSeed(8), "sysmol retarget a");
    TrainedNetwork twice = Training.retargeted(once, recipe.withSeed(9), "sysmol retarget b");
    assertThat(twice.provenance().facts())
        .containsAllEntriesOf(
            Map.of(
                "command", "sysmol retarget b",
                "seed", "9",
                "recipe", recipe.withSeed(9).toString(),
                "trained with command", "sysmol train",
                "trained with seed", "7"));
  }
}
