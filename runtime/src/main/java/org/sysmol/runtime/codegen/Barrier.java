package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Label;

/**
 * Code at which the threads of a run wait for each other between steps.
 *
 * <p>All count one counter upwards, which never falls: the barrier is passed once it has reached
 * the thread's own target, which grows by the number of threads at each barrier. So a thread may
 * still be looking at the counter while others run ahead to the next barrier.
 *
 * <p>A thread that has looked a while in vain lets the operating system run another one: where
 * threads outnumber processors, the one that is waited for must get its turn.
 */
final class Barrier {
  /** Looks between two calls of the operating system, some 40 cycles each. */
  private static final int PATIENCE = 2000;

  private final Label code = new Label("barrier");

  /**
   * Waits after a step if there are other threads, and the step is the last or they meet behind it
   * ({@link Meetings}); to be used where only rdi is needed afterwards.
   */
  void waitAfter(Emitter e, int step) {
    Label meeting = e.a.label("meeting");
    Label alone = e.a.label("no meeting");
    e.a.comment("barrier");
    e.a.cmp(mem(RDI, e.table.meeting(step)).ofQword(), 0);
    e.a.jne(meeting);
    e.a.cmp(mem(RDI, Table.LAST).ofQword(), step);
    e.a.jne(alone);
    e.a.bind(meeting);
    e.fromTable(RBX, Table.COUNTER);
    e.a.test(RBX, RBX);
    e.a.je(alone);
    e.a.call(code);
    e.a.bind(alone);
  }

  /** The subroutine, for the end of the program. */
  void emit(Emitter e) {
    e.a.comment("barrier");
    e.a.bind(code);
    // The stack is a multiple of 16 again where the system is called.
    e.a.sub(RSP, 8);
    e.fromTable(RBP, Table.TARGET);
    e.a.add(RBP, mem(RDI, Table.THREADS));
    e.a.mov(mem(RDI, Table.TARGET), RBP);
    e.a.lockInc(mem(RBX).ofQword());
    Label done = e.a.label("all there");
    Label wait = e.a.here("wait");
    e.a.mov(R13, PATIENCE);
    Label look = e.a.here("look");
    e.a.cmp(mem(RBX).ofQword(), RBP);
    e.a.jge(done);
    e.a.pause();
    e.a.dec(R13);
    e.a.jne(look);
    e.a.mov(R12, RDI);
    e.a.call(mem(RDI, Table.YIELD).ofQword());
    e.a.mov(RDI, R12);
    e.a.jmp(wait);
    e.a.bind(done);
    e.a.add(RSP, 8);
    e.a.ret();
  }
}
