import { execFile } from 'node:child_process';
import { BINARY_PATHS } from '../../src/engines/native/binary-paths.js';
import { PATHS } from '../../src/engines/native/node-files.js';
import { contentsProbe, installedProbe, kubernetesProbe } from '../../src/engines/native/probes.js';
import { UNITS } from '../../src/engines/native/units.js';
import { filesProbe } from '../../src/host/facts/files.js';
import { unitsProbe } from '../../src/host/facts/units.js';
import type { RemoteHost } from '../../src/host/remote-host.js';
import { quote } from '../../src/transport/command.js';
import type { RunResult } from '../../src/transport/transport.js';

/** What a host says of itself. */
export interface HostStory {
  readonly name: string;
  /** What the probe of Kubernetes prints: "joined\ncontrol-plane\n…". */
  readonly kubernetes: string;
  /** What asking etcd prints. */
  readonly etcd?: string;
  /** Told the titles of the scripts that it runs. */
  readonly ran?: (title: string) => void;
}

/** A host whose scripts run in a shell of this machine; what is about Kubernetes, and systemd, is told from the story. */
export function fakeHost({ name, kubernetes, etcd, ran }: HostStory): RemoteHost {
  const told: readonly (readonly [string, string])[] = [
    [kubernetesProbe.script.text, kubernetes],
    [installedProbe(BINARY_PATHS).script.text, 'forward 1\n'],
    [
      filesProbe(Object.values(PATHS)).script.text,
      Object.values(PATHS)
        .map(() => 'missing')
        .join('\n'),
    ],
    [contentsProbe(Object.values(PATHS)).script.text, ''],
    [
      unitsProbe(Object.values(UNITS)).script.text,
      Object.values(UNITS)
        .map(() => ACTIVE)
        .join('\n\n'),
    ],
  ];
  return {
    name,
    description: `root@${name}`,
    async script(script, { title }) {
      ran?.(title);
      if (title === 'ask etcd for its members') return { stdout: etcd ?? '', stderr: '', code: 0, ms: 0 };
      const text = told.reduce(
        (all, [probe, answer]) => all.replace(quote(probe), () => quote(`printf %s ${quote(answer)}`)),
        script.text,
      );
      return await run(text);
    },
    upload: () => Promise.reject(new Error('nothing is to be changed')),
    [Symbol.asyncDispose]: async () => {},
  };
}

const ACTIVE = 'ActiveState=active\nSubState=running\nUnitFileState=enabled';

function run(text: string): Promise<RunResult> {
  return new Promise((resolve) => {
    const shell = execFile('sh', ['-s'], { encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : 0, ms: 0 }),
    );
    shell.stdin?.end(text);
  });
}
