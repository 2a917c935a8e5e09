package org.sysmol.runtime.x86;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All encodings, read once from the tables. */
final class FormTable {
  private static final Map<Mnemonic, List<Form>> FORMS = read();

  private FormTable() {}

  static List<Form> of(Mnemonic mnemonic) {
    return FORMS.getOrDefault(mnemonic, List.of());
  }

  private static Map<Mnemonic, List<Form>> read() {
    Map<Mnemonic, List<Form>> forms = new EnumMap<>(Mnemonic.class);
    Stream.of(
            ScalarForms.TABLE,
            MoveForms.TABLE,
            IntegerForms.TABLE,
            PermuteForms.TABLE,
            FloatForms.TABLE,
            TileForms.TABLE)
        .flatMap(String::lines)
        .map(Form::parse)
        .forEach(form -> forms.computeIfAbsent(form.mnemonic(), m -> new ArrayList<>()).add(form));
    forms.replaceAll((mnemonic, list) -> List.copyOf(list));
    return forms;
  }
}
