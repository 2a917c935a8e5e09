package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.train.zoo.NetworkZoo;
import picocli.CommandLine;

/** Help lists every built-in network. */
class NetworkNamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"bench", "explain", "kernels", "simulate"})
  void helpNamesThemAll(String command) {
    String help = new CommandLine(new Main()).getSubcommands().get(command).getUsageMessage();
    for (String name : NetworkZoo.names()) {
      assertThat(help).containsPattern("[ (]" + Pattern.quote(name) + "(?![\\w-])");
    }
  }
}
