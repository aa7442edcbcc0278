import { INIT_PATH, NODE_FACTS_PATH, PAYLOAD_DIRECTORY, RESOLVERS_PATH, STORE_MOUNT } from './node-paths.js';

/**
 * The node's first process, each time that it starts: what a machine has and a container lacks, then systemd.
 * POSIX sh; a step that an engine does not need or does not permit is passed over, but without the node's store
 * there is no node: then it ends, and says why where `docker logs` shows it.
 */
export const INIT_SCRIPT = `#!/bin/sh
# Made by kubewright: ${INIT_PATH}
set -u
die() { echo "kubewright: $*" >&2; exit 1; }
. ${NODE_FACTS_PATH}

# systemd makes cgroups of its own: what an engine mounted read-only becomes writable.
while read -r _ _ _ _ point options _; do
  case $point in
    /sys/fs/cgroup | /sys/fs/cgroup/*) case $options in ro | ro,*) mount -o remount,rw,bind "$point" ;; esac ;;
  esac
done </proc/self/mountinfo

# Pods' volumes with mount propagation need it, and a container starts without.
mount --make-rshared /

# The kubelet reads the kernel's log.
if [ ! -e /dev/kmsg ]; then
  if [ -e /dev/console ]; then ln -s /dev/console /dev/kmsg; else ln -s /dev/null /dev/kmsg; fi
fi

# All containers of a machine show the machine's own identity, and the kubelet reports it: each node needs another.
if [ -e /sys/class/dmi/id/product_uuid ]; then
  [ -s ${NODE_FACTS_PATH}.uuid ] || cat /proc/sys/kernel/random/uuid >${NODE_FACTS_PATH}.uuid
  mount --bind ${NODE_FACTS_PATH}.uuid /sys/class/dmi/id/product_uuid 2>/dev/null
fi

# /etc/resolv.conf names the engine's own resolver on loopback, which pods cannot reach. What is behind it
# stands where systemd-resolved would write it.
if [ -s ${RESOLVERS_PATH} ]; then
  mkdir -p /run/systemd/resolve && cp ${RESOLVERS_PATH} /run/systemd/resolve/resolv.conf
fi

# The node's part of the store. Its images lie there unpacked, as hard links: nothing but the databases, which
# are written in place, is copied.
nodes=${STORE_MOUNT}/nodes/$CLUSTER/$NODE
home=$nodes/$INSTANCE
seed=${STORE_MOUNT}/seeds/$SEED
if [ ! -d "$home" ]; then
  [ -d "$seed/payload" ] || die "the store has no artifacts named $SEED"
  rm -rf "$nodes"
  mkdir -p "$home.new" || die "the store cannot be written"
  cp -al "$seed/payload" "$home.new/payload" || die "no room for this node in the store"
  if [ -d "$seed/containerd" ]; then
    cp -al "$seed/containerd" "$home.new/containerd" || die "no room for this node in the store"
    find "$home.new/containerd" -name '*.db' -type f -exec sh -c 'cp -p "$1" "$1.own" && mv "$1.own" "$1"' sh {} ';' ||
      die "no room for this node in the store"
  else
    mkdir "$home.new/containerd" || die "no room for this node in the store"
  fi
  mv "$home.new" "$home" || die "the store cannot be written"
fi
mkdir -p /var/lib/containerd ${PAYLOAD_DIRECTORY}
mount --bind "$home/containerd" /var/lib/containerd || die "$home/containerd cannot be mounted"
mount --bind "$home/payload" ${PAYLOAD_DIRECTORY} || die "$home/payload cannot be mounted"
mount -o remount,bind,ro ${PAYLOAD_DIRECTORY}
umount ${STORE_MOUNT} || umount -l ${STORE_MOUNT}

exec /sbin/init
`;
