package org.sysmol.runtime.x86;

/**
 * One method for each of the scalar integer instructions, jumps and prefetches: it emits the
 * instruction of its name, destination first.
 */
abstract sealed class ScalarInstructions extends InstructionSink permits MoveInstructions {

  public void mov(Operand destination, Operand source) {
    emit(Mnemonic.MOV, destination, source);
  }

  public void mov(Operand destination, long immediate) {
    emit(Mnemonic.MOV, destination, new Immediate(immediate));
  }

  public void movzx(Operand destination, Operand source) {
    emit(Mnemonic.MOVZX, destination, source);
  }

  public void movsx(Operand destination, Operand source) {
    emit(Mnemonic.MOVSX, destination, source);
  }

  public void movsxd(Operand destination, Operand source) {
    emit(Mnemonic.MOVSXD, destination, source);
  }

  public void lea(Operand destination, Operand source) {
    emit(Mnemonic.LEA, destination, source);
  }

  public void add(Operand destination, int immediate) {
    emit(Mnemonic.ADD, destination, new Immediate(immediate));
  }

  public void add(Operand destination, Operand source) {
    emit(Mnemonic.ADD, destination, source);
  }

  public void or(Operand destination, int immediate) {
    emit(Mnemonic.OR, destination, new Immediate(immediate));
  }

  public void or(Operand destination, Operand source) {
    emit(Mnemonic.OR, destination, source);
  }

  public void and(Operand destination, int immediate) {
    emit(Mnemonic.AND, destination, new Immediate(immediate));
  }

  public void and(Operand destination, Operand source) {
    emit(Mnemonic.AND, destination, source);
  }

  public void sub(Operand destination, int immediate) {
    emit(Mnemonic.SUB, destination, new Immediate(immediate));
  }

  public void sub(Operand destination, Operand source) {
    emit(Mnemonic.SUB, destination, source);
  }

  public void xor(Operand destination, int immediate) {
    emit(Mnemonic.XOR, destination, new Immediate(immediate));
  }

  public void xor(Operand destination, Operand source) {
    emit(Mnemonic.XOR, destination, source);
  }

  public void cmp(Operand first, int immediate) {
    emit(Mnemonic.CMP, first, new Immediate(immediate));
  }

  public void cmp(Operand first, Operand second) {
    emit(Mnemonic.CMP, first, second);
  }

  public void test(Operand first, Operand second) {
    emit(Mnemonic.TEST, first, second);
  }

  public void test(Operand first, int immediate) {
    emit(Mnemonic.TEST, first, new Immediate(immediate));
  }

  public void imul(Operand destination, Operand source) {
    emit(Mnemonic.IMUL, destination, source);
  }

  public void imul(Operand destination, Operand source, int immediate) {
    emit(Mnemonic.IMUL, destination, source, new Immediate(immediate));
  }

  public void inc(Operand destination) {
    emit(Mnemonic.INC, destination);
  }

  public void dec(Operand destination) {
    emit(Mnemonic.DEC, destination);
  }

  public void neg(Operand destination) {
    emit(Mnemonic.NEG, destination);
  }

  public void not(Operand destination) {
    emit(Mnemonic.NOT, destination);
  }

  public void shl(Operand destination, int immediate) {
    emit(Mnemonic.SHL, destination, new Immediate(immediate));
  }

  public void shr(Operand destination, int immediate) {
    emit(Mnemonic.SHR, destination, new Immediate(immediate));
  }

  public void sar(Operand destination, int immediate) {
    emit(Mnemonic.SAR, destination, new Immediate(immediate));
  }

  public void popcnt(Operand destination, Operand source) {
    emit(Mnemonic.POPCNT, destination, source);
  }

  public void push(Operand source) {
    emit(Mnemonic.PUSH, source);
  }

  public void pop(Operand destination) {
    emit(Mnemonic.POP, destination);
  }

  public void lockAdd(Operand destination, int immediate) {
    emit(Mnemonic.LOCK_ADD, destination, new Immediate(immediate));
  }

  public void lockAdd(Operand destination, Operand source) {
    emit(Mnemonic.LOCK_ADD, destination, source);
  }

  public void lockInc(Operand destination) {
    emit(Mnemonic.LOCK_INC, destination);
  }

  public void lockDec(Operand destination) {
    emit(Mnemonic.LOCK_DEC, destination);
  }

  /** Adds to memory and leaves in {@code source} what was there before. */
  public void lockXadd(Operand destination, Operand source) {
    emit(Mnemonic.LOCK_XADD, destination, source);
  }

  public void pushfq() {
    emit(Mnemonic.PUSHFQ);
  }

  public void call(Operand target) {
    emit(Mnemonic.CALL, target);
  }

  public void ret() {
    emit(Mnemonic.RET);
  }

  public void nop() {
    emit(Mnemonic.NOP);
  }

  public void pause() {
    emit(Mnemonic.PAUSE);
  }

  public void mfence() {
    emit(Mnemonic.MFENCE);
  }

  public void cpuid() {
    emit(Mnemonic.CPUID);
  }

  public void xgetbv() {
    emit(Mnemonic.XGETBV);
  }

  public void jmp(Operand target) {
    emit(Mnemonic.JMP, target);
  }

  public void jb(Label target) {
    emit(Mnemonic.JB, target);
  }

  public void jae(Label target) {
    emit(Mnemonic.JAE, target);
  }

  public void je(Label target) {
    emit(Mnemonic.JE, target);
  }

  public void jne(Label target) {
    emit(Mnemonic.JNE, target);
  }

  public void jbe(Label target) {
    emit(Mnemonic.JBE, target);
  }

  public void ja(Label target) {
    emit(Mnemonic.JA, target);
  }

  public void js(Label target) {
    emit(Mnemonic.JS, target);
  }

  public void jns(Label target) {
    emit(Mnemonic.JNS, target);
  }

  public void jl(Label target) {
    emit(Mnemonic.JL, target);
  }

  public void jge(Label target) {
    emit(Mnemonic.JGE, target);
  }

  public void jle(Label target) {
    emit(Mnemonic.JLE, target);
  }

  public void jg(Label target) {
    emit(Mnemonic.JG, target);
  }

  public void cmovb(Operand destination, Operand source) {
    emit(Mnemonic.CMOVB, destination, source);
  }

  public void cmovae(Operand destination, Operand source) {
    emit(Mnemonic.CMOVAE, destination, source);
  }

  public void cmove(Operand destination, Operand source) {
    emit(Mnemonic.CMOVE, destination, source);
  }

  public void cmovne(Operand destination, Operand source) {
    emit(Mnemonic.CMOVNE, destination, source);
  }

  public void cmovbe(Operand destination, Operand source) {
    emit(Mnemonic.CMOVBE, destination, source);
  }

  public void cmova(Operand destination, Operand source) {
    emit(Mnemonic.CMOVA, destination, source);
  }

  public void cmovs(Operand destination, Operand source) {
    emit(Mnemonic.CMOVS, destination, source);
  }

  public void cmovns(Operand destination, Operand source) {
    emit(Mnemonic.CMOVNS, destination, source);
  }

  public void cmovl(Operand destination, Operand source) {
    emit(Mnemonic.CMOVL, destination, source);
  }

  public void cmovge(Operand destination, Operand source) {
    emit(Mnemonic.CMOVGE, destination, source);
  }

  public void cmovle(Operand destination, Operand source) {
    emit(Mnemonic.CMOVLE, destination, source);
  }

  public void cmovg(Operand destination, Operand source) {
    emit(Mnemonic.CMOVG, destination, source);
  }

  public void prefetcht0(Operand source) {
    emit(Mnemonic.PREFETCHT0, source);
  }

  public void prefetcht1(Operand source) {
    emit(Mnemonic.PREFETCHT1, source);
  }

  public void prefetcht2(Operand source) {
    emit(Mnemonic.PREFETCHT2, source);
  }

  public void prefetchnta(Operand source) {
    emit(Mnemonic.PREFETCHNTA, source);
  }

  public void prefetchw(Operand source) {
    emit(Mnemonic.PREFETCHW, source);
  }
}
