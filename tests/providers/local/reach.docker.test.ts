import { randomInt } from 'node:crypto';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingEngine } from '../../e2e/rig.js';
import { docker, type LocalRig, localRig } from './rig.js';

/** A group that only the processes of this test run are in: what is dropped for it, nobody else misses. */
const group = String(randomInt(100_000, 1_000_000_000));
const missing = (await missingEngine()) ?? (await missingFilter());

describe.skipIf(missing !== undefined)(`how containers are reached${missing ? ` (${missing})` : ''}`, () => {
  let rig: LocalRig;
  let image: string;
  beforeAll(async () => {
    rig = await localRig();
    await rig.up(rig.cluster(['cp']));
    image = await docker('inspect', '--format', '{{.Config.Image}}', `${rig.name}-cp`);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  test('at their own addresses, where those answer', async () => {
    expect(await lookAround([])).toMatchObject({ reach: 'address' });
  });

  test('through loopback, where their addresses lead nowhere: found out by trying', async () => {
    expect(await lookAround(['!', '--destination', '127.0.0.0/8'])).toMatchObject({ reach: 'loopback' });
  });

  test('not at all, where neither answers: the error says what was tried', async () => {
    expect(await lookAround(['--destination', '0.0.0.0/0'])).toMatchObject({
      code: 'container-engine-unfit',
      message: expect.stringContaining('neither at their own addresses nor at ports published on 127.0.0.1'),
    });
  });

  /** What a process finds out whose packets to these destinations are dropped. */
  async function lookAround(dropped: readonly string[]): Promise<unknown> {
    const cache = await mkdtemp(join(tmpdir(), 'kubewright-reach-'));
    const rule = ['OUTPUT', ...ofGroup(), '--protocol', 'tcp', ...dropped, '--jump', 'DROP'];
    if (dropped.length > 0) await execa('iptables', ['--insert', ...rule]);
    try {
      const child = fileURLToPath(new URL('reach-child.ts', import.meta.url));
      const as = ['--regid', group, '--clear-groups', process.execPath, '--import', 'tsx', child, image, cache];
      const { stdout } = await execa('setpriv', as, { stdin: 'ignore' });
      return JSON.parse(stdout);
    } finally {
      if (dropped.length > 0) await execa('iptables', ['--delete', ...rule]);
      await rm(cache, { recursive: true, force: true });
    }
  }
});

/** Why packets of one group cannot be dropped here; undefined when they can. */
async function missingFilter(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'dropping packets needs root';
  const setpriv = await access('/usr/bin/setpriv').catch(() => 'setpriv is not installed');
  if (typeof setpriv === 'string') return setpriv;
  const rule = ['OUTPUT', ...ofGroup(), '--jump', 'RETURN'];
  const tried = await execa('iptables', ['--append', ...rule], { reject: false });
  if (tried.exitCode !== 0) return `iptables: ${tried.stderr || tried.shortMessage}`;
  await execa('iptables', ['--delete', ...rule]);
  return undefined;
}

function ofGroup(): readonly string[] {
  return ['--match', 'owner', '--gid-owner', group];
}
