import type { ErrorCode } from '../../core/error-codes.js';
import { KubewrightError } from '../../core/errors.js';
import type { EngineProgram } from './engine.js';

/** The error for a command that the engine refused: known words get their own code and advice. */
export function engineFailure(
  program: EngineProgram,
  args: readonly string[],
  result: { readonly code: number; readonly stdout: string; readonly stderr: string },
): KubewrightError {
  const command = [program, ...args].join(' ');
  const lines = `${result.stderr}\n${result.stdout}`.split('\n').filter((line) => line.trim() !== '');
  const known = KNOWN.find(({ words }) => words.test(result.stderr));
  const said = (lines.find((line) => known?.words.test(line)) ?? lines[0] ?? `exit code ${result.code}`).trim();
  const output = lines.slice(-10);
  if (known === undefined) {
    return new KubewrightError('container-engine-failed', `${program} ${args[0] ?? ''}: ${said}`, { command, output });
  }
  const hint = known.hint.replaceAll('PROGRAM', program);
  return new KubewrightError(known.code, `${known.what.replaceAll('PROGRAM', program)}: ${said}`, {
    hint: `${hint}${known.code === 'container-engine-not-running' ? whereTo() : ''}`,
    command,
    output,
  });
}

const KNOWN: readonly {
  readonly words: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}[] = [
  {
    words: /permission denied.*(sock|daemon|connect)|dial unix.*permission denied/i,
    code: 'container-engine-denied',
    what: 'This user may not talk to PROGRAM',
    hint: 'Add it to the group docker and log in again: sudo usermod -aG docker "$USER"',
  },
  {
    words:
      /cannot connect to (the docker daemon|podman)|is the docker daemon running|error during connect|failed to connect to the docker api/i,
    code: 'container-engine-not-running',
    what: 'PROGRAM does not answer',
    hint: 'Start it (Docker Desktop, or: sudo systemctl start docker), then run this again.',
  },
  {
    words: /no space left on device|disk quota exceeded/i,
    code: 'engine-disk-full',
    what: 'The disk that PROGRAM keeps its data on is full',
    hint: 'See `PROGRAM system df` for what takes it; `PROGRAM system prune` frees what is unused.',
  },
  {
    words: /name .* (is )?already in use/i,
    code: 'name-taken',
    what: 'Another container has that name',
    hint: 'Remove it, or give the cluster another name.',
  },
  {
    words: /port is already allocated|address already in use|ports are not available/i,
    code: 'ports-taken',
    what: 'A port on 127.0.0.1 is used by something else',
    hint: 'Stop whatever uses it, then run this again.',
  },
];

function whereTo(): string {
  const host = process.env['DOCKER_HOST'];
  return host === undefined ? '' : ` DOCKER_HOST is ${host}.`;
}
