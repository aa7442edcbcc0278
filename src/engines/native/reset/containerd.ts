import { sh } from '../../../transport/command.js';

/**
 * Shell functions about who else uses the host's containerd. Somebody may run containers of their own in it, Docker
 * among them: then only the namespace of Kubernetes is emptied. Nobody but containerd itself can say so for sure, so it is
 * started for the question where it does not run; where that fails, what its folders tell counts.
 */
export const CONTAINERD_FUNCTIONS = sh`
other_namespaces() {
  if names=$(timeout 20 ctr namespaces list -q 2>/dev/null); then
    for name in $names; do
      [ "$name" != k8s.io ] || continue
      for kind in containers images content; do timeout 20 ctr --namespace "$name" "$kind" list -q 2>/dev/null; done |
        grep -q . && echo "$name"
    done
  else
    ls -A /var/lib/containerd/io.containerd.runtime.v2.task /run/containerd/io.containerd.runtime.v2.task 2>/dev/null |
      grep -v -e ':$' -e '^$' -e '^k8s\.io$' | sort -u
    # Another containerd than ours that cannot be asked: nobody knows what it has.
    ls -d /usr/bin/containerd 2>/dev/null
  fi
}
wake_containerd() {
  holds_something /var/lib/containerd && [ ! -S /run/containerd/containerd.sock ] || return 0
  timeout 30 systemctl start containerd 2>/dev/null
}

kubernetes_namespace() { [ "$keep" ] && timeout 20 ctr namespaces list -q 2>/dev/null | grep -x k8s.io; }
# With the images goes, at once, all that nothing refers to any more: snapshots and content. What the plugin of
# Kubernetes remembers itself it forgets when it starts anew; the containers of others run on meanwhile.
empty_kubernetes_namespace() {
  [ "$(kubernetes_namespace)" ] || return 0
  in_kubernetes() { timeout 60 ctr --namespace k8s.io "$@" 2>/dev/null; }
  for id in $(in_kubernetes tasks list -q); do in_kubernetes tasks delete --force "$id"; done
  for id in $(in_kubernetes containers list -q); do in_kubernetes containers delete "$id"; done
  for id in $(in_kubernetes sandboxes list | awk 'NR > 1 { print $1 }'); do in_kubernetes sandboxes remove --force "$id"; done
  for id in $(in_kubernetes leases list -q); do in_kubernetes leases delete "$id"; done
  images=$(in_kubernetes images list -q)
  [ -z "$images" ] || in_kubernetes images delete --sync $images
  in_kubernetes namespaces remove k8s.io
  for folder in /run/containerd /var/lib/containerd; do
    rm -rf --one-file-system "$folder/io.containerd.grpc.v1.cri" "$folder/io.containerd.runtime.v2.task/k8s.io" "$folder/runc/k8s.io"
  done
  systemctl restart containerd
} >/dev/null`;
