import type { KubeNode } from '../../../src/kube/objects.js';
import type { FakeMachine } from './machine.js';
import type { World } from './world.js';

export interface FakeMember {
  readonly id: bigint;
  /** Empty until it has started. */
  name: string;
  readonly address: string;
  learner: boolean;
}

export interface FakeNode {
  object: KubeNode;
  readonly machine: FakeMachine;
  /** What its kubelet said last: nobody takes that back before most of a minute has gone by, which no test waits for. */
  ready: boolean;
}

/** What etcd holds of one cluster, and who its members are. */
export class FakeCluster {
  readonly id: string;
  readonly members: FakeMember[] = [];
  readonly nodes = new Map<string, FakeNode>();
  /** By API path: ConfigMaps, DaemonSets, Deployments, Secrets. */
  readonly objects = new Map<string, object>();
  /** Bootstrap tokens that are valid. */
  readonly tokens = new Set<string>();
  /** Keys that the shared certificates can be decrypted with. */
  readonly certificateKeys = new Set<string>();
  /** Requests that changed something: "PATCH /api/v1/nodes/cp-1". */
  readonly writes: string[] = [];
  readonly #world: World;
  #lastMember = 0x8e9e05c52164694dn;

  constructor(id: string, world: World) {
    this.id = id;
    this.#world = world;
  }

  addMember(machine: FakeMachine, name: string, learner: boolean): FakeMember {
    if (!this.quorate) throw new Error('etcdserver: re-configuration failed due to not enough started members');
    if (this.members.some(({ address }) => address === machine.address)) {
      throw new Error('etcdserver: Peer URLs already exists');
    }
    this.#lastMember += 1n;
    const member = { id: this.#lastMember, name, address: machine.address, learner };
    this.members.push(member);
    this.#world.note(machine.name, 'member added');
    return member;
  }

  /** By hexadecimal id. */
  removeMember(id: string): void {
    const member = this.members.find((candidate) => candidate.id.toString(16) === id);
    if (member === undefined) throw new Error(`Error: member not found: ${id}`);
    if (!this.quorate) throw new Error('etcdserver: re-configuration failed due to not enough started members');
    this.members.splice(this.members.indexOf(member), 1);
    this.#world.note(member.name || member.address, 'member removed');
  }

  isHealthy(member: FakeMember): boolean {
    const machine = this.#world.at(member.address);
    return machine?.on === true && machine.pods.has('etcd') && machine.etcdMember === member.id.toString(16);
  }

  /** Have the voters a majority? Without one nothing can be read or written. */
  get quorate(): boolean {
    const voters = this.members.filter(({ learner }) => !learner);
    return voters.filter((member) => this.isHealthy(member)).length > voters.length / 2;
  }

  /** Does any API server of it answer? */
  get answering(): boolean {
    return this.members.some((member) => this.#world.at(member.address)?.servesApi === true) && this.quorate;
  }

  register(machine: FakeMachine, taints: readonly object[]): void {
    if (this.nodes.get(machine.name)?.machine === machine) return;
    const object = {
      metadata: { name: machine.name, labels: { 'kubernetes.io/os': 'linux' } },
      spec: { taints },
    } as KubeNode;
    this.nodes.set(machine.name, { object, machine, ready: false });
  }

  /** As the API tells it: also of a node that was lost a moment ago. */
  isReady(node: FakeNode): boolean {
    node.ready ||= this.#runsPods(node);
    return node.ready;
  }

  /** The controller manager notices which nodes are gone. */
  noticeLostNodes(): void {
    for (const node of this.nodes.values()) node.ready = this.#runsPods(node);
  }

  #runsPods({ machine }: FakeNode): boolean {
    return machine.on && machine.isActive('kubelet') && this.hasNetwork;
  }

  get hasNetwork(): boolean {
    return [...this.objects.keys()].some((path) => path.includes('/daemonsets/kube-flannel'));
  }

  get nodesWithPods(): number {
    return [...this.nodes.values()].filter((node) => this.#runsPods(node)).length;
  }
}
