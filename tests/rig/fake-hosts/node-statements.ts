import { parseAllDocuments } from 'yaml';
import { APPS, kubeadmInit, kubeadmJoin, kubeadmPhase } from './kubeadm.js';
import { type Statement, write } from './plain-statements.js';
import { unquote, words } from './script.js';
import { fail, type Shell } from './shell.js';

/** What our own scripts define and call on a node: files put in place, images, kubeadm, kubectl, etcdctl. */
export const NODE_STATEMENTS: readonly Statement[] = [
  [
    /^(\w+)\(\) \{/,
    ({ functions }, match) => {
      functions.set(match[1] ?? '', match.input);
    },
  ],
  [
    /^put (\S+) ('[\s\S]*'|\S+)$/,
    (shell, [, path = '', content = '']) => write(shell, unquote(path), unquote(content)),
  ],
  [
    /^place (\S+) (\S+)$/,
    ({ machine }, [, path = '', target = '']) =>
      machine.disk.put(unquote(path), { link: unquote(target), sha256: '', size: 0, mode: '777' }),
  ],
  [/^record (\S+) (\S+)$/, (shell, [, path = '', sha256 = '']) => record(shell, unquote(path), sha256)],
  [
    /^bring (\S+) (\S+)$/,
    (shell, [, ref = '', archive = '']) => {
      const { machine } = shell;
      if (machine.images.has(ref)) return;
      if (!machine.isActive('containerd')) fail(shell, 'ctr: failed to dial "/run/containerd/containerd.sock"');
      if (!archive.startsWith('/payload/') && !machine.disk.exists(archive)) {
        fail(shell, `ctr: open ${archive}: no such file or directory`);
      }
      shell.out(`importing ${ref}\n`);
      machine.images.add(ref);
    },
  ],
  [
    /^for ref in (.*); do\n/,
    (shell, [, refs = '']) => {
      for (const ref of words(refs)) {
        if (!shell.machine.images.has(ref)) fail(shell, `containerd does not list ${ref} after its import`);
      }
    },
  ],
  [/^unpack_balancer$/, unpackBalancer],
  [/^kubeadm init --config (\S+) /, (shell, [, file = '']) => kubeadmInit(shell, unquote(file, shell.variables))],
  [/^kubeadm join --config (\S+)$/, (shell, [, file = '']) => kubeadmJoin(shell, unquote(file, shell.variables))],
  [
    /^kubeadm init phase upload-certs --upload-certs --config (\S+) /,
    (shell, [, file = '']) => kubeadmPhase(shell, 'upload-certs', unquote(file, shell.variables)),
  ],
  [
    /^grep -q kubelet-client-current\.pem (\S+) \|\| kubeadm init phase kubelet-finalize all /,
    (shell, [, path = '']) => {
      if (!shell.machine.disk.text(path).includes('kubelet-client-current.pem'))
        kubeadmPhase(shell, 'kubelet-finalize', '');
    },
  ],
  [/^kubeadm init phase (addon \S+) /, (shell, [, name = '']) => kubeadmPhase(shell, name, '')],
  [/^printf %s ('[\s\S]*'|\S+) \| kubectl apply --server-side /, (shell, [, text = '']) => apply(shell, unquote(text))],
  [/^until \[ -s \/run\/flannel\/subnet\.env \]/, () => {}],
  [
    /^for pod in \$\(ctr --namespace k8s\.io tasks list -q\); do ctr .* tasks kill /,
    ({ machine }) => machine.pods.clear(),
  ],
  [
    /^for name in kube-apiserver kube-controller-manager kube-scheduler; do\n\s*mv -f "\/etc\/kubernetes\/manifests\//,
    ({ machine }) => {
      for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
        machine.disk.move(`/etc/kubernetes/manifests/${name}.yaml`, `/var/lib/kubewright/leaving/${name}.yaml`);
      machine.settle();
    },
  ],
  [/^while \[ "\$tries" -lt 300 \] && ctr /, () => {}],
  // The first try, which needs a quorum; where that fails, what the one member knows.
  [/^list=\$\(etcdctl .* member list -w json 2>\/dev\/null\) \|\|$/, () => {}],
  [/^list=\$\(etcdctl .* member list --consistency=s -w json\) \|\| exit$/, memberList],
  [/^printf '%s\\n' "\$list"$/, (shell) => shell.out(`${shell.variables.get('list')}\n`)],
  [/^urls=\$\(printf %s "\$list" \| grep /, () => {}],
  [/^etcdctl .* endpoint health --endpoints "\$urls" -w json /, endpointHealth],
  [/^said=\$\(etcdctl member remove (\S+) 2>&1\) \|\| case /, (shell, [, id = '']) => removeMember(shell, id)],
];

function record(shell: Shell, path: string, sha256: string): void {
  const { disk } = shell.machine;
  const entry = disk.get(path);
  if (entry === undefined) fail(shell, `stat: cannot statx '${path}': No such file or directory`);
  const others = disk
    .text(MANIFEST)
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(` ${path}`));
  write(shell, MANIFEST, `${[...others, `${sha256} ${entry.size} ${entry.time} ${path}`].join('\n')}\n`);
}

function unpackBalancer(shell: Shell): void {
  const { machine, functions } = shell;
  const body = functions.get('unpack_balancer') ?? '';
  const [, ref = ''] = /images mount (\S+) /.exec(body) ?? [];
  const [, stamp = ''] = /printf %s (\S+) > "\$new\/\.image"/.exec(body) ?? [];
  if (!machine.images.has(unquote(ref))) fail(shell, `ctr: image "${ref}": not found`);
  write(shell, '/opt/kubewright/haproxy/.image', unquote(stamp));
}

function apply(shell: Shell, text: string): void {
  const cluster = shell.machine.etcdCluster;
  if (cluster === undefined || !cluster.answering) fail(shell, 'error: the server does not answer');
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS();
    if (object?.kind !== 'DaemonSet') continue;
    cluster.objects.set(`${APPS}/${object.metadata.namespace}/daemonsets/${object.metadata.name}`, object);
  }
}

/** Only where etcd runs on this host can it be asked. */
function ownEtcd(shell: Shell) {
  const { machine } = shell;
  const cluster = machine.etcdCluster;
  if (cluster === undefined || !machine.pods.has('etcd')) fail(shell, 'etcd does not run on this host');
  return cluster;
}

function memberList(shell: Shell): void {
  // Written by hand: JSON.stringify has no numbers of this size.
  const members = ownEtcd(shell).members.map(
    ({ id, name, address, learner }) =>
      `{"ID":${id}${name === '' ? '' : `,"name":"${name}","clientURLs":["https://${address}:2379"]`},"peerURLs":["https://${address}:2380"]${learner ? ',"isLearner":true' : ''}}`,
  );
  shell.variables.set('list', `{"header":{"cluster_id":14841639068965178418},"members":[${members.join(',')}]}`);
}

function endpointHealth(shell: Shell): void {
  const cluster = ownEtcd(shell);
  const states = cluster.members
    .filter(({ name }) => name !== '')
    .map((member) => {
      const health = cluster.quorate && cluster.isHealthy(member);
      const endpoint = `https://${member.address}:2379`;
      return health ? { endpoint, health } : { endpoint, health, error: 'context deadline exceeded' };
    });
  shell.out(`${JSON.stringify(states)}\n`);
}

function removeMember(shell: Shell, id: string): void {
  const cluster = ownEtcd(shell);
  if (!cluster.quorate) fail(shell, '{"level":"warn","error":"context deadline exceeded"}');
  try {
    cluster.removeMember(id);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (!said.includes('member not found')) fail(shell, said);
  }
  for (const machine of shell.machine.world.machines.values()) machine.settle();
}

const MANIFEST = '/var/lib/kubewright/files';
