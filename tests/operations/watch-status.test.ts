import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import type { Operator } from '../../src/operations/operator.js';
import type { StatusResult } from '../../src/operations/results.js';
import { watchStatus } from '../../src/operations/watch-status.js';
import { temporaryFolder, temporaryState } from '../state/folder.js';

/** A cluster of machines on which no sshd is: port 1 of this one. */
const yaml = (...workers: readonly string[]) => `apiVersion: kubewright/v1alpha1
name: demo
provider: {hosts: {user: root, hostKey: trust-on-first-use}}
kubernetes: {version: "1.36.3"}
nodes:
  control-plane:
    hosts: [{name: cp-1, address: 127.0.0.1, internalAddress: 10.0.0.1, port: 1}]
  workers:
    hosts: [${workers.map((name, at) => `{name: ${name}, address: 127.0.0.${at + 2}, internalAddress: 10.0.0.${at + 2}, port: 1}`).join(', ')}]
`;

/** As editors do it: whoever reads meanwhile sees the one or the other. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function watching(text: string) {
  temporaryState();
  const file = join(temporaryFolder(), 'cluster.yaml');
  await writeFile(file, text);
  const stop = new AbortController();
  const events: Event[] = [];
  let onEvent = () => {};
  const operator: Operator = {
    emit(event) {
      events.push(event);
      onEvent();
    },
    stop: stop.signal,
    abort: new AbortController().signal,
    confirm: async () => false,
    askSecret: () => Promise.reject(new Error('nothing is to be asked')),
  };
  const watch = watchStatus({ file, intervalMs: 1 }, operator);
  onTestFinished(async () => void (await watch.return(undefined)));
  const names = (result: IteratorResult<StatusResult>) =>
    result.done === true ? [] : result.value.nodes.map(({ name }) => name);
  return {
    ...{ file, stop, events, watch },
    next: async () => names(await watch.next()),
    said: () => new Promise<void>((resolve) => (onEvent = resolve)),
  };
}

test('the status is given over and over, and follows cluster.yaml', async () => {
  const { file, next } = await watching(yaml('w-1'));
  expect(await next()).toEqual(['cp-1', 'w-1']);
  expect(await next()).toEqual(['cp-1', 'w-1']);
  await replace(file, yaml('w-1', 'w-2'));
  expect(await next()).toEqual(['cp-1', 'w-1', 'w-2']);
});

test('a file that is just being edited is told once, and ends nothing', async () => {
  const { file, next, events, said } = await watching(yaml('w-1'));
  await next();
  await replace(file, 'apiVersion: kubewright/v1alpha1\nname: [');
  const telling = said();
  const following = next();
  await telling;
  await replace(file, yaml('w-1'));
  expect(await following).toEqual(['cp-1', 'w-1']);
  const notes = events.filter(({ type }) => type === 'note');
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatchObject({ level: 'warning', text: expect.stringContaining('Could not look: ') });
});

test('what is wrong at the first look is an error', async () => {
  const { watch } = await watching('name: [');
  await expect(watch.next()).rejects.toMatchObject({ code: 'config-invalid' });
});

test('it ends when the operator stops it', async () => {
  const { watch, stop, next } = await watching(yaml('w-1'));
  await next();
  stop.abort();
  expect(await watch.next()).toEqual({ done: true, value: undefined });
});
