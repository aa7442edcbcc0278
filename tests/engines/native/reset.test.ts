import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { intentScript } from '../../../src/engines/native/prepare-script.js';
import { fileFunctions } from '../../../src/engines/native/reset/files.js';
import { NETWORK_FUNCTIONS } from '../../../src/engines/native/reset/network.js';
import { parseReport } from '../../../src/engines/native/reset/report.js';
import { lookScript, resetScript } from '../../../src/engines/native/reset/scripts.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubewright-reset-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(script: string, path = process.env['PATH']): string {
  return execFileSync('sh', ['-s'], { input: script, encoding: 'utf8', env: { PATH: path } });
}

test.each([
  ['look', lookScript],
  ['reset', resetScript],
])('the script of the %s is one that a shell understands', (_, script) => {
  for (const payload of [undefined, "/a path/it's"]) {
    expect(execFileSync('sh', ['-n'], { input: script(payload).text, encoding: 'utf8' })).toBe('');
  }
});

describe('a binary is ours', () => {
  const isOurs = (path: string, notes: string) => {
    writeFileSync(join(folder, 'notes'), notes);
    const script = `${fileFunctions(join(folder, 'payload')).text}
manifest=${join(folder, 'notes')}
if is_ours ${path}; then echo yes; else echo no; fi`;
    return run(script).trim() === 'yes';
  };
  const file = () => {
    const path = join(folder, 'containerd');
    writeFileSync(path, 'hello');
    utimesSync(path, 1000, 2000);
    return path;
  };
  const sum = createHash('sha256').update('hello').digest('hex');

  test('when it is as it was noted', () => {
    expect(isOurs(file(), `aa 5 2000 ${file()}\n`)).toBe(true);
  });
  test('when its time changed and its content did not', () => {
    expect(isOurs(file(), `${sum} 5 1 ${file()}\n`)).toBe(true);
  });
  test('when it was to be put there, and arrived, before the run was killed', () => {
    expect(isOurs(file(), `${sum} - - ${file()}\n`)).toBe(true);
  });
  test('not when it is not what was to be put there', () => {
    expect(isOurs(file(), `aa - - ${file()}\n`)).toBe(false);
  });
  test('not when somebody replaced it', () => {
    expect(isOurs(file(), `aa 5 1999 ${file()}\n`)).toBe(false);
  });
  test('not when only another of a similar name was noted', () => {
    expect(isOurs(file(), `${sum} 5 2000 ${file()}-shim-runc-v2\n`)).toBe(false);
  });
  test('when it is a link into the payload, and not when it leads elsewhere', () => {
    symlinkSync(join(folder, 'payload', 'abc'), join(folder, 'in'));
    symlinkSync('/usr/bin/true', join(folder, 'out'));
    expect(isOurs(join(folder, 'in'), '')).toBe(true);
    expect(isOurs(join(folder, 'out'), '')).toBe(false);
  });
});

test('what is about to be put in place is noted beside what is known already', () => {
  const files = [{ sha256: 'bb', destination: '/usr/local/bin/kubelet' }];
  const { text } = intentScript(files as unknown as Parameters<typeof intentScript>[0]);
  writeFileSync(join(folder, 'files'), 'aa 5 7 /usr/local/bin/kubelet\n');
  run(text.replaceAll('/var/lib/kubewright', folder));
  expect(run(`cat ${join(folder, 'files')}`)).toBe('aa 5 7 /usr/local/bin/kubelet\nbb - - /usr/local/bin/kubelet\n');
});

describe('a folder', () => {
  const clear = (path: string) => run(`${fileFunctions(undefined).text}\nclear_path ${path}`);

  test('goes with all that is in it', () => {
    mkdirSync(join(folder, 'data', 'deep'), { recursive: true });
    clear(join(folder, 'data'));
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  test('that is a link to another disk stays, and is emptied but for what the file system has there', () => {
    mkdirSync(join(folder, 'disk', 'lost+found'), { recursive: true });
    writeFileSync(join(folder, 'disk', '.hidden'), '');
    symlinkSync(join(folder, 'disk'), join(folder, 'data'));
    clear(join(folder, 'data'));
    expect(statSync(join(folder, 'data')).isDirectory()).toBe(true);
    expect(readdirSync(join(folder, 'disk'))).toEqual(['lost+found']);
  });

  test('that is not there is no fault', () => {
    expect(clear(join(folder, 'none'))).toBe('');
  });
});

describe('chains of iptables', () => {
  /** An iptables of one table that writes down what it is told to change. */
  function withIptables(save: string, rules: string): string {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const program = (name: string, text: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    program('iptables-save', `cat <<'EOF'\n${save}\nEOF`);
    program('iptables', `case $5 in -S) cat <<'EOF'\n${rules}\nEOF\n;; *) echo "$@" >> ${folder}/log ;; esac`);
    for (const name of ['nft', 'ip6tables-save']) program(name, 'exit 1');
    return `${bin}:${process.env['PATH']}`;
  }

  test('go with the rules that lead to them, from the last one up, and no rule of others', () => {
    const path = withIptables(
      '*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\n:MINE - [0:0]\nCOMMIT',
      `-P INPUT ACCEPT
-N KUBE-FIREWALL
-A INPUT -j KUBE-FIREWALL
-A INPUT -p tcp -m comment --comment "to KUBE-FIREWALL" -j MINE
-A INPUT -j KUBE-FIREWALL
-A MINE -g KUBE-FIREWALL
-A KUBE-FIREWALL -j DROP`,
    );
    run(`${NETWORK_FUNCTIONS.text}\nremove_chains || :`, path);
    expect(run(`cat ${folder}/log`).replaceAll('-w 5 -t filter ', '').trim().split('\n')).toEqual([
      '-D INPUT 3',
      expect.stringMatching(/^-D (INPUT|MINE) 1$/),
      expect.stringMatching(/^-D (INPUT|MINE) 1$/),
      '-F KUBE-FIREWALL',
      '-X KUBE-FIREWALL',
    ]);
  });
});

describe('the report of a reset', () => {
  test('has things of pods as one each, and what is left with its reason', () => {
    const output = [
      'noise',
      'trace\tprocess\t12 pause',
      'trace\tprocess\t13 coredns',
      'trace\tlink\tveth1234',
      'trace\tlink\tcni0',
      'trace\ttable\tip kube-proxy',
      'trace\tchain\tiptables nat KUBE-A',
      'trace\tchain\tiptables nat KUBE-B',
      'trace\tfile\t/etc/kubernetes',
      'left\t/etc/x\tsomebody wrote it',
    ].join('\n');
    const { traces, left } = parseReport(output);
    expect(traces.map(({ what }) => what)).toEqual([
      'processes of pods',
      'network interfaces of pods',
      'network interface cni0',
      'nftables table ip kube-proxy',
      'chains of Kubernetes in iptables nat',
      '/etc/kubernetes',
    ]);
    expect(traces.every(({ action, disruptive }) => action === 'delete' && disruptive)).toBe(true);
    expect(left).toEqual([{ what: '/etc/x', why: 'somebody wrote it' }]);
  });
});
