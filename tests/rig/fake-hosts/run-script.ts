import { Cut, type FakeMachine } from './machine.js';
import { NODE_STATEMENTS } from './node-statements.js';
import { PLAIN_STATEMENTS } from './plain-statements.js';
import { statements } from './script.js';
import { Exit, fail, type Shell } from './shell.js';
import { WHOLE_SCRIPTS } from './whole-scripts.js';

/** What a script is run with: its input, where its output goes, and whether somebody still wants it. */
export interface ScriptSurroundings {
  read(bytes: number): Promise<Buffer>;
  out(text: string, stream: 'stdout' | 'stderr'): void;
  /** False once the connection has gone: the script goes no further. */
  alive(): boolean;
  /** Where the connection breaks: when this share of the script has been run. Undefined: it holds. */
  readonly breaksAt: number | undefined;
}

/**
 * Runs a script on a fake machine, statement by statement, and gives its exit code. Rejects with `Cut` where the
 * connection broke. A statement that is not known fails as a command does that is not found: the fake must learn it.
 */
export async function runScript(machine: FakeMachine, script: string, around: ScriptSurroundings): Promise<number> {
  const shell: Shell = {
    machine,
    variables: new Map(),
    functions: new Map(),
    read: around.read,
    out: (text) => around.out(text, 'stdout'),
    err: (text) => around.out(text, 'stderr'),
    passed(share) {
      if (share >= (around.breaksAt ?? Number.POSITIVE_INFINITY)) throw new Cut('the connection broke');
    },
    moment(name) {
      if (!around.alive()) throw new Cut(`cut at ${name}`);
      machine.moment(name);
    },
  };
  try {
    const whole = WHOLE_SCRIPTS.find(([form]) => form.test(script));
    if (whole !== undefined) {
      await whole[1](shell, script);
      return 0;
    }
    const list = statements(script);
    for (const [index, statement] of list.entries()) {
      shell.passed(index / list.length);
      runStatement(shell, statement);
    }
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw error;
  }
}

function runStatement(shell: Shell, statement: string): void {
  for (const [form, run] of STATEMENTS) {
    const match = form.exec(statement);
    if (match === null) continue;
    shell.moment(titleOf(statement));
    run(shell, match);
    return;
  }
  fail(shell, `fake host: unknown statement: ${statement}`, 127);
}

/** Without what a statement writes into a file. */
function titleOf(statement: string): string {
  const [first = ''] = statement.split('\n');
  return first.length > 100 ? `${first.slice(0, 100)}…` : first;
}

const STATEMENTS = [...NODE_STATEMENTS, ...PLAIN_STATEMENTS];
