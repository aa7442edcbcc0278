import type { PayloadFile } from '../../artifacts/payload.js';
import { type Command, join, sh } from '../../transport/command.js';
import { unpackBalancer } from './balancer.js';
import type { NodeFile } from './node-files.js';
import { MANIFEST } from './probes.js';

/** What one run of the script shall change. */
export interface Preparation {
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Files that were uploaded to their place already: only to be recorded. */
  readonly uploaded: readonly PayloadFile[];
  readonly files: readonly NodeFile[];
  readonly images: readonly { readonly ref: string; readonly archive: string }[];
  /** A folder of image archives to remove when they are imported. */
  readonly removeArchives: string | undefined;
  readonly restartContainerd: boolean;
  readonly restartKubelet: boolean;
  readonly startKubelet: boolean;
  /** Does it pass on the packets of pods? */
  readonly routes: boolean;
  /** The reference of the image that the load balancer is in; undefined where there is to be none. */
  readonly balancer: string | undefined;
  readonly startBalancer: boolean;
}

/**
 * The one script that prepares a host. Each part may run again after a kill: files are renamed into place,
 * links replaced, images looked up before they are imported. It ends by looking at the real state and fails
 * where that is not what was asked for.
 */
export function prepareScript(preparation: Preparation): Command {
  const needs = (what: NodeFile['afterwards']) => preparation.files.some(({ afterwards }) => afterwards === what);
  const parts: Command[] = [
    sh`set -eu
mkdir -p /opt/cni/bin /etc/cni/net.d /etc/kubernetes/manifests /var/lib/kubewright
put() { mkdir -p "$(dirname "$1")"; printf %s "$2" > "$1.kubewright"; chmod 0644 "$1.kubewright"; mv -f "$1.kubewright" "$1"; }
place() { mkdir -p "$(dirname "$1")"; ln -sfn "$2" "$1.kubewright"; mv -fT "$1.kubewright" "$1"; }
record() { { grep -v " $1\$" ${MANIFEST} 2>/dev/null || :; echo "$2 $(stat -c '%s %Y' "$1") $1"; } > ${MANIFEST}.new; mv -f ${MANIFEST}.new ${MANIFEST}; }`,
    ...preparation.links.map(({ path, target }) => sh`place ${path} ${target}`),
    ...preparation.uploaded.map(({ destination, sha256 }) => sh`record ${destination} ${sha256}`),
    ...preparation.files
      .filter(({ afterwards }) => afterwards !== 'unpack-balancer')
      .map(({ path, content }) => sh`put ${path} ${content}`),
    sh`sysctl -q -e -p /etc/sysctl.d/90-kubewright.conf 2>/dev/null || :`,
  ];
  if (needs('modules')) parts.push(sh`for m in overlay br_netfilter vxlan; do modprobe -q "$m" 2>/dev/null || :; done`);
  // `enable` reloads systemd's units, too: one reload instead of two.
  if (preparation.restartContainerd || needs('restart-containerd')) {
    parts.push(sh`systemctl enable -q containerd kubelet; systemctl restart containerd`);
  } else {
    parts.push(sh`systemctl enable -q containerd kubelet; systemctl start containerd`);
  }
  parts.push(importScript(preparation), balancerScript(preparation));
  if (preparation.restartKubelet || (needs('restart-kubelet') && preparation.startKubelet)) {
    parts.push(sh`systemctl restart kubelet`);
  } else if (preparation.startKubelet) {
    parts.push(sh`systemctl start kubelet`);
  }
  if (preparation.routes) parts.push(VERIFY_ROUTES);
  parts.push(VERIFY);
  return join(parts);
}

/** Notes binaries that are about to be put in place: what they will be, and no size and time yet. */
export function intentScript(files: readonly PayloadFile[]): Command {
  const lines = files.map(({ sha256, destination }) => `${sha256} - - ${destination}`);
  return sh`mkdir -p /var/lib/kubewright && printf '%s\n' ${lines} >> ${MANIFEST}`;
}

function balancerScript({ balancer, files, startBalancer }: Preparation): Command {
  if (balancer === undefined) return sh`:`;
  const changed = (what: NodeFile['afterwards']) => files.find(({ afterwards }) => afterwards === what);
  const unpacked = changed('unpack-balancer');
  const parts: Command[] = unpacked === undefined ? [] : [unpackBalancer(balancer, unpacked.content)];
  if (unpacked !== undefined || changed('restart-balancer') !== undefined) {
    parts.push(sh`systemctl enable -q kubewright-api; systemctl restart kubewright-api`);
  } else if (changed('reload-balancer') !== undefined) {
    // haproxy itself does it without losing a connection.
    parts.push(sh`systemctl start kubewright-api; systemctl kill --kill-who=main --signal=USR2 kubewright-api`);
  } else if (startBalancer) {
    parts.push(sh`systemctl enable -q kubewright-api; systemctl start kubewright-api`);
  }
  if (parts.length > 0) {
    parts.push(
      sh`systemctl is-active -q kubewright-api || { systemctl status --no-pager -n 15 kubewright-api >&2; exit 1; }`,
    );
  }
  return join(parts);
}

function importScript({ images, removeArchives }: Preparation): Command {
  const parts: Command[] = [
    sh`have=$(ctr --namespace k8s.io images list -q)
bring() {
  case "
$have
" in *"
$1
"*) return 0 ;; esac
  echo "importing $1"
  ctr --namespace k8s.io images import --local "$2" >/dev/null
}`,
    ...images.map(({ ref, archive }) => sh`bring ${ref} ${archive}`),
    ...(images.length === 0
      ? []
      : [
          sh`have=$(ctr --namespace k8s.io images list -q)
for ref in ${images.map(({ ref }) => ref)}; do
  printf '%s\n' "$have" | grep -Fqx "$ref" || { echo "containerd does not list $ref after its import" >&2; exit 1; }
done`,
        ]),
  ];
  if (removeArchives !== undefined) parts.push(sh`rm -rf ${removeArchives}`);
  return join(parts);
}

const VERIFY_ROUTES = sh`[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || { echo 'net.ipv4.ip_forward stayed 0' >&2; exit 1; }`;

const VERIFY = sh`systemctl is-active -q containerd || { systemctl status --no-pager -n 15 containerd >&2; exit 1; }`;
