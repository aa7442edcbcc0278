import { defineProbe } from '../../host/probe.js';
import { sh } from '../../transport/command.js';

/** How far a host is on its way to being a Kubernetes node: read from the files that kubeadm leaves. */
export interface KubernetesState {
  /** kubeadm has given the kubelet its identity. */
  readonly joined: boolean;
  /** The static pod of the API server stands. */
  readonly controlPlane: boolean;
  /** "1.36.3": what that static pod runs. */
  readonly version: string | undefined;
  /** An init or a join was begun here by kubewright and not ended. */
  readonly unfinished: 'init' | 'join' | undefined;
  /** kubelet.conf points at the certificate that the kubelet renews itself. */
  readonly rotating: boolean;
  /** admin.conf of a control plane: credentials, never shown or stored in a journal. */
  readonly adminConf: string | undefined;
  /** The API server's certificate, PEM. */
  readonly certificate: string | undefined;
  /** The cluster's CA certificate, PEM. */
  readonly ca: string | undefined;
}

export const kubernetesProbe = defineProbe<KubernetesState>({
  name: 'kubernetes',
  script: sh`
k=/etc/kubernetes
[ -s $k/kubelet.conf ] && [ -s /var/lib/kubelet/config.yaml ] && echo joined
[ -s $k/manifests/kube-apiserver.yaml ] && { echo control-plane; sed -n 's/^ *image: .*:v/version /p' $k/manifests/kube-apiserver.yaml; }
[ -e /var/lib/kubewright/init-begun ] && echo init-begun
[ -e /var/lib/kubewright/join-begun ] && echo join-begun
grep -qs kubelet-client-current.pem $k/kubelet.conf && echo rotating
[ -s $k/admin.conf ] && { echo '>admin.conf'; cat $k/admin.conf; echo; echo '<admin.conf'; }
[ -s $k/pki/apiserver.crt ] && { echo '>apiserver.crt'; cat $k/pki/apiserver.crt; echo '<apiserver.crt'; }
[ -s $k/pki/ca.crt ] && { echo '>ca.crt'; cat $k/pki/ca.crt; echo '<ca.crt'; }
:`,
  parse(output) {
    const lines = output.split('\n');
    return {
      joined: lines.includes('joined'),
      controlPlane: lines.includes('control-plane'),
      version: lines.find((line) => line.startsWith('version '))?.slice('version '.length),
      unfinished: lines.includes('init-begun') ? 'init' : lines.includes('join-begun') ? 'join' : undefined,
      rotating: lines.includes('rotating'),
      adminConf: between(lines, 'admin.conf'),
      certificate: between(lines, 'apiserver.crt'),
      ca: between(lines, 'ca.crt'),
    };
  },
});

/** What of our files and images is there; sizes and times stand in for hashing 300 MB on every run. */
export interface InstalledState {
  /** By path: the target of a symbolic link, or "size mtime" of a regular file. */
  readonly files: ReadonlyMap<string, { readonly link: string } | { readonly stamp: string }>;
  /** By path: what was installed there, and the stamp it had then. */
  readonly manifest: ReadonlyMap<string, { readonly sha256: string; readonly stamp: string }>;
  /** Image references in containerd; undefined while containerd does not answer. */
  readonly images: ReadonlySet<string> | undefined;
  readonly ipForward: boolean;
}

/** Looks at these absolute paths and at what kubewright noted when it put files and images in place. */
export function installedProbe(paths: readonly string[]) {
  return defineProbe<InstalledState>({
    name: 'installed',
    script: sh`
for f in ${[...paths]}; do
  if [ -h "$f" ]; then echo "link $f $(readlink "$f")"; elif [ -f "$f" ]; then stat -c 'file %n %s %Y' "$f"; fi
done
[ -f ${MANIFEST} ] && sed 's/^/manifest /' ${MANIFEST}
echo "forward $(cat /proc/sys/net/ipv4/ip_forward)"
if [ -S /run/containerd/containerd.sock ] && [ -x /usr/local/bin/ctr ]; then
  timeout 5 /usr/local/bin/ctr --namespace k8s.io images list -q 2>/dev/null && echo images-listed
fi
:`,
    parse: parseInstalled,
  });
}

/** The text of configuration files by path, for showing how they differ; those that do not exist are absent. */
export function contentsProbe(paths: readonly string[]) {
  return defineProbe<ReadonlyMap<string, string>>({
    name: 'contents',
    script: sh`grep -sH '' ${[...paths]}; :`,
    parse(output) {
      const texts = new Map<string, string>();
      for (const line of output.split('\n')) {
        const path = paths.find((candidate) => line.startsWith(`${candidate}:`));
        if (path !== undefined) texts.set(path, `${texts.get(path) ?? ''}${line.slice(path.length + 1)}\n`);
      }
      return texts;
    },
  });
}

/** Lines of "sha256 size mtime path", written when a file is put in place. */
export const MANIFEST = '/var/lib/kubewright/files';

function parseInstalled(output: string): InstalledState {
  const files = new Map<string, { link: string } | { stamp: string }>();
  const manifest = new Map<string, { sha256: string; stamp: string }>();
  const images = new Set<string>();
  let ipForward = false;
  let listed = false;
  for (const line of output.split('\n')) {
    const [kind = '', ...words] = line.split(' ');
    const [first = '', second = '', third = '', fourth = ''] = words;
    if (kind === 'link') files.set(first, { link: second });
    else if (kind === 'file') files.set(first, { stamp: `${second} ${third}` });
    else if (kind === 'manifest') manifest.set(fourth, { sha256: first, stamp: `${second} ${third}` });
    else if (kind === 'forward') ipForward = first === '1';
    else if (kind === 'images-listed') listed = true;
    else if (line !== '') images.add(line);
  }
  return { files, manifest, images: listed ? images : undefined, ipForward };
}

/** The lines between ">name" and "<name"; undefined where there are none. */
export function between(lines: readonly string[], name: string): string | undefined {
  const start = lines.indexOf(`>${name}`);
  const end = lines.indexOf(`<${name}`);
  return start === -1 || end === -1
    ? undefined
    : `${lines
        .slice(start + 1, end)
        .join('\n')
        .trimEnd()}\n`;
}
