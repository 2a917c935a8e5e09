package org.sysmol.hardware.simulate;

/**
 * What a step of a network took.
 *
 * @param name of the step
 * @param kind of it, in words
 * @param cycles of the core
 * @param work that was done
 * @param products multiply-accumulates of the network's own arithmetic by precision
 */
public record StepResult(String name, String kind, long cycles, WorkCounts work, long[] products) {}
