import { parseAllDocuments, stringify } from 'yaml';
import { adminConf, certificates } from './certificates.js';
import type { FakeCluster } from './cluster.js';
import { KUBELET_CONFIG, MANIFESTS, STATIC_PODS } from './machine.js';
import { fail, type Shell } from './shell.js';

/** `kubeadm init`, phase by phase: stopped in between, it leaves what the real one leaves. */
export function kubeadmInit(shell: Shell, file: string): void {
  const { machine } = shell;
  const { disk } = machine;
  const { node, cluster } = readConfig(shell, file);
  preflight(shell, node, [...controlPlaneProblems(shell)]);
  phase(shell, 'certs', () => writeCertificates(shell));
  phase(shell, 'kubeconfig', () => {
    for (const name of ['admin', 'controller-manager', 'scheduler'])
      disk.write(`/etc/kubernetes/${name}.conf`, adminConf(`https://${cluster?.controlPlaneEndpoint}`), '600');
    disk.write('/etc/kubernetes/kubelet.conf', '# cluster: own\n', '600');
  });
  phase(shell, 'etcd', () => disk.write(`${MANIFESTS}/etcd.yaml`, 'new cluster\n', '600'));
  phase(shell, 'control-plane', () => writeManifests(shell, cluster?.kubernetesVersion ?? ''));
  phase(shell, 'kubelet-start', () => startKubelet(shell, node));
  const made = machine.etcdCluster;
  if (made === undefined || !machine.servesApi) fail(shell, 'error: the API server did not come up in 4m0s');
  phase(shell, 'upload-config', () =>
    made.objects.set(CONFIG_MAP, { data: { ClusterConfiguration: stringify(cluster) } }),
  );
  phase(shell, 'upload-certs', () => void made.certificateKeys.add(node.certificateKey ?? ''));
  phase(shell, 'mark-control-plane', () => markControlPlane(made, machine.name));
  phase(shell, 'bootstrap-token', () => {
    for (const { token } of node.bootstrapTokens ?? []) made.tokens.add(token);
  });
  machine.moment('kubeadm init: ended');
  machine.world.note(machine.name, 'init ended');
}

/** `kubeadm join`, of a worker or a control plane. */
export function kubeadmJoin(shell: Shell, file: string): void {
  const { machine } = shell;
  const { disk } = machine;
  const { node } = readConfig(shell, file);
  const asControlPlane = node.controlPlane !== undefined;
  preflight(shell, node, [
    ...(asControlPlane ? controlPlaneProblems(shell) : kubeletProblems(shell)),
    ...present(shell, ['kubelet.conf', 'bootstrap-kubelet.conf', ...(asControlPlane ? [] : ['pki/ca.crt'])]),
  ]);
  const cluster = discover(shell);
  if (!cluster.tokens.has(node.discovery?.tlsBootstrapToken ?? '')) fail(shell, 'error: the token is not valid: 401');
  if (asControlPlane) {
    if (!cluster.certificateKeys.has(node.controlPlane?.certificateKey ?? '')) {
      fail(shell, 'error: error downloading certs: the Secret does not include the required certificate or key');
    }
    phase(shell, 'download-certs', () => writeCertificates(shell));
    phase(shell, 'control-plane-prepare', () => {
      const version = clusterConfiguration(cluster).kubernetesVersion;
      disk.write('/etc/kubernetes/admin.conf', adminConf(clusterEndpoint(cluster)), '600');
      writeManifests(shell, version);
    });
  }
  const namesake = cluster.nodes.get(machine.name);
  if (namesake !== undefined && cluster.isReady(namesake)) {
    fail(shell, `error: a Node with name "${machine.name}" and status "Ready" already exists in the cluster`);
  }
  phase(shell, 'kubelet-start', () => {
    if (!asControlPlane) writeCertificates(shell);
    disk.write('/etc/kubernetes/bootstrap-kubelet.conf', 'bootstrap\n', '600');
    startKubelet(shell, node);
  });
  phase(shell, 'kubelet-wait-bootstrap', () => {
    disk.write('/etc/kubernetes/kubelet.conf', `# cluster: ${cluster.id}\nkubelet-client-current.pem\n`, '600');
    disk.remove('/etc/kubernetes/bootstrap-kubelet.conf');
    machine.start('kubelet');
  });
  if (asControlPlane) joinEtcd(shell, cluster);
  machine.moment('kubeadm join: ended');
  machine.world.note(machine.name, 'joined');
}

/** The phases of init that are run on their own. */
export function kubeadmPhase(shell: Shell, name: string, file: string): void {
  const { machine } = shell;
  const cluster = machine.etcdCluster;
  if (cluster === undefined || !cluster.answering) fail(shell, 'error: the API server does not answer');
  switch (name) {
    case 'upload-certs':
      cluster.certificateKeys.add(readConfig(shell, file).node.certificateKey ?? '');
      break;
    case 'kubelet-finalize':
      machine.disk.write('/etc/kubernetes/kubelet.conf', '# cluster: own\nkubelet-client-current.pem\n', '600');
      machine.start('kubelet');
      break;
    case 'addon kube-proxy':
      cluster.objects.set(`${APPS}/kube-system/daemonsets/kube-proxy`, {
        metadata: { name: 'kube-proxy' },
      });
      break;
    case 'addon coredns':
      cluster.objects.set(`${APPS}/kube-system/deployments/coredns`, { metadata: { name: 'coredns' } });
      break;
    default:
      fail(shell, `error: there is no fake phase ${name}`);
  }
}

/** Where the API keeps kubeadm's configuration. */
const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
export const APPS = '/apis/apps/v1/namespaces';

/** As kubeadm: as a learner first, then as a voter. */
function joinEtcd(shell: Shell, cluster: FakeCluster): void {
  const { machine } = shell;
  let member: ReturnType<FakeCluster['addMember']> | undefined;
  phase(shell, 'etcd-join (add)', () => {
    try {
      member = cluster.addMember(machine, '', true);
    } catch (error) {
      fail(shell, `error: ${error instanceof Error ? error.message : error}`);
    }
  });
  phase(shell, 'etcd-join (start)', () => {
    machine.disk.write(`${MANIFESTS}/etcd.yaml`, `existing cluster ${cluster.id}\n`, '600');
    machine.settle();
  });
  phase(shell, 'etcd-join (promote)', () => {
    if (member !== undefined) member.learner = false;
  });
  phase(shell, 'mark-control-plane', () => markControlPlane(cluster, machine.name));
}

function phase(shell: Shell, name: string, run: () => void): void {
  shell.moment(`kubeadm: ${name}`);
  if (shell.machine.freeBytes < 2 ** 20) fail(shell, `error: ${name}: no space left on device`);
  run();
}

interface NodeConfig {
  readonly nodeRegistration: {
    readonly name: string;
    readonly taints: readonly object[];
    readonly ignorePreflightErrors: readonly string[];
  };
  readonly certificateKey?: string;
  readonly bootstrapTokens?: readonly { readonly token: string }[];
  readonly discovery?: { readonly tlsBootstrapToken: string };
  readonly controlPlane?: { readonly certificateKey: string };
}

interface ClusterConfig {
  readonly kubernetesVersion: string;
  readonly controlPlaneEndpoint: string;
}

function readConfig(shell: Shell, file: string): { node: NodeConfig; cluster: ClusterConfig | undefined } {
  const documents = parseAllDocuments(shell.machine.disk.text(file)).map((document) => document.toJS());
  const [node] = documents;
  if (node === undefined || node === null) fail(shell, `error: unable to read config from "${file}"`);
  return { node, cluster: documents.find(({ kind }) => kind === 'ClusterConfiguration') };
}

function clusterConfiguration(cluster: FakeCluster): ClusterConfig {
  const map = cluster.objects.get(CONFIG_MAP) as { data: { ClusterConfiguration: string } };
  return parseAllDocuments(map.data.ClusterConfiguration)[0]?.toJS();
}

function clusterEndpoint(cluster: FakeCluster): string {
  return `https://${clusterConfiguration(cluster).controlPlaneEndpoint}`;
}

function preflight(shell: Shell, node: NodeConfig, problems: readonly string[]): void {
  shell.moment('kubeadm: preflight');
  const ignored = new Set(node.nodeRegistration.ignorePreflightErrors);
  const fatal = [...kubeletMissing(shell), ...problems].filter((problem) => !ignored.has(problem));
  if (fatal.length === 0) return;
  fail(shell, `[preflight] Some fatal errors occurred:\n${fatal.map((it) => `\t[ERROR ${it}]`).join('\n')}`);
}

function kubeletMissing({ machine }: Shell): readonly string[] {
  return [
    ...(machine.isActive('containerd') ? [] : ['CRI']),
    ...(machine.disk.exists('/usr/local/bin/kubelet') ? [] : ['FileExisting-kubelet']),
    ...(machine.ipForward ? [] : ['FileContent--proc-sys-net-ipv4-ip_forward']),
  ];
}

function kubeletProblems({ machine }: Shell): readonly string[] {
  return machine.isActive('kubelet') ? ['Port-10250'] : [];
}

function controlPlaneProblems(shell: Shell): readonly string[] {
  const { machine } = shell;
  const ports = {
    etcd: [2379, 2380],
    'kube-apiserver': [6443],
    'kube-controller-manager': [10257],
    'kube-scheduler': [10259],
  };
  const images = [...machine.images].filter((ref) => /kube-apiserver|etcd/.test(ref)).length;
  return [
    ...kubeletProblems(shell),
    ...STATIC_PODS.flatMap((pod) => (machine.pods.has(pod) ? ports[pod].map((port) => `Port-${port}`) : [])),
    ...STATIC_PODS.filter((pod) => machine.disk.exists(`${MANIFESTS}/${pod}.yaml`)).map(
      (pod) => `FileAvailable--etc-kubernetes-manifests-${pod}.yaml`,
    ),
    ...(machine.disk.exists('/var/lib/etcd') ? ['DirAvailable--var-lib-etcd'] : []),
    ...(images < 2 ? ['ImagePull'] : []),
  ];
}

function present({ machine }: Shell, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => machine.disk.exists(`/etc/kubernetes/${name}`))
    .map((name) => `FileAvailable--etc-kubernetes-${name.replace('/', '-')}`);
}

function writeCertificates({ machine }: Shell): void {
  machine.disk.write('/etc/kubernetes/pki/ca.crt', certificates().certificate);
}

function writeManifests({ machine }: Shell, version: string): void {
  for (const pod of STATIC_PODS.filter((name) => name !== 'etcd'))
    machine.disk.write(`${MANIFESTS}/${pod}.yaml`, `    image: registry.k8s.io/${pod}:${version}\n`, '600');
}

function startKubelet({ machine }: Shell, { nodeRegistration }: NodeConfig): void {
  machine.disk.write(KUBELET_CONFIG, `taints: ${JSON.stringify(nodeRegistration.taints)}\n`);
  machine.start('kubelet');
}

function markControlPlane(cluster: FakeCluster, name: string): void {
  const node = cluster.nodes.get(name);
  if (node === undefined) return;
  const { metadata } = node.object;
  const labels = { ...metadata.labels, 'node-role.kubernetes.io/control-plane': '' };
  node.object = { ...node.object, metadata: { ...metadata, labels } };
}

/** Through this machine's own load balancer, as the discovery file says. */
function discover(shell: Shell): FakeCluster {
  const { machine } = shell;
  shell.moment('kubeadm: discovery');
  const cluster = machine.balancedCluster();
  if (cluster === undefined) fail(shell, "error: couldn't validate the identity of the API Server: connection refused");
  return cluster;
}
