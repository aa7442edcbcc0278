#!/bin/sh
# Runs in the control plane: kubeadm init with the same configuration that kubewright gives it.
set -eu
sed "s/ADDRESS/$1/g" /stage/kubeadm.yaml > /root/kubeadm.yaml
kubeadm init --config /root/kubeadm.yaml
