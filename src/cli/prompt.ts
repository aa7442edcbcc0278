import { createInterface } from 'node:readline/promises';
import { KubewrightError } from '../core/errors.js';
import { isInteractive, type Terminal } from './terminal.js';

/**
 * Asks a question whose only yes is the exact `expected` text. Resolves with false off a terminal and at the
 * end of the input; rejects with `interrupted` when `signal` aborts.
 */
export async function confirm(
  terminal: Terminal,
  question: string,
  expected: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isInteractive(terminal)) return false;
  // Not readline's own terminal mode: that would take Ctrl-C away from the process.
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr, terminal: false });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    const asked = lines.question(`${question} `, { signal });
    const answer = await Promise.race([asked, ended]);
    return answer?.trim() === expected;
  } catch (cause) {
    throw signal.aborted ? new KubewrightError('interrupted', 'the question was left unanswered', { cause }) : cause;
  } finally {
    lines.close();
  }
}

/** Asks for a secret that is not shown as it is typed. Rejects off a terminal, and with `interrupted` on Ctrl-C. */
export async function askSecret(terminal: Terminal, prompt: string, signal: AbortSignal): Promise<string> {
  if (!isInteractive(terminal)) {
    throw new KubewrightError('no-terminal', `${prompt}: there is no terminal to ask on`, {
      hint: 'Run it on a terminal, or let the configuration say where the secret comes from.',
    });
  }
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message: prompt, input: terminal.stdin, output: terminal.stderr, signal });
  if (isCancel(answer)) throw new KubewrightError('interrupted', `${prompt}: left unanswered`);
  return answer;
}
