import type { Emit } from '../core/events.js';
import type { HostOwner } from '../host/held-host.js';
import { describeOwner, thisOwner } from '../state/lock-owner.js';

/** This run, as others are told who want to change the same hosts. */
export function hostOwner(verb: string, emit: Emit): HostOwner {
  const owner = thisOwner(verb);
  return { id: owner.id, description: describeOwner(owner), emit };
}
