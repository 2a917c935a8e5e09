package org.sysmol.runtime.machine;

/** What came of asking for executable memory: code that can be called, or a reason why not. */
public sealed interface CodeLoading {
  /**
   * The code can be called.
   *
   * @param code to be closed by whoever asked for it
   */
  record Loaded(ExecutableCode code) implements CodeLoading {}

  /**
   * This machine runs no generated code; another engine has to serve.
   *
   * @param reason one full sentence for people
   */
  record Refused(String reason) implements CodeLoading {}
}
