import { setTimeout as delay } from 'node:timers/promises';
import { certificates } from './certificates.js';
import { FakeCluster } from './cluster.js';
import { Disk } from './disk.js';
import type { World } from './world.js';

/** How a machine and the way to it behave. May be changed at any time. */
export interface Behaviour {
  /** Milliseconds that a round trip takes. */
  latencyMs: number;
  /** Nothing answers at its address. */
  unreachable: boolean;
  /** Every so-many-th script loses its connection on the way; 0: none does. */
  dropEvery: number;
  /** What happens at a moment of a script, before what the moment is named after is done. */
  at: ((moment: Moment) => Happening | undefined) | undefined;
}

export interface Moment {
  /** A statement of a script, or a phase of kubeadm. */
  readonly name: string;
  /** Counted over the machine's life. */
  readonly number: number;
}

/** The connection is cut; the machine boots anew, which takes a while; its disk is full from now on. */
export type Happening = 'cut' | 'reboot' | 'disk full';

/** Thrown inside of a script whose connection has gone: it was ended where it was. */
export class Cut extends Error {}

interface Unit {
  active: boolean;
  enabled: boolean;
  startedAt: number;
}

/** A machine without a process in it: its disk, its services and how far kubeadm has come. */
export class FakeMachine {
  readonly name: string;
  readonly address: string;
  readonly world: World;
  readonly disk = new Disk();
  /** References in containerd. */
  readonly images = new Set<string>();
  /** Static pods that run. */
  readonly pods = new Set<string>();
  readonly behaviour: Behaviour = { latencyMs: 0, unreachable: false, dropEvery: 0, at: undefined };
  /** Names of all moments that were reached. */
  readonly history: string[] = [];
  readonly units = new Map<string, Unit>();
  /** Connections and scripts so far, and how many connections are open. */
  readonly traffic = { connections: 0, scripts: 0, open: 0 };
  on = true;
  ipForward = false;
  freeBytes = 40 * 2 ** 30;
  /** How long a reboot takes, in milliseconds. */
  bootMs = 20;
  /** Resolves when the last reboot is over. */
  booted: Promise<void> = Promise.resolve();

  constructor(name: string, address: string, world: World) {
    this.name = name;
    this.address = address;
    this.world = world;
  }

  /** Has been reached, unless something that was asked for happens instead. */
  moment(name: string): void {
    this.history.push(name);
    const happening = this.behaviour.at?.({ name, number: this.history.length });
    if (happening === 'disk full') this.freeBytes = 0;
    if (happening === 'reboot') this.reboot();
    if (happening === 'cut' || !this.on) throw new Cut(`cut at ${name}`);
  }

  isActive(unit: string): boolean {
    return this.units.get(unit)?.active === true;
  }

  unit(name: string): Unit {
    const known = this.units.get(name) ?? { active: false, enabled: false, startedAt: 0 };
    this.units.set(name, known);
    return known;
  }

  /** As systemd would: a kubelet without its configuration is passed over. */
  start(name: string): void {
    const unit = this.unit(name);
    if (name === 'kubelet' && !this.disk.exists(KUBELET_CONFIG)) return;
    if (!unit.active) unit.startedAt = this.history.length + 1;
    unit.active = true;
    this.settle();
    if (name === 'kubelet') this.#register();
  }

  stop(name: string): void {
    if (name === 'kubelet') this.#sayReady();
    this.unit(name).active = false;
  }

  powerOff(): void {
    this.#sayReady();
    this.on = false;
    this.pods.clear();
    for (const unit of this.units.values()) unit.active = false;
  }

  powerOn(): void {
    this.on = true;
    this.disk.remove('/run');
    this.ipForward = this.disk.exists('/etc/sysctl.d/90-kubewright.conf');
    for (const [name, unit] of this.units) if (unit.enabled) this.start(name);
    this.settle();
  }

  reboot(): void {
    this.powerOff();
    this.booted = delay(this.bootMs).then(() => this.powerOn());
  }

  /** What the kubelet does by itself: static pods run as their manifests say. */
  settle(): void {
    if (!this.isActive('kubelet') || !this.isActive('containerd')) return;
    for (const pod of STATIC_PODS) {
      if (!this.disk.exists(`${MANIFESTS}/${pod}.yaml`)) this.pods.delete(pod);
      else if (pod === 'etcd') this.#runEtcd();
      else this.pods.add(pod);
    }
  }

  /** The cluster whose data etcd has here. */
  get etcdCluster(): FakeCluster | undefined {
    return this.world.cluster(this.disk.text(ETCD_DATA).split(' ')[0]);
  }

  /** Hexadecimal id of the member whose data etcd has here. */
  get etcdMember(): string | undefined {
    return this.disk.text(ETCD_DATA).split(' ')[1];
  }

  get servesApi(): boolean {
    const cluster = this.etcdCluster;
    if (!this.on || !this.pods.has('kube-apiserver') || cluster === undefined) return false;
    const own = cluster.members.find(({ id }) => id.toString(16) === this.etcdMember);
    return own !== undefined && cluster.isHealthy(own);
  }

  /** The cluster that this machine's load balancer leads to, if one of its servers answers. */
  balancedCluster(): FakeCluster | undefined {
    if (!this.isActive('kubewright-api')) return undefined;
    const servers = this.disk.text('/etc/kubewright/haproxy/haproxy.cfg').matchAll(/^ {2}server \S+ (\S+):\d+$/gm);
    for (const [, address = ''] of servers) {
      const server = this.world.at(address);
      if (server?.servesApi === true && server.etcdCluster?.quorate === true) return server.etcdCluster;
    }
    return undefined;
  }

  #runEtcd(): void {
    if (!this.disk.exists(ETCD_DATA)) {
      const [, existing] = /existing cluster (\S+)/.exec(this.disk.text(`${MANIFESTS}/etcd.yaml`)) ?? [];
      if (existing === undefined) {
        this.#beginEtcd();
        return;
      }
      const cluster = this.world.cluster(existing);
      const member = cluster?.members.find(({ address }) => address === this.address);
      if (cluster === undefined || member === undefined) return;
      member.name = this.name;
      this.disk.write(ETCD_DATA, `${cluster.id} ${member.id.toString(16)}`);
    }
    const known = this.etcdCluster?.members.some(({ id }) => id.toString(16) === this.etcdMember);
    // One that was removed from the membership ends itself.
    if (known) this.pods.add('etcd');
    else this.pods.delete('etcd');
  }

  #beginEtcd(): void {
    const cluster = new FakeCluster(`cluster-${this.world.clusters.length + 1}`, this.world);
    this.world.clusters.push(cluster);
    this.world.note(this.name, 'etcd begun');
    const member = { id: 0x8e9e05c52164694dn, name: this.name, address: this.address, learner: false };
    cluster.members.push(member);
    this.disk.write(ETCD_DATA, `${cluster.id} ${member.id.toString(16)}`);
    this.disk.write('/etc/kubernetes/pki/ca.crt', certificates().certificate);
    this.pods.add('etcd');
  }

  /** The last word of a kubelet. */
  #sayReady(): void {
    for (const cluster of this.world.clusters) {
      const node = cluster.nodes.get(this.name);
      if (node?.machine === this) cluster.isReady(node);
    }
  }

  /** A kubelet that starts with an identity that the cluster gave it makes its Node where there is none. */
  #register(): void {
    const [, id] = /cluster: (\S+)/.exec(this.disk.text('/etc/kubernetes/kubelet.conf')) ?? [];
    const cluster = id === 'own' ? this.etcdCluster : this.world.cluster(id);
    const [, taints = '[]'] = /taints: (.*)/.exec(this.disk.text(KUBELET_CONFIG)) ?? [];
    cluster?.register(this, JSON.parse(taints) as readonly object[]);
  }
}

export const MANIFESTS = '/etc/kubernetes/manifests';
export const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml';
const ETCD_DATA = '/var/lib/etcd/member/wal';
export const STATIC_PODS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
