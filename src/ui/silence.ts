import { wholeSeconds } from '../core/duration.js';
import { count } from './amounts.js';
import { amountOf } from './progress.js';
import { cut } from './text.js';
import type { HostView, StepView, View } from './view.js';

/** Finds the steps that have been silent for too long. */
export interface SilenceWatch {
  /** Something was said of a step. */
  heard(id: string, at: number): void;
  /** What is to be said now, and is then taken as said; steps of one title on many hosts are told together. */
  due(view: View, now: number): readonly { readonly host: string | undefined; readonly text: string }[];
}

/** Watches for silences of so many milliseconds. */
export function watchSilence(silenceMs: number): SilenceWatch {
  const lastWord = new Map<string, number>();
  return {
    heard: (id, at) => void lastWord.set(id, at),
    due(view, now) {
      const silent = runningSteps(view).filter(
        ({ step }) => now - (lastWord.get(step.id) ?? step.startedAt) >= silenceMs,
      );
      for (const { step } of silent) lastWord.set(step.id, now);
      const byTitle = new Map<string, Running[]>();
      for (const one of silent) byTitle.set(one.step.title, [...(byTitle.get(one.step.title) ?? []), one]);
      return [...byTitle.values()].map((steps) => told(steps, now));
    },
  };
}

interface Running {
  /** Undefined: this machine. */
  readonly host: string | undefined;
  readonly step: StepView;
}

function runningSteps({ hosts, here }: View): readonly Running[] {
  const of = (host: HostView, name: string | undefined) => host.running.map((step) => ({ host: name, step }));
  return [...(here === undefined ? [] : of(here, undefined)), ...hosts.flatMap((host) => of(host, host.name))];
}

/** Names so many of the hosts that a step is still running on. */
const NAMED = 3;
/** Columns of a last line of output. */
const LINE_COLUMNS = 80;

function told(steps: readonly Running[], now: number) {
  const longest = Math.max(...steps.map(({ step }) => now - step.startedAt));
  const [first] = steps;
  if (first === undefined || steps.length > 1) {
    const names = steps.slice(0, NAMED).map(({ host }) => host ?? 'this machine');
    const more = steps.length > NAMED ? ` and ${steps.length - NAMED} more` : '';
    const where = `on ${count(steps.length, 'host')} (${names.join(', ')}${more})`;
    return { host: '', text: `${first?.step.title}: still running ${where}, ${wholeSeconds(longest)}` };
  }
  const { title, progress, line } = first.step;
  const heard = [progress === undefined ? '' : amountOf(progress), progress?.what ?? line ?? '']
    .filter((word) => word !== '')
    .map((word) => `, ${cut(word, LINE_COLUMNS, '...')}`);
  return { host: first.host, text: `${title}: still running, ${wholeSeconds(longest)}${heard.join('')}` };
}
