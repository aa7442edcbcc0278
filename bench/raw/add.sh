#!/bin/sh
# The plain way to one more worker on a cluster that up.sh made: boot a container, prepare it, kubeadm join, wait until it
# is Ready. The same variables as up.sh, and NODE: the new one, as "w9:19".
set -eu
: "${IMAGE:?}" "${BOOT:?}" "${FLAGS:?}" "${STAGE:?}" "${NAME:?}" "${SUBNET:?}" "${HERE:?}" "${NODE:?}"
eval "set -- $FLAGS"
docker run -d --name "$NAME-${NODE%:*}" --hostname "${NODE%:*}" --network "$NAME" --ip "$SUBNET.${NODE#*:}" \
  "$@" -v /var -v "$STAGE:/stage:ro" -v "$HERE:/raw:ro" "$IMAGE" /bin/sh -c "ln -sf /dev/null /etc/systemd/system/ssh.service; $BOOT" >/dev/null
until docker exec "$NAME-${NODE%:*}" systemctl is-active -q dbus 2>/dev/null; do sleep 0.2; done
docker exec "$NAME-${NODE%:*}" sh /raw/prepare.sh >/dev/null
join=$(docker exec "$NAME-cp1" kubeadm token create --print-join-command 2>/dev/null)
docker exec "$NAME-${NODE%:*}" sh /raw/join.sh "$SUBNET.${NODE#*:}" "$join" >/dev/null 2>&1
until docker exec "$NAME-cp1" kubectl --kubeconfig /etc/kubernetes/admin.conf get node "${NODE%:*}" --no-headers 2>/dev/null | grep -q ' Ready'; do
  sleep 0.3
done
