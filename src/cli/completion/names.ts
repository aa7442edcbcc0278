import type { Operations } from '../operations.js';
import type { NameSource } from './candidates.js';

/** The names of this machine's clusters and of a configuration's hosts; none where they cannot be had: nobody reads errors at a Tab. */
export function namesFrom(operations: () => Promise<Pick<Operations, 'listClusters' | 'validate'>>): NameSource {
  return {
    async hosts(file) {
      const { cluster } = await (await operations()).validate({ file });
      return cluster?.nodes.map(({ name }) => name) ?? [];
    },
    async clusters() {
      const { listClusters } = await operations();
      return listClusters().catch(() => []);
    },
  };
}
