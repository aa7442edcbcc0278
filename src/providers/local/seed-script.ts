import type { Payload } from '../../artifacts/payload.js';
import { quote } from '../../transport/command.js';

/** Where the helpers have the store mounted. */
export const STORE = '/store';

/**
 * Looks into the store: prints "free KIB", then "seed KEY" for each payload that is whole, and "file SHA256" for
 * each file that some payload has.
 */
export const LOOK_SCRIPT = `set -e
cd ${STORE}
mkdir -p seeds nodes
echo "free $(df -Pk . | awk 'NR == 2 { print $4 }')"
for seed in seeds/*/; do
  [ -d "$seed" ] || continue
  echo "seed $(basename "$seed")"
  ls "$seed/payload" | sed 's/^/file /'
done`;

/**
 * Makes a seed: what each new node gets as hard links. Reads the missing files as a tar from standard input, takes
 * the others from older seeds, verifies every one, and has the payload's own containerd import and unpack the images
 * once instead of once a node. A seed appears under its name only when it is whole: a killed run leaves but a draft,
 * which the next one removes.
 */
export function seedScript(key: string, payload: Payload, present: ReadonlySet<string>): string {
  const all = [...new Set([...payload.files, ...payload.images].map(({ sha256 }) => sha256))];
  const reused = all.filter((sha256) => present.has(sha256));
  const binary = (name: string) => payload.files.find((file) => file.name === name)?.sha256;
  return `set -e
cd ${STORE}
mkdir -p seeds nodes
rm -rf seeds/.draft-*
draft=${STORE}/seeds/.draft-${key}
mkdir -p "$draft/payload"
cd "$draft/payload"
tar -xf - --no-same-owner
for name in ${reused.join(' ')}; do
  for other in ${STORE}/seeds/*/payload/"$name"; do [ ! -f "$other" ] || { ln "$other" "$name"; break; }; done
done
damaged=$(printf '%s\\n' ${all.join(' ')} | xargs -P 4 -I '{}' sh -c 'echo "{}  {}" | sha256sum --check --status - || echo {}')
[ -z "$damaged" ] || { printf 'damaged %s\\n' $damaged; exit 3; }
chmod 0755 -- *
: >.${key}
${unpackImages(binary('containerd'), binary('ctr'), payload)}
# What a power cut could still lose must not be taken for whole afterwards.
find "$draft" -type f -print0 | xargs -0 -r sync
cd ${STORE}/seeds
if [ -d ${key} ]; then rm -rf "$draft"; else mv -T "$draft" ${key}; fi
ls -1dt -- */ | tail -n +${KEPT + 1} | xargs -r rm -rf --`;
}

/** Seeds of older payloads that stay, since clusters of several versions may live side by side. Nodes have their own links. */
const KEPT = 4;

/** Without containerd in the payload, or where it cannot run here, each node imports its images itself. */
function unpackImages(containerd: string | undefined, ctr: string | undefined, payload: Payload): string {
  if (containerd === undefined || ctr === undefined || payload.images.length === 0) return ':';
  const images = payload.images.map(({ name, sha256 }) => `${quote(name)} ${sha256}`);
  return `
mkdir -p "$draft/containerd"
cat >/run/seed.toml <<EOF
version = 3
root = "$draft/containerd"
state = "/run/seed-containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images"]
[grpc]
  address = "/run/seed.sock"
EOF
export CTR="$draft/payload/${ctr} --address /run/seed.sock --namespace k8s.io"
"$draft/payload/${containerd}" --config /run/seed.toml >/run/seed.log 2>&1 &
daemon=$!
unpack() {
  tries=0
  until $CTR version >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] && kill -0 $daemon 2>/dev/null || { tail -n 5 /run/seed.log; return 1; }
    sleep 0.1
  done
  printf '%s\\n' ${images.map(quote).join(' ')} | xargs -P 2 -L 1 sh -c '
    $CTR images import --local --snapshotter overlayfs "$1" >/run/import.$1 2>&1 || { tail -n 2 /run/import.$1; exit 1; }
    echo "image $0"'
}
if unpack >/run/unpack.log 2>&1; then
  cat /run/unpack.log
  kill $daemon && wait $daemon || true
  rm -rf "$draft/containerd/tmpmounts"
else
  kill -9 $daemon 2>/dev/null || true
  wait $daemon 2>/dev/null || true
  sed 's/^/unseeded /' /run/unpack.log
  rm -rf "$draft/containerd"
fi`;
}

/** Gives nodes that exist the files of another seed. Arguments: the seed's key, then the nodes' folders. */
export const ADD_SCRIPT = `set -e
cd ${STORE}
key=$1
shift
for home in "$@"; do
  [ -d "nodes/$home/payload" ] || continue
  for file in "seeds/$key/payload"/*; do
    [ -e "nodes/$home/payload/\${file##*/}" ] || ln "$file" "nodes/$home/payload/"
  done
  ln -f "seeds/$key/payload/.$key" "nodes/$home/payload/"
done`;

/** Removes nodes' folders. */
export const REMOVE_SCRIPT = `cd ${STORE}/nodes 2>/dev/null || exit 0
for home in "$@"; do rm -rf "./$home"; done
rmdir -- */ 2>/dev/null
exit 0`;
