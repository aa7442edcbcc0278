#!/bin/sh
# Runs in a node: binaries, containerd, images.
set -eu
cp /stage/bin/* /usr/local/bin/
mv /usr/local/bin/runc /usr/local/sbin/
mkdir -p /opt/cni/bin /etc/containerd /etc/cni/net.d
cp /stage/cni/* /opt/cni/bin/
cp /stage/config.toml /etc/containerd/config.toml
cp /stage/containerd.service /stage/kubelet.service /etc/systemd/system/
mkdir -p /etc/kubernetes
cp /stage/kubelet-resolv.conf /etc/kubernetes/
sysctl -qw net.ipv4.ip_forward=1 || true
systemctl daemon-reload
systemctl enable --now containerd
systemctl enable kubelet
for image in /stage/images/*.tar; do ctr -n k8s.io images import --local "$image"; done
