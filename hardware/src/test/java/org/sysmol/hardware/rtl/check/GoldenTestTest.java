package org.sysmol.hardware.rtl.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.hardware.rtl.SumModule;
import org.sysmol.hardware.rtl.UnitModule;

/** Few vectors: the command {@code rtl --check} runs many. */
class GoldenTestTest {
  @BeforeEach
  void simulator() {
    assumeTrue(
        Simulator.IVERILOG.present(),
        "The RTL is not simulated: iverilog is not installed (Debian package iverilog).");
  }

  private static GoldenTest test(String architecture) {
    return new GoldenTest(Architecture.named(architecture), 7, Simulator.IVERILOG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"U4", "U2", "P8", "16,56,0;0,56,4", "P4+256"})
  void mixedUnitEqualsJava(String name) {
    GoldenTest test = test(name);
    GoldenTest.Outcome outcome =
        test.mixed(test.unit(UnitModule.Kind.MIXED), 600, Optional.empty());
    assertThat(outcome.mismatches()).isZero();
    assertThat(outcome.vectors()).isGreaterThanOrEqualTo(600);
    assertThat(outcome.byInstruction()).containsOnlyKeys("VMUL", "VMAC");
  }

  @Test
  void allPatternsOfAllUnitsEqualJava() {
    GoldenTest test = test("P45");
    for (GoldenTest.Outcome outcome : test.run(900, Optional.empty())) {
      assertThat(outcome.mismatches()).as(outcome.unit()).isZero();
      boolean mixed = outcome.unit().equals("mixed_unit") || outcome.unit().equals("extended_unit");
      assertThat(outcome.byPattern()).as(outcome.unit()).hasSize(mixed ? 45 : 0);
    }
  }

  @Test
  void verilatorAgrees() {
    assumeTrue(
        Simulator.VERILATOR.present(),
        "Verilator is not tried: install the Debian packages verilator, g++ and make.");
    GoldenTest test = new GoldenTest(Architecture.named("U2"), 7, Simulator.VERILATOR);
    String text = test.unit(UnitModule.Kind.MIXED);
    assertThat(test.mixed(text, 2000, Optional.empty()).mismatches()).isZero();
  }

  /** A shift, a sign, a selection, a constant, a decoded pattern, an accumulator. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "r0[3] & m2 ; r0[5] & m2",
        "r1[4] & m1 ; r1[7] & m1",
        "m[3] & a0_0 ; m[3] ^ a0_0",
        "m4 & n[7] ; m4 & n[6]",
        "~(m[15] & a3_0) ; (m[15] & a3_0)",
        "(m[5] & a1_2) ^ (m2 | m1) ; (m[5] & a1_2) ^ (m2)",
        "wire k_7 = m2 ; wire k_7 = m4",
        "wire k_10 = m4 ; wire k_10 = 1'b0",
        "2'd2: decoded = 4'b0000 ; 2'd2: decoded = 4'b0001",
        "vd & {128{keep_d}} ; vd",
      })
  void faultsOfTheMixedUnitAreCaught(String right, String wrong) {
    GoldenTest test = test("P4");
    String text = test.unit(UnitModule.Kind.MIXED);
    String faulty = fault(text, right, wrong);
    assertThat(test.mixed(faulty, 200, Optional.empty()).mismatches()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "join_8 = ~is_16b, join_8 = 1'b1",
    "join_16 = is_dot, join_16 = 1'b0",
    "apart_8 = ~is_16b, apart_8 = 1'b1",
    "m[7] & is_8h, m[7]",
    "wire k_17 = is_dot, wire k_17 = 1'b0",
    "wire h3 = is_8h ? n[3] : n[11], wire h3 = n[11]",
  })
  void faultsOfTheBaseUnitAreCaught(String right, String wrong) {
    GoldenTest test = test("U4");
    String text = test.unit(UnitModule.Kind.BASE);
    assertThat(test.base(text, 100).mismatches()).isZero();
    assertThat(test.base(fault(text, right, wrong), 200).mismatches()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"U4", "U2", "P8", "16,56,0;0,56,4", "128,0,0;0,0,32"})
  void extendedUnitEqualsJava(String name) {
    GoldenTest test = test(name);
    GoldenTest.Outcome outcome =
        test.extended(test.unit(UnitModule.Kind.EXTENDED), 600, Optional.empty());
    assertThat(outcome.mismatches()).isZero();
    assertThat(outcome.byInstruction()).hasSize(5);
  }

  /** A carry out of a shift, digits, signs, activations, corrections, constants. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "l1_m4 & (l1_r0[0] | l1_r0[1]) ; 1'b0",
        "m[3] & is_base ; m[3]",
        "m[9] & ~m2 ; m[9]",
        "n[9] & m[9] ; n[9] ^ m[9]",
        "m1 ? z4 & z5 : ; m1 ? z4 | z5 :",
        "wire neg4 = m[9] & ~ m1 ; wire neg4 = m[9]",
        "wire neg2 = m[5] | m1 ; wire neg2 = m[5]",
        "m2 & n[15] ; m2 & n[14]",
        "m4 & n[11] ; 1'b0",
        "wire cor3l = neg3l & ~low3l ; wire cor3l = neg3l",
        "is_dot | l1_m4 ; is_dot",
        "vd & {128{~op[2] | op[0]}} ; vd",
      })
  void faultsOfTheExtendedUnitAreCaught(String right, String wrong) {
    GoldenTest test = test("P4");
    String faulty = fault(test.unit(UnitModule.Kind.EXTENDED), right, wrong);
    assertThat(test.extended(faulty, 300, Optional.empty()).mismatches()).isPositive();
  }

  @Test
  void faultsOfVsumqAndOfTheExtendedUnitAreCaught() {
    GoldenTest test = test("U2");
    String sum = SumModule.of(Architecture.named("U2")).emit();
    assertThat(test.sum(fault(sum, "{{2{x[63]}}", "{{2{x[62]}}"), 200).mismatches()).isPositive();
    String both = test.unit(UnitModule.Kind.EXTENDED);
    assertThat(
            test.extended(fault(both, "& l1_lane", "& 1'b1"), 200, Optional.empty()).mismatches())
        .isPositive();
  }

  private static String fault(String text, String right, String wrong) {
    assertThat(text).contains(right);
    return text.replace(right, wrong);
  }
}
