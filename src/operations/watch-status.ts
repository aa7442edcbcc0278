import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { serializeError } from '../core/errors.js';
import type { Operator } from './operator.js';
import type { StatusResult } from './results.js';
import { statusOf } from './status.js';
import { openWorkspace, type Workspace } from './workspace.js';

export interface WatchStatusRequest {
  readonly file: string;
  /** Between the end of one look and the beginning of the next, in milliseconds. */
  readonly intervalMs: number;
}

/**
 * Gives the status over and over, until the operator stops it or the caller does. Connections stay open between looks;
 * cluster.yaml is read each time. What fails after the first look is told once as a note, and tried again: a file that
 * is just being edited ends nothing. Errors: those that `status` would have at the first look.
 */
export async function* watchStatus(request: WatchStatusRequest, operator: Operator): AsyncGenerator<StatusResult> {
  const signal = AbortSignal.any([operator.stop, operator.abort]);
  const said = new Set<string>();
  const emit: Operator['emit'] = (event) => {
    if (event.type === 'note' && said.has(event.text)) return;
    if (event.type === 'note') said.add(event.text);
    operator.emit(event);
  };
  let workspace: Workspace | undefined;
  let failure: string | undefined;
  try {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        workspace = await current(workspace, request.file, { ...operator, emit });
        const result = await statusOf(workspace, signal);
        if (failure !== undefined) said.delete(failure);
        failure = undefined;
        yield result;
      } catch (error) {
        if (signal.aborted) return;
        if (isFirst) throw error;
        failure = `Could not look: ${serializeError(error).message}`;
        emit({ type: 'note', level: 'warning', text: failure });
      }
      await sleep(request.intervalMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await workspace?.[Symbol.asyncDispose]();
  }
}

/** The workspace that is open, while cluster.yaml asks for the same cluster; else a new one in its place. */
async function current(open: Workspace | undefined, file: string, operator: Operator): Promise<Workspace> {
  const next = await openWorkspace(file, operator);
  if (open === undefined) return next;
  if (isDeepStrictEqual(next.cluster, open.cluster)) {
    await next[Symbol.asyncDispose]();
    return open;
  }
  await open[Symbol.asyncDispose]();
  return next;
}
