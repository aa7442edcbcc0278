import { createHash } from 'node:crypto';
import { answerProbe } from './facts.js';
import { unquote, words } from './script.js';
import { Exit, type Shell } from './shell.js';

/** Scripts that are known as a whole, by how they begin, and what they do. */
export const WHOLE_SCRIPTS: readonly (readonly [RegExp, (shell: Shell, script: string) => void | Promise<void>])[] = [
  [/^echo kubewright-[0-9a-f]+ begin 0;/, gatherFacts],
  [/^exec 2>&1\numask 077\ntemporary=/, receiveFiles],
  [/^set -- .*\nwhile \[ \$# -gt 0 \]; do chmod -- /, () => {}],
  [/^\nk=\/etc\/kubernetes\n/, (shell, script) => shell.out(answerProbe(shell.machine, script) ?? '')],
  [/^mkdir -p \/var\/lib\/kubewright && printf .* >> \/var\/lib\/kubewright\/files$/, noteIntent],
  [/^manifest=\/var\/lib\/kubewright\/files payload=[\s\S]*\nif was_touched; then traces;/, lookForKubernetes],
  [/^manifest=\/var\/lib\/kubewright\/files payload=[\s\S]*\nwake_containerd\nkeep=/, resetHost],
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

function noteIntent({ machine }: Shell, script: string): void {
  machine.moment('note what is to come');
  const [, list = ''] = /printf '%s\\n' (.*) >> /.exec(script) ?? [];
  machine.disk.write(NOTES, `${machine.disk.text(NOTES)}${words(list).join('\n')}\n`);
}

const NOTES = '/var/lib/kubewright/files';

/** The first of the two scripts of a reset: what is there. */
function lookForKubernetes(shell: Shell): void {
  const { disk } = shell.machine;
  for (const path of [...DATA, ...SETTINGS, MEMORY]) if (disk.exists(path)) shell.out(`trace\tfile\t${path}\n`);
}

/** The second: in its order, so that whoever is cut off leaves what the next one finds. */
function resetHost(shell: Shell): void {
  const { machine } = shell;
  shell.moment('stop units');
  for (const name of ['kubelet', 'kubewright-api', 'containerd']) {
    machine.stop(name);
    machine.unit(name).enabled = false;
  }
  shell.moment('end processes');
  machine.pods.clear();
  for (const path of [...DATA, ...SETTINGS, MEMORY]) {
    shell.moment(`remove ${path}`);
    machine.disk.remove(path);
  }
  machine.images.clear();
  machine.world.note(machine.name, 'reset');
  shell.out('left\tpackages of the system\tkubewright installed none\n');
}

const DATA = ['/var/lib/kubelet', '/var/lib/etcd', '/etc/cni', '/var/lib/containerd', '/etc/kubernetes'];
const SETTINGS = [
  ...['/usr/local', '/opt/cni', '/etc/systemd/system', '/etc/sysctl.d', '/etc/modules-load.d', '/etc/containerd'],
  ...['/etc/kubewright', '/opt/kubewright', '/run/kubewright'],
];
const MEMORY = '/var/lib/kubewright';
