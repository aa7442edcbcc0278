import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KubewrightError } from '../core/errors.js';
import { encodeLine } from '../core/event-line.js';
import type { Emit, Event } from '../core/events.js';
import { createAppender } from './appender.js';
import { writeFileAtomically } from './atomic-file.js';
import { fileError } from './file-error.js';
import type { ClusterPaths } from './paths.js';
import { createRunTally, type RunSummary } from './run-summary.js';
import { maskEvent } from './secrets.js';
import { transcriptFile, transcriptText } from './transcript.js';

/** The folder of one run, being written. */
export interface Journal extends AsyncDisposable {
  readonly directory: string;
  /** Writes an event down and passes it on. */
  readonly emit: Emit;
}

/** What a journal is of, and who listens on. */
export interface JournalOptions {
  readonly verb: string;
  readonly cluster: string;
  /** Gets every event as it came. */
  readonly emit: Emit;
  /** Held under all that is written down. Default: texts are written as they are. */
  readonly mask?: ((text: string) => string) | undefined;
  /** How many runs are kept, this one included. Default: 20. */
  readonly keep?: number | undefined;
}

/**
 * Begins the folder of a run: events.ndjson with every event, transcript/HOST.log with what each host said, and
 * run.json. Events reach the disk in the turn of the event loop in which they came, so also a killed run can be
 * read. No fault of the disk ends or fails a run: it is told once, as a warning, and the journal ends there.
 */
export async function openJournal(paths: ClusterPaths, options: JournalOptions): Promise<Journal> {
  const { verb, cluster, emit, mask, keep = 20 } = options;
  const startedAt = new Date();
  const directory = join(paths.runs, runName(startedAt));
  const tally = createRunTally();
  const appender = createAppender((error) => {
    const told = error instanceof KubewrightError ? error : fileError(error, DOING, directory);
    emit({ type: 'note', level: 'warning', text: `The run goes on, but its journal ends here: ${told.message}` });
  });
  const events = join(directory, 'events.ndjson');
  const summarize = async (endedAt?: string) => {
    const { result, steps, errors } = tally.summary();
    const head = { version: 1, verb, cluster, pid: process.pid, startedAt: startedAt.toISOString() } as const;
    const summary: RunSummary = { ...head, endedAt, result, steps, errors };
    await writeFileAtomically(join(directory, 'run.json'), `${JSON.stringify(summary, undefined, 2)}\n`, {
      doing: DOING,
    });
  };

  await prune(paths.runs, keep - 1);
  await appender.attempt(async () => {
    await mkdir(join(directory, 'transcript'), { recursive: true, mode: 0o700 });
  });
  await appender.attempt(() => summarize());

  return {
    directory,
    emit(event) {
      const at = new Date();
      const written: Event = mask === undefined ? event : maskEvent(event, mask);
      tally.add(written);
      appender.append(events, encodeLine(written, at));
      if (written.type === 'step' || written.type === 'output') {
        appender.append(join(directory, 'transcript', transcriptFile(written.host)), transcriptText(written, at));
      }
      emit(event);
    },
    async [Symbol.asyncDispose]() {
      appender.close();
      await appender.attempt(() => summarize(new Date().toISOString()));
    },
  };
}

const DOING = 'write it';

/** Sorts by time: "20261124T022530.123Z-3fa9". */
function runName(at: Date): string {
  return `${at.toISOString().replaceAll(/[-:]/g, '')}-${randomBytes(2).toString('hex')}`;
}

const RUN_NAME = /^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}$/;

/** Removes the oldest runs but `keep`; anything else in the folder is not ours. A run that cannot be removed is left. */
async function prune(runs: string, keep: number): Promise<void> {
  const names = await readdir(runs).catch(() => []);
  const old = names.filter((name) => RUN_NAME.test(name)).sort();
  for (const name of old.slice(0, Math.max(0, old.length - keep))) {
    await rm(join(runs, name), { recursive: true, force: true }).catch(() => {});
  }
}
