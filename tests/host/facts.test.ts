import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createHost } from '../../src/host/create-host.js';
import { binariesProbe } from '../../src/host/facts/binaries.js';
import { diskProbe } from '../../src/host/facts/disk.js';
import { sysctlsProbe } from '../../src/host/facts/sysctls.js';
import { unitsProbe } from '../../src/host/facts/units.js';
import { FACT_PROBES, gatherFacts } from '../../src/host/facts.js';
import { gather, type Probe, type Probes } from '../../src/host/probe.js';
import { openLocalShell } from '../../src/transport/local-shell.js';

interface Case {
  readonly name: string;
  readonly output: string;
  readonly value?: unknown;
  readonly error?: string;
}

const folder = fileURLToPath(new URL('../cases/facts', import.meta.url));
const PROBES: Probes = FACT_PROBES;
const context = { signal: new AbortController().signal, line: () => {} };

/** `null` in a case file stands for "not there". */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, inner) => (inner === null ? undefined : inner));
}

describe.each(readdirSync(folder).map((file) => file.replace('.yaml', '')))('the fact %s', (name) => {
  const probe = PROBES[name];
  const cases: readonly Case[] = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8'));

  it.each(cases.map((each) => [each.name, each] as const))('is read right: %s', (_, each) => {
    if (probe === undefined) throw new Error(`there is no probe ${name}`);
    const read = () => probe.parse(each.output.replace(/\n$/, ''));
    if (each.error !== undefined) expect(read).toThrow(each.error);
    else if (typeof each.value === 'object' && each.value !== null && !Array.isArray(each.value)) {
      expect(withoutNulls(read())).toMatchObject(Object(withoutNulls(each.value)));
    } else expect(read() ?? null).toEqual(each.value);
  });
});

describe('facts of several things', () => {
  it('reads df, also where devices and mounts have spaces in their names', () => {
    const output = `Filesystem     Type    1024-blocks     Used Available Capacity Mounted on
/dev/nvme0n1p1 ext4       264212084 41651644  53849620      44% /
//nas/big share cifs        1000000   250000    750000      25% /mnt/my share
overlay        overlay     1048576  1048576         0     100% /
none           tmpfs             0        0         0       - /dev/x
/dev/over      ext4        1000000  1000000      -500     101% /over`;
    const paths = ['/var/lib', '/mnt/my share/a', '/usr/local', '/dev/x', '/over'];
    expect(diskProbe(paths).parse(output)).toMatchObject([
      { path: '/var/lib', mount: '/', device: '/dev/nvme0n1p1', type: 'ext4', free: 53849620 * 1024 },
      { path: '/mnt/my share/a', mount: '/mnt/my share', device: '//nas/big share', type: 'cifs', total: 1024000000 },
      { path: '/usr/local', type: 'overlay', free: 0 },
      { path: '/dev/x', total: 0, free: 0 },
      { path: '/over', free: 0 },
    ]);
    expect(() => diskProbe(['/var/lib']).parse('df: /x: Permission denied')).toThrow('not a line of df');
  });

  it('reads systemctl show, units that do not exist included', () => {
    const probe = unitsProbe(['kubelet.service', 'containerd.service', 'nothing.service']);
    const output = `NRestarts=2
ExecMainStartTimestampMonotonic=812345678
ActiveState=activating
SubState=auto-restart
UnitFileState=enabled

NRestarts=0
ExecMainStartTimestampMonotonic=8123456
ActiveState=active
SubState=running
UnitFileState=disabled

NRestarts=0
ExecMainStartTimestampMonotonic=0
ActiveState=inactive
SubState=dead
UnitFileState=`;
    expect([...probe.parse(output).values()]).toEqual([
      {
        name: 'kubelet.service',
        active: 'activating',
        sub: 'auto-restart',
        enabled: 'enabled',
        startedAt: 812345678,
        restarts: 2,
      },
      {
        name: 'containerd.service',
        active: 'active',
        sub: 'running',
        enabled: 'disabled',
        startedAt: 8123456,
        restarts: 0,
      },
      { name: 'nothing.service', active: 'inactive', sub: 'dead', enabled: '', startedAt: 0, restarts: 0 },
    ]);
    expect(() => probe.parse('Failed to connect to bus')).toThrow('spoke of 1 units');
  });
});

describe('on this machine', () => {
  const host = () => createHost({ name: 'here', transport: openLocalShell(), elevation: { kind: 'none' } });

  it('finds out everything in one round trip', async () => {
    await using here = host();
    let scripts = 0;
    const counted = {
      ...here,
      script: (...args: Parameters<typeof here.script>) => {
        scripts += 1;
        return here.script(...args);
      },
    };
    const extra = {
      programs: binariesProbe(['sh', 'no-such-program', "quo'ted; id"]),
      settings: sysctlsProbe(['kernel.ostype', 'net.no.such']),
    };
    const before = Date.now();
    const { facts, extra: answers } = await gatherFacts(counted, extra, { context });
    expect(scripts).toBe(1);
    expect(facts.kernel.release).toBe(
      (await here.script({ text: 'uname -r', redacted: '', secrets: [] }, quiet)).stdout.trim(),
    );
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.memory.total).toBeGreaterThan(facts.memory.available);
    expect(facts.disks.map((disk) => disk.path)).toEqual(['/var/lib', '/usr/local', '/etc']);
    expect(facts.user.uid).toBe(process.getuid?.());
    expect(Math.abs(facts.clock.skew)).toBeLessThanOrEqual(facts.clock.uncertainty + 1);
    expect(facts.clock.time).toBeGreaterThan(before - 1000);
    expect([...answers.programs]).toEqual([
      ['sh', expect.stringMatching(/\/sh$/)],
      ['no-such-program', undefined],
      ["quo'ted; id", undefined],
    ]);
    expect([...answers.settings]).toEqual([
      ['kernel.ostype', 'Linux'],
      ['net.no.such', undefined],
    ]);
  });

  const quiet = { context, timeoutMs: 10_000, title: 'ask' };

  it('finds ports that listen and folders that do not exist yet', async () => {
    const { createServer } = await import('node:net');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await using here = host();
    const probes = { ports: FACT_PROBES.listening, disks: diskProbe(['/var/lib/no/such folder/$(id)', '/']) };
    const { ports, disks } = await gather(here, probes, { context });
    expect(ports).toMatchObject({ ok: true, value: expect.arrayContaining([{ port, address: '127.0.0.1' }]) });
    expect(disks).toMatchObject({ ok: true, value: [{ path: '/var/lib/no/such folder/$(id)' }, { mount: '/' }] });
    server.close();
  });
});

/** Every probe has its cases. */
it('there are cases for every fact', () => {
  const single = Object.entries<Probe<unknown>>(FACT_PROBES).filter(([, probe]) => probe.name !== 'disks');
  const files = readdirSync(folder).map((file) => file.replace('.yaml', ''));
  expect(files.sort()).toEqual(single.map(([name]) => name).sort());
});
