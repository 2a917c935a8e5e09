package org.sysmol.hardware.program;

import org.sysmol.hardware.isa.Program;

/**
 * A program run once with its arguments.
 *
 * @param program what runs
 * @param arguments of general registers 0, 1, …
 */
public record Call(Program program, long[] arguments) {}
