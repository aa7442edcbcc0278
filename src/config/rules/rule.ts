import type { PlacedNode } from '../nodes.js';
import type { Problem } from '../problem.js';
import type { Config } from '../schema/v1alpha1.js';

/** Something that has to hold between fields, each of which is fine by itself. */
export interface Rule {
  /** What has to hold, as a sentence for the reference. */
  readonly about: string;
  readonly check: (config: Config, nodes: readonly PlacedNode[]) => readonly Problem[];
}
