import type { FakeCluster } from './cluster.js';
import type { FakeMachine } from './machine.js';

/** What was done that may not be done twice, in order. */
export interface Deed {
  readonly host: string;
  readonly what: 'etcd begun' | 'init ended' | 'member added' | 'member removed' | 'joined' | 'reset';
}

/** All fake machines of one test, and the clusters that were made of them. */
export class World {
  /** By node name: the machine that has it now. */
  readonly machines = new Map<string, FakeMachine>();
  /** One for each etcd that began with no data: there must never be two. */
  readonly clusters: FakeCluster[] = [];
  readonly deeds: Deed[] = [];

  note(host: string, what: Deed['what']): void {
    this.deeds.push({ host, what });
  }

  /** How often something was done, on one host or on all. */
  count(what: Deed['what'], host?: string): number {
    return this.deeds.filter((deed) => deed.what === what && (host === undefined || deed.host === host)).length;
  }

  at(address: string): FakeMachine | undefined {
    return [...this.machines.values()].find((machine) => machine.address === address);
  }

  cluster(id: string | undefined): FakeCluster | undefined {
    return this.clusters.find((cluster) => cluster.id === id);
  }
}
