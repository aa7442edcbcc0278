import type { FakeMachine } from './machine.js';

/** A shell of root on a fake machine, in the midst of a script. */
export interface Shell {
  readonly machine: FakeMachine;
  readonly variables: Map<string, string>;
  /** The text of the functions that the script has defined. */
  readonly functions: Map<string, string>;
  /** Reads so many bytes of standard input, fewer where that ends before. */
  read(bytes: number): Promise<Buffer>;
  out(text: string): void;
  err(text: string): void;
  /** So much of the script is done, of 1: throws `Cut` where the connection breaks there. */
  passed(share: number): void;
  /** Something is about to be done: throws `Cut` where that is as far as it gets. */
  moment(name: string): void;
}

/** Thrown to end a script with an exit code. */
export class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Ends a script that failed, with what a program would say about it. */
export function fail(shell: Shell, complaint: string, code = 1): never {
  shell.err(`${complaint}\n`);
  throw new Exit(code);
}
