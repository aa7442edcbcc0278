import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { contentsProbe, installedProbe, kubernetesProbe } from '../../../src/engines/native/probes.js';
import { newBootstrapToken } from '../../../src/engines/native/token.js';

describe('the installed probe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-probe-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('tells links by their target and files by size and time, through a real sh', () => {
    const link = join(folder, 'kubelet');
    const file = join(folder, 'kubeadm');
    symlinkSync('/payload/abc', link);
    writeFileSync(file, 'hello');
    const probe = installedProbe([link, file, join(folder, 'missing')]);
    const state = probe.parse(execFileSync('sh', ['-s'], { input: probe.script.text, encoding: 'utf8' }));
    expect(state.files.get(link)).toEqual({ link: '/payload/abc' });
    expect(state.files.get(file)).toEqual({ stamp: expect.stringMatching(/^5 \d+$/) });
    expect(state.files.has(join(folder, 'missing'))).toBe(false);
  });

  test('knows no images while containerd does not answer, and some when it does', () => {
    const { parse } = installedProbe([]);
    expect(parse('forward 0\n')).toMatchObject({ images: undefined, ipForward: false });
    const running = parse(
      'manifest aa 5 7 /usr/local/bin/kubelet\nforward 1\nregistry.k8s.io/pause:3.10.2\nimages-listed',
    );
    expect(running.images).toEqual(new Set(['registry.k8s.io/pause:3.10.2']));
    expect(running.manifest.get('/usr/local/bin/kubelet')).toEqual({ sha256: 'aa', stamp: '5 7' });
    expect(running.ipForward).toBe(true);
  });
});

test('the contents probe reads several files in one process, through a real sh, and passes over missing ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-contents-'));
  const one = join(folder, 'one');
  const two = join(folder, 'two');
  writeFileSync(one, 'a: b:c\n\n  d\n');
  writeFileSync(two, 'x\n');
  const probe = contentsProbe([one, join(folder, 'none'), two]);
  const texts = probe.parse(execFileSync('sh', ['-s'], { input: probe.script.text, encoding: 'utf8' }));
  rmSync(folder, { recursive: true });
  expect(texts).toEqual(
    new Map([
      [one, 'a: b:c\n\n  d\n'],
      [two, 'x\n'],
    ]),
  );
});

describe('the Kubernetes probe', () => {
  test('reads a control plane in the midst of an init', () => {
    const output = 'control-plane\ninit-begun\n>admin.conf\napiVersion: v1\n\n<admin.conf\n>ca.crt\nPEM\n<ca.crt\n';
    expect(kubernetesProbe.parse(output)).toEqual({
      joined: false,
      controlPlane: true,
      unfinished: 'init',
      rotating: false,
      adminConf: 'apiVersion: v1\n',
      ca: 'PEM\n',
    });
  });

  test('finds nothing on a fresh host', () => {
    expect(kubernetesProbe.parse('')).toEqual({
      joined: false,
      controlPlane: false,
      unfinished: undefined,
      rotating: false,
      adminConf: undefined,
      ca: undefined,
    });
  });
});

test('bootstrap tokens have the form that Kubernetes asks for and never repeat', () => {
  const tokens = Array.from({ length: 200 }, newBootstrapToken);
  for (const token of tokens) expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  expect(new Set(tokens).size).toBe(200);
});
