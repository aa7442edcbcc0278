import { duration } from '../core/duration.js';
import type { SerializedError } from '../core/errors.js';
import type { Event, StepEvent } from '../core/events.js';

/** The file of a host's transcript; a host's name cannot begin with the character that the operator's machine begins with. */
export function transcriptFile(host: string | undefined): string {
  return host === undefined ? '_this-machine.log' : `${host.replaceAll(/[^A-Za-z0-9.-]/g, '_')}.log`;
}

/** What an event adds to its host's transcript: whole lines, or nothing. Steps are called by the last part of their ids. */
export function transcriptText(event: Event, at: Date): string {
  if (event.type === 'output') {
    const bar = event.stream === 'stdout' ? '|' : '!';
    return `${at.toISOString()} ${stepName(event.id)} ${bar} ${event.line}\n`;
  }
  if (event.type !== 'step') return '';
  const lines = stepLines(event);
  const head = `${at.toISOString()} ${stepName(event.id)}`;
  return lines.map((line, index) => (index === 0 ? `${head} = ${line}\n` : `${head}   ${line}\n`)).join('');
}

function stepLines(event: StepEvent): readonly string[] {
  switch (event.state) {
    case 'checking':
      return [`${event.title}: looking`];
    case 'drifted':
      return [
        `${event.title}: differs`,
        ...event.changes.map(({ action, what, why }) => `${action} ${what}${why === undefined ? '' : ` (${why})`}`),
      ];
    case 'applying':
      return [`${event.title}: changing`];
    case 'done':
      return [`${event.title}: ${event.result}, ${duration(event.ms)}`];
    case 'failed':
      return [`${event.title}: FAILED after ${duration(event.ms)}`, ...errorLines(event.error)];
    case 'skipped':
      return [`${event.title}: skipped because of ${event.because}`];
    case 'unknown':
      return [`${event.title}: unknown before ${event.because} is done`];
  }
}

function errorLines({ code, message, command, output = [], hint }: SerializedError): readonly string[] {
  return [
    ...`${code}: ${message}`.split('\n'),
    ...(command === undefined ? [] : `$ ${command}`.split('\n')),
    ...output.map((line) => `| ${line}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
}

function stepName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
