import { execa } from 'execa';
import { eventually, type Rig } from './rig.js';

/** What a loop of requests saw: when each failure was, in seconds since the loop began. */
export interface Requests {
  readonly count: number;
  readonly failures: readonly number[];
}

/**
 * Asks the API through the operator's kubeconfig, one kubectl after the other, until `until` is done and at least for
 * `seconds`. Bounded: one request at a time, each with a deadline of 4 s.
 */
export async function askApi(it: Rig, seconds: number, until: Promise<unknown> = Promise.resolve()): Promise<Requests> {
  const began = Date.now();
  const failures: number[] = [];
  let count = 0;
  let done = false;
  void until.finally(() => {
    done = true;
  });
  while (!done || Date.now() - began < seconds * 1000) {
    const at = (Date.now() - began) / 1000;
    count += 1;
    await it.kubectl('get', '--raw', '/readyz', '--request-timeout=4s').catch(() => failures.push(at));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { count, failures };
}

/**
 * Has a node ask `url` every 100 ms for so many seconds, in the network of the first pod that runs there or, with
 * `host`, in its own. The failures are told by when they were.
 */
export async function askFromNode(it: Rig, node: string, url: string, seconds: number, where: 'pod' | 'host') {
  const inside =
    where === 'host'
      ? ''
      : `pid=$(ctr -n k8s.io tasks list | awk '$3 == "RUNNING" { print $2 }' | while read -r p; do
  [ "$(readlink /proc/$p/ns/net)" != "$(readlink /proc/1/ns/net)" ] && echo "$p" && break; done)
[ -n "$pid" ] || { echo 'no pod runs here' >&2; exit 9; }
enter="nsenter -t $pid -n"
`;
  const script = `enter=
${inside}began=$(date +%s%N); end=$((began + ${seconds} * 1000000000)); count=0
while now=$(date +%s%N); [ "$now" -lt "$end" ]; do
  count=$((count + 1))
  $enter curl -ksS -o /dev/null --max-time 2 '${url}' 2>/dev/null || echo "failed $(( (now - began) / 100000000 ))"
  sleep 0.1
done
echo "count $count"`;
  const { code, stdout, stderr } = await it.run('exec', node, '-o', 'json', '--', 'sh', '-c', script);
  if (code !== 0) throw new Error(`the loop on ${node} failed: ${stderr || stdout}`);
  const [result] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '').result as readonly { readonly stdout: string }[];
  const lines = (result?.stdout ?? '').split('\n');
  return {
    count: Number(lines.find((line) => line.startsWith('count '))?.slice(6)),
    failures: lines.filter((line) => line.startsWith('failed ')).map((line) => Number(line.slice(7)) / 10),
  };
}

/** When containerd and the kubelet of a node were started last: what must not change where nothing was to be done. */
export async function serviceStarts(it: Rig, node: string): Promise<string> {
  const { stdout } = await execa('docker', [
    ...['exec', `${it.name}-${node}`, 'systemctl', 'show', '--property=ExecMainStartTimestampMonotonic,NRestarts'],
    ...['containerd', 'kubelet'],
  ]);
  return stdout;
}

/** Names of the nodes that are Ready. */
export async function readyNodes(it: Rig): Promise<readonly string[]> {
  const { items } = JSON.parse(await it.kubectl('get', 'nodes', '-o', 'json', '--request-timeout=5s'));
  return items
    .filter((node: { status: { conditions: { type: string; status: string }[] } }) =>
      node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
    .map((node: { metadata: { name: string } }) => node.metadata.name)
    .sort();
}

/** Waits until exactly these nodes are Ready. */
export function untilReady(it: Rig, names: readonly string[], seconds: number): Promise<readonly string[]> {
  const wanted = [...names].sort().join();
  return eventually(`${wanted} to be Ready`, seconds, async () => {
    const ready = await readyNodes(it);
    return ready.join() === wanted ? ready : undefined;
  });
}

/**
 * A Deployment behind a Service, of the one image that is surely on every node: CoreDNS, which answers /health over HTTP
 * and goes on doing so for a while when it is told to end. Gives the Service's address.
 */
export async function deployWeb(it: Rig, replicas: number): Promise<string> {
  const image = await it.kubectl(
    ...['-n', 'kube-system', 'get', 'deployment', 'coredns', '-o'],
    'jsonpath={.spec.template.spec.containers[0].image}',
  );
  const labels = { app: 'web' };
  const corefile = '.:1053 {\n  health :8080 {\n    lameduck 6s\n  }\n  ready :8181\n  whoami\n}\n';
  const objects = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { Corefile: corefile } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 10,
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels },
              },
            ],
            containers: [
              {
                name: 'web',
                image,
                imagePullPolicy: 'Never',
                args: ['-conf', '/etc/web/Corefile'],
                volumeMounts: [{ name: 'config', mountPath: '/etc/web' }],
                readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              },
            ],
            volumes: [{ name: 'config', configMap: { name: 'web' } }],
          },
        },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
  await it.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await it.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
  return it.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
}
