import { homedir } from 'node:os';
import { join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import type { Step, StepRef } from '../../core/step.js';
import type { HostKeyPolicy, HostSpec, NodeSpec } from '../../model/cluster.js';
import type { HostKeyCheck, SshIdentity } from '../../transport/target.js';
import type { Machine, Provider, ProviderContext } from '../provider.js';
import { createSecrets, type Secrets } from './secrets.js';

/** The provider of machines that exist already: it makes nothing and destroys nothing, it only knows how to reach them. */
export function hostsProvider(): Provider {
  const secrets = createSecrets();
  return {
    name: 'hosts',
    async machines(cluster, context) {
      const steps = cluster.nodes.map((node) => machineStep(node, machineOf(node, context, secrets)));
      return { steps, machines: new Map(steps.map((step) => [step.host, step])) };
    },
    async destroy() {
      return [];
    },
    async destroyMachines() {
      return [];
    },
    async existing(cluster, context) {
      return cluster.nodes.map((node) => ({
        name: node.name,
        state: 'unknown',
        machine: machineOf(node, context, secrets),
      }));
    },
  };
}

function machineStep(node: NodeSpec, machine: Machine): Step<Machine> & StepRef<Machine> & { readonly host: string } {
  return {
    id: `${node.name}/machine`,
    title: 'look up how to reach it',
    phase: 'machines',
    host: node.name,
    kind: 'read',
    needs: [],
    timeoutMs: 1_000,
    read: async () => machine,
  };
}

function machineOf(node: NodeSpec, context: ProviderContext, secrets: Secrets): Machine {
  const { host } = node;
  if (host === undefined) throw new KubewrightError('internal', `node ${node.name} has no host to be on`);
  return {
    name: node.name,
    address: host.internalAddress ?? host.address,
    ssh: {
      name: node.name,
      address: host.address,
      port: host.port,
      user: host.user,
      identity: identityOf(host, context, secrets),
      hostKeys: hostKeysOf(host.hostKey, context),
      sudoPassword:
        host.sudoPassword === undefined ? undefined : secrets.sudoPassword(host.sudoPassword, host, context.askSecret),
    },
  };
}

function identityOf(host: HostSpec, context: ProviderContext, secrets: Secrets): SshIdentity {
  if (host.identityFile === undefined) return { kind: 'default' };
  const path = host.identityFile.replace(/^~(?=\/)/, homedir());
  return { kind: 'file', path, passphrase: secrets.passphrase(path, context.askSecret) };
}

/** The user's own known_hosts first; what kubewright learns goes to the cluster's, never into the user's. */
function hostKeysOf(policy: HostKeyPolicy, context: ProviderContext): HostKeyCheck {
  const users = join(homedir(), '.ssh', 'known_hosts');
  const clusters = join(context.stateDirectory, 'known_hosts');
  switch (policy.kind) {
    case 'pinned':
      return { kind: 'pinned', keys: policy.keys };
    case 'known-hosts':
      return { kind: 'known-hosts', files: [users, clusters] };
    case 'trust-on-first-use':
      return { kind: 'trust-on-first-use', file: clusters, files: [users, clusters] };
  }
}
