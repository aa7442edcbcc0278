/** Where flanneld finds the API server without kube-proxy: on a new node it would fail, and wait, until that has run. */
export interface ApiAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * flannel's objects: VXLAN between nodes, nftables for masquerading. As upstream's kube-flannel.yml, but for the CNI
 * plugin, which is put on the host with the others. The CNI configuration comes with the pod: a node that had it before
 * would call itself Ready, and its first pods would fail and wait.
 */
export function flannelObjects(podCidr: string, image: string, api?: ApiAddress): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels: { ...LABELS, 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'flannel', namespace: NAMESPACE, labels: LABELS } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'flannel', labels: LABELS },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'flannel', labels: LABELS },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'flannel' },
      subjects: [{ kind: 'ServiceAccount', name: 'flannel', namespace: NAMESPACE }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-flannel-cfg', namespace: NAMESPACE, labels: LABELS },
      data: {
        'cni-conf.json': JSON.stringify(CNI_CONFIG),
        'net-conf.json': JSON.stringify({ Network: podCidr, EnableNFTables: true, Backend: { Type: 'vxlan' } }),
      },
    },
    daemonSet(image, api),
  ];
}

/** What upstream's kube-flannel.yml has; older plugins speak no newer version of CNI. */
const CNI_CONFIG = {
  name: 'cbr0',
  cniVersion: '0.3.1',
  plugins: [
    { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

export const FLANNEL = { namespace: 'kube-flannel', daemonSet: 'kube-flannel-ds' } as const;

const NAMESPACE = FLANNEL.namespace;
const LABELS = { 'app.kubernetes.io/name': 'flannel', 'app.kubernetes.io/managed-by': 'kubewright' };

function daemonSet(image: string, api: ApiAddress | undefined): object {
  const fieldRef = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: FLANNEL.daemonSet, namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: { app: 'flannel' } },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels: { ...LABELS, app: 'flannel' } },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'flannel',
          tolerations: [{ operator: 'Exists' }],
          terminationGracePeriodSeconds: 5,
          initContainers: [
            {
              name: 'install-cni',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['/opt/bin/install-conf'],
              args: ['/etc/kube-flannel/cni-conf.json', '/etc/cni/net.d/10-flannel.conflist'],
              volumeMounts: [
                { name: 'cni', mountPath: '/etc/cni/net.d' },
                { name: 'config', mountPath: '/etc/kube-flannel/' },
              ],
            },
          ],
          containers: [
            {
              name: 'kube-flannel',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['/opt/bin/flanneld'],
              args: ['--ip-masq', '--kube-subnet-mgr'],
              resources: { requests: { cpu: '100m', memory: '50Mi' } },
              securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
              env: [
                fieldRef('POD_NAME', 'metadata.name'),
                fieldRef('POD_NAMESPACE', 'metadata.namespace'),
                { name: 'EVENT_QUEUE_DEPTH', value: '5000' },
                ...(api === undefined
                  ? []
                  : [
                      { name: 'KUBERNETES_SERVICE_HOST', value: api.host },
                      { name: 'KUBERNETES_SERVICE_PORT', value: String(api.port) },
                    ]),
              ],
              volumeMounts: [
                { name: 'run', mountPath: '/run/flannel' },
                { name: 'config', mountPath: '/etc/kube-flannel/' },
                { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
              ],
            },
          ],
          volumes: [
            { name: 'run', hostPath: { path: '/run/flannel', type: 'DirectoryOrCreate' } },
            { name: 'cni', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } },
            { name: 'config', configMap: { name: 'kube-flannel-cfg' } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
          ],
        },
      },
    },
  };
}
