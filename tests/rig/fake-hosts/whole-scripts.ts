import { createHash } from 'node:crypto';
import { answerProbe } from './facts.js';
import { kubeadmReset } from './kubeadm.js';
import { unquote, words } from './script.js';
import { Exit, fail, type Shell } from './shell.js';

/** Scripts that are known as a whole, by how they begin, and what they do. */
export const WHOLE_SCRIPTS: readonly (readonly [RegExp, (shell: Shell, script: string) => void | Promise<void>])[] = [
  [/^echo kubewright-[0-9a-f]+ begin 0;/, gatherFacts],
  [/^exec 2>&1\numask 077\ntemporary=/, receiveFiles],
  [/^set -- .*\nwhile \[ \$# -gt 0 \]; do chmod -- /, () => {}],
  [/^\nk=\/etc\/kubernetes\n/, (shell, script) => shell.out(answerProbe(shell.machine, script) ?? '')],
  [/^set -u\nsystemctl stop kubelet 2>\/dev\/null\nif \[ -x \/usr\/local\/bin\/kubeadm \]/, resetHost],
];

/** The protocol of src/host/probe.ts: each section between two lines that nobody could guess. */
function gatherFacts(shell: Shell, script: string): void {
  shell.passed(1);
  shell.moment('gather facts');
  for (const [, boundary = '', index = '', body = ''] of script.matchAll(SECTION)) {
    const answer = answerProbe(shell.machine, unquote(body));
    shell.out(`${boundary} begin ${index}\n`);
    shell.err(`${boundary} begin ${index}\n`);
    if (answer === undefined) shell.err(`fake host: unknown probe ${body.slice(0, 200)}\n`);
    shell.out(`${answer ?? ''}\n${boundary} end ${index} ${answer === undefined ? 127 : 0}\n`);
    shell.err(`${boundary} end ${index}\n`);
  }
}

const SECTION = /^echo (\S+) begin (\d+); echo \S+ begin \d+ >&2\n\( eval ((?:'[^']*'|\\'|[^'\\\s])+) \); printf /gm;

/** The script of src/host/send-files.ts: every file cut from the input by its size, and its sum checked. */
async function receiveFiles(shell: Shell, script: string): Promise<void> {
  const { machine } = shell;
  const [, list = ''] = /^set -- (.*)\nindex=0$/m.exec(script) ?? [];
  const fields = words(list);
  for (let index = 0; index * 5 < fields.length; index += 1) {
    const [destination = '', , mode = '', sha256 = '', size = ''] = fields.slice(index * 5);
    shell.passed((index * 5) / fields.length);
    shell.out(`at ${index}\n`);
    shell.moment(`receive ${destination}`);
    const content = await shell.read(Number(size));
    if (machine.freeBytes < Number(size)) {
      shell.out(`dd: error writing '${destination}': No space left on device\nfree 0\n`);
      throw new Exit(74);
    }
    const sum = createHash('sha256').update(content).digest('hex');
    if (sum !== sha256) {
      shell.out(`got ${content.length} ${sum}\n`);
      throw new Exit(66);
    }
    shell.moment(`received ${destination}`);
    machine.disk.put(destination, { sha256, size: Number(size), mode });
  }
}

function resetHost(shell: Shell): void {
  const { machine } = shell;
  shell.moment('stop the kubelet');
  machine.stop('kubelet');
  if (machine.isActive('containerd') && machine.disk.exists('/usr/local/bin/kubeadm')) kubeadmReset(shell);
  shell.moment('disable units');
  machine.pods.clear();
  for (const name of ['containerd', 'kubelet', 'kubewright-api']) {
    machine.stop(name);
    machine.unit(name).enabled = false;
  }
  shell.moment('remove files');
  for (const path of [
    ...KUBERNETES_FOLDERS,
    '/usr/local',
    '/etc/systemd/system',
    '/etc/sysctl.d',
    '/etc/modules-load.d',
  ])
    machine.disk.remove(path);
  machine.images.clear();
  if (machine.disk.exists('/etc/kubernetes')) fail(shell, 'could not be removed: /etc/kubernetes');
}

const KUBERNETES_FOLDERS = [
  ...['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd', '/var/lib/kubewright', '/etc/containerd'],
  ...['/var/lib/containerd', '/opt/cni', '/opt/kubewright', '/etc/kubewright', '/run/kubewright', '/etc/cni'],
];
