#!/bin/sh
# The plain way on machines that exist: copy everything over by scp, then the same as up.sh, by ssh.
#
#   HOSTS  addresses, the control plane's first   SSH  the words of the ssh command, without the host
#   SCP    the same for scp                       STAGE, HERE  as in up.sh
set -eu
: "${HOSTS:?}" "${SSH:?}" "${SCP:?}" "${STAGE:?}" "${HERE:?}"
first=${HOSTS%% *}
workers=${HOSTS#* }
for host in $HOSTS; do
  { $SSH "root@$host" mkdir -p /stage /raw && $SCP -qr "$STAGE"/. "root@$host:/stage/" && $SCP -q "$HERE"/*.sh "root@$host:/raw/" &&
    $SSH "root@$host" sh /raw/prepare.sh >/dev/null 2>&1; } &
done
wait
$SSH "root@$first" sh /raw/init.sh "$first" >/dev/null 2>&1
join=$($SSH "root@$first" kubeadm token create --print-join-command 2>/dev/null)
for host in $workers; do
  $SSH "root@$host" sh /raw/join.sh "$host" "'$join'" >/dev/null 2>&1 &
done
wait
kubectl="$SSH root@$first kubectl --kubeconfig /etc/kubernetes/admin.conf"
$kubectl apply -f /stage/flannel.yaml >/dev/null
until [ "$($kubectl get nodes --no-headers | grep -c ' Ready')" = 3 ] &&
  [ "$($kubectl -n kube-flannel get daemonset kube-flannel-ds -o 'jsonpath={.status.numberReady}')" = 3 ] &&
  [ "$($kubectl -n kube-system get deployment coredns -o 'jsonpath={.status.readyReplicas}')" != '' ]; do
  sleep 0.5
done
