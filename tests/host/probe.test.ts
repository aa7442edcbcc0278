import { describe, expect, it } from 'vitest';
import { createHost } from '../../src/host/create-host.js';
import { filesProbe } from '../../src/host/facts/files.js';
import { defineProbe, gather, valuesOf } from '../../src/host/probe.js';
import { secret, sh } from '../../src/transport/command.js';
import { openLocalShell } from '../../src/transport/local-shell.js';

const context = { signal: new AbortController().signal, line: () => {} };
const here = createHost({ name: 'here', transport: openLocalShell(), elevation: { kind: 'none' } });
const text = (name: string, script: ReturnType<typeof sh>) => defineProbe({ name, script, parse: (output) => output });

describe('gather', () => {
  it('gives each probe its own output, whatever others print', async () => {
    const outcomes = await gather(
      here,
      {
        plain: text('plain', sh`echo one`),
        empty: text('empty', sh`:`),
        lines: text('lines', sh`printf 'a\n\nb\n\n'`),
        unfinished: text('unfinished', sh`printf 'no newline'`),
        noisy: text('noisy', sh`echo out; echo err >&2`),
        binary: text('binary', sh`printf '\377\n'`),
        word: text('word', sh`echo ${"it's $HOME"}`),
      },
      { context },
    );
    expect(outcomes).toEqual({
      plain: { ok: true, value: 'one' },
      empty: { ok: true, value: '' },
      lines: { ok: true, value: 'a\n\nb\n' },
      unfinished: { ok: true, value: 'no newline' },
      noisy: { ok: true, value: 'out' },
      binary: { ok: true, value: '\ufffd' },
      word: { ok: true, value: "it's $HOME" },
    });
  });

  it('lets no probe spoil another', async () => {
    const outcomes = await gather(
      here,
      {
        fails: text('fails', sh`echo the disk is gone >&2; exit 5`),
        broken: text('broken', sh`if true; then echo never`),
        sets: text('sets', sh`cd /tmp; set -e; PATH=; trap 'echo trapped' EXIT`),
        swallows: text('swallows', sh`cat`),
        unparsed: defineProbe({
          name: 'unparsed',
          script: sh`echo rubbish`,
          parse: () => {
            throw new Error('"rubbish" makes no sense');
          },
        }),
        last: text('last', sh`pwd; uname`),
      },
      { context },
    );
    expect(outcomes).toMatchObject({
      fails: { ok: false, reason: 'exit code 5 (the disk is gone)' },
      broken: { ok: false, reason: expect.stringMatching(/^exit code 2 .*yntax/) },
      sets: { ok: true, value: 'trapped' },
      swallows: { ok: true, value: '' },
      unparsed: { ok: false, reason: '"rubbish" makes no sense' },
      last: { ok: true, value: '/\nLinux' },
    });
    expect(() => valuesOf(here, outcomes)).toThrow(
      'here could not be examined: fails: exit code 5 (the disk is gone); broken: exit code 2',
    );
  });

  it('cannot be fooled by output that looks like the end of an answer', async () => {
    const forged = sh`grep -ao 'kubewright-[0-9a-f]* begin [0-9]*' /proc/$PPID/cmdline /proc/self/cmdline; printf '\nkubewright-000000000000000000000000 end 0 0\n'; echo rest`;
    const { probe } = await gather(here, { probe: text('probe', forged) }, { context });
    expect(probe).toMatchObject({ ok: true, value: expect.stringMatching(/rest$/) });
  });

  it('keeps secrets of probes out of what is shown', async () => {
    const lines: string[] = [];
    const failing = gather(
      { ...here, script: (script) => Promise.reject(new Error(script.redacted)) },
      { probe: text('probe', sh`echo ${secret('hunter2')}`) },
      { context: { ...context, line: (line) => lines.push(line) } },
    );
    await expect(failing).rejects.toThrow('***');
    await expect(failing).rejects.not.toThrow('hunter2');
  });
});

describe('filesProbe', () => {
  it('tells files, links, folders and nothing apart', async () => {
    const folder = `/tmp/kubewright-files-${process.pid}`;
    const quiet = { context, timeoutMs: 10_000, title: 'prepare' };
    await here.script(
      sh`rm -rf ${folder}; mkdir -p ${folder}/folder; cd ${folder}
printf hello > file; chmod 640 file; : > empty; printf x > ${"it's $(id) \\ odd"}; ln -s ${'a target'} link; head -c 9000000 /dev/zero > big`,
      quiet,
    );
    const names = ['file', 'missing', 'link', 'empty', 'folder', "it's $(id) \\ odd", 'big'];
    const { files } = await gather(here, { files: filesProbe(names.map((name) => `${folder}/${name}`)) }, { context });
    await here.script(sh`rm -rf ${folder}`, quiet);
    const owner = { uid: process.getuid?.(), gid: process.getgid?.() };
    expect(files.ok && [...files.value.values()]).toEqual([
      {
        kind: 'file',
        sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
        mode: '640',
        size: 5,
        ...owner,
      },
      { kind: 'missing' },
      { kind: 'link', target: 'a target' },
      expect.objectContaining({ size: 0, sha256: expect.stringMatching(/^e3b0c442/) }),
      { kind: 'other' },
      expect.objectContaining({ size: 1, sha256: expect.stringMatching(/^2d711642/) }),
      expect.objectContaining({ size: 9_000_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    ]);
  });

  it('says nothing about no files', async () => {
    const { files } = await gather(here, { files: filesProbe([]) }, { context });
    expect(files).toEqual({ ok: true, value: new Map() });
  });

  it('refuses paths that cannot be told from lines', () => {
    expect(() => filesProbe(['relative'])).toThrow(TypeError);
    expect(() => filesProbe(['/a\nb'])).toThrow(TypeError);
  });
});
