#!/bin/sh
# The plain way, for comparison: node containers and kubeadm by hand, in the order in which anybody would write it
# down: boot, prepare all in parallel, init, further control planes one after the other, workers in parallel, flannel, wait
# until all are Ready.
#
#   IMAGE  a node image with systemd and sshd     FLAGS  the container flags such nodes need on this engine
#   STAGE  a folder with bin/, cni/, images/*.tar  NAME   prefix of the containers and name of the network
#   BOOT   what such a node runs to become a machine (sh)
#   SUBNET the network's subnet, as "10.89.7"      HERE   this folder
#   NODES  "cp1:11 w1:12 w2:13": names (cp… are control planes) and the last number of their addresses
set -eu
: "${IMAGE:?}" "${BOOT:?}" "${FLAGS:?}" "${STAGE:?}" "${NAME:?}" "${SUBNET:?}" "${HERE:?}"
started=$(date +%s)
say() { printf '%4d s  %s\n' "$(($(date +%s) - started))" "$*"; }

docker network create --subnet "$SUBNET.0/24" "$NAME" >/dev/null
nodes=${NODES:-cp1:11 w1:12 w2:13}
count=$(echo $nodes | wc -w)
for node in $nodes; do
  # FLAGS is a list of quoted words
  eval "set -- $FLAGS"
  docker run -d --name "$NAME-${node%:*}" --hostname "${node%:*}" --network "$NAME" --ip "$SUBNET.${node#*:}" \
    "$@" -v /var -v "$STAGE:/stage:ro" -v "$HERE:/raw:ro" "$IMAGE" /bin/sh -c "ln -sf /dev/null /etc/systemd/system/ssh.service; $BOOT" >/dev/null &
done
wait
for node in $nodes; do
  until docker exec "$NAME-${node%:*}" systemctl is-active -q dbus 2>/dev/null; do sleep 0.2; done
done
say 'machines run'
for node in $nodes; do docker exec "$NAME-${node%:*}" sh /raw/prepare.sh >/dev/null & done
wait
say 'prepared'
docker exec "$NAME-cp1" sh /raw/init.sh "$SUBNET.11" >/dev/null
say 'kubeadm init done'
join=$(docker exec "$NAME-cp1" kubeadm token create --print-join-command)
for node in $nodes; do
  case $node in
    cp1:*) ;;
    cp*)
      [ -n "${key-}" ] || key=$(docker exec "$NAME-cp1" kubeadm init phase upload-certs --upload-certs | tail -n 1)
      docker exec "$NAME-${node%:*}" sh /raw/join.sh "$SUBNET.${node#*:}" \
        "$join --control-plane --certificate-key $key --apiserver-advertise-address $SUBNET.${node#*:}" >/dev/null
      ;;
  esac
done
for node in $nodes; do
  case $node in cp*) continue ;; esac
  docker exec "$NAME-${node%:*}" sh /raw/join.sh "$SUBNET.${node#*:}" "$join" >/dev/null &
done
wait
say 'joined'
docker exec "$NAME-cp1" kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f /stage/flannel.yaml >/dev/null
ready() { docker exec "$NAME-cp1" kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers | grep -c ' Ready'; }
network() { docker exec "$NAME-cp1" kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-flannel get daemonset kube-flannel-ds -o 'jsonpath={.status.numberReady}'; }
dns() { docker exec "$NAME-cp1" kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get deployment coredns -o 'jsonpath={.status.readyReplicas}'; }
until [ "$(ready)" = "$count" ] && [ "$(network)" = "$count" ]; do sleep 0.5; done
say 'all nodes Ready'
until [ "$(dns)" != '' ]; do sleep 0.5; done
say 'cluster DNS answers'
