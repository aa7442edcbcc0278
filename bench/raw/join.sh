#!/bin/sh
# Runs in a worker: kubeadm join as kubeadm itself prints it.
set -eu
echo "KUBELET_EXTRA_ARGS=--node-ip=$1" > /etc/default/kubelet
$2 --ignore-preflight-errors=SystemVerification,FileContent--proc-sys-net-bridge-bridge-nf-call-iptables,Swap
