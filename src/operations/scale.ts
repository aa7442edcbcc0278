import { setPoolCount } from '../config/edit.js';
import type { Operator } from './operator.js';
import type { UpResult } from './results.js';
import { type UpRequest, up } from './up.js';

export interface ScaleRequest extends UpRequest {
  /** By pool: how many machines it shall have. */
  readonly pools: Readonly<Record<string, number>>;
}

/**
 * Sets how many machines pools have, in cluster.yaml (its comments stay), and does what `up` does. Errors: those of
 * `up`; `unknown-pool`, `edit-impossible`, and `config-invalid` where the cluster could not be like that.
 */
export function scale({ pools, ...request }: ScaleRequest, operator: Operator): Promise<UpResult> {
  return up(
    {
      verb: 'scale',
      ...request,
      edit: (text) =>
        Object.entries(pools).reduce((edited, [pool, count]) => setPoolCount(edited, pool, count, request.file), text),
    },
    operator,
  );
}
