import { randomBytes } from 'node:crypto';
import { KubewrightError } from '../core/errors.js';
import type { StepContext } from '../core/step.js';
import { type Command, join, quote, sh } from '../transport/command.js';
import type { RemoteHost } from './remote-host.js';

/**
 * One thing to know about a host: a POSIX sh script that only reads, and a pure function from what it printed
 * (its last newline taken off). `parse` throws an Error with a sentence when the output makes no sense.
 */
export interface Probe<T> {
  readonly name: string;
  readonly script: Command;
  readonly parse: (output: string) => T;
}

/** Says what `T` is; the probe is returned as it is. */
export function defineProbe<T>(probe: Probe<T>): Probe<T> {
  return probe;
}

/** Probes by the name under which their answers are wanted. */
export type Probes = Readonly<Record<string, Probe<unknown>>>;

/** What a probe found out, or why it found out nothing. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export type Outcomes<P extends Probes> = { readonly [K in keyof P]: P[K] extends Probe<infer T> ? Outcome<T> : never };

export type Values<P extends Probes> = { readonly [K in keyof P]: P[K] extends Probe<infer T> ? T : never };

export interface GatherOptions {
  readonly context: Pick<StepContext, 'signal' | 'line'>;
  /** Default 30 000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Asks a host everything in one round trip. A probe that fails (exits with anything but 0, or prints what cannot be
 * parsed) spoils no other; rejects only when the host itself cannot be asked.
 */
export async function gather<P extends Probes>(
  host: RemoteHost,
  probes: P,
  options: GatherOptions,
): Promise<Outcomes<P>> {
  const names = Object.keys(probes);
  const boundary = `kubewright-${randomBytes(12).toString('hex')}`;
  const sections = names.map((name, index) => section(boundary, index, probes[name]?.script ?? sh``));
  const result = await host.script(join(sections), {
    context: options.context,
    timeoutMs: options.timeoutMs ?? 30_000,
    title: 'gather facts',
    show: false,
  });
  const outcomes = names.map((name, index) => {
    const probe = probes[name];
    return [name, probe === undefined ? undefined : answer(probe, boundary, index, result)] as const;
  });
  return Object.fromEntries(outcomes) as Outcomes<P>;
}

/** The values of all outcomes. Throws `facts-unreadable`, naming every probe that failed, when any did. */
export function valuesOf<P extends Probes>(host: RemoteHost, outcomes: Outcomes<P>): Values<P> {
  const entries: readonly [string, Outcome<unknown>][] = Object.entries(outcomes);
  const failures = entries.flatMap(([name, outcome]) => (outcome.ok ? [] : [`${name}: ${outcome.reason}`]));
  if (failures.length > 0) {
    throw new KubewrightError('facts-unreadable', `${host.name} could not be examined: ${failures.join('; ')}`, {
      host: host.name,
      output: failures,
    });
  }
  return Object.fromEntries(
    entries.map(([name, outcome]) => [name, outcome.ok ? outcome.value : undefined]),
  ) as Values<P>;
}

/** The boundary is random, so no output can pretend to be the end of a section. */
function section(boundary: string, index: number, script: Command): Command {
  const body: Command = { text: quote(script.text), redacted: quote(script.redacted), secrets: script.secrets };
  return sh`echo ${boundary} begin ${index}; echo ${boundary} begin ${index} >&2
( eval ${body} ); printf '\n%s end %s %s\n' ${boundary} ${index} "$?"; echo ${boundary} end ${index} >&2`;
}

function answer<T>(
  probe: Probe<T>,
  boundary: string,
  index: number,
  result: { readonly stdout: string; readonly stderr: string },
): Outcome<T> {
  const begin = `${boundary} begin ${index}\n`;
  const end = `\n${boundary} end ${index} `;
  const output = between(result.stdout, begin, end);
  if (output === undefined) return { ok: false, reason: 'it gave no answer' };
  const code = /^\d+/.exec(output.after)?.[0];
  if (code !== '0') {
    const complaint = between(result.stderr, begin, `${boundary} end ${index}\n`)?.text.trim().split('\n').at(-1);
    return { ok: false, reason: `exit code ${code}${complaint ? ` (${complaint})` : ''}` };
  }
  try {
    return { ok: true, value: probe.parse(output.text.replace(/\n$/, '')) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function between(text: string, begin: string, end: string): { text: string; after: string } | undefined {
  const start = text.indexOf(begin);
  if (start === -1) return undefined;
  // An empty answer's end shares its newline with the begin line.
  const stop = text.indexOf(end, start + begin.length - 1);
  if (stop === -1) return undefined;
  return { text: text.slice(start + begin.length, stop), after: text.slice(stop + end.length) };
}
