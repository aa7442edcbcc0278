import { KubewrightError } from '../../core/errors.js';

/** The error for a cluster that has no tunnel. */
export function tunnelAbsent(cluster: string): KubewrightError {
  return new KubewrightError(
    'tunnel-absent',
    `Nothing is kept here of a tunnel to cluster ${JSON.stringify(cluster)}`,
    {
      hint: '`kubewright kubeconfig --merge --tunnel` prepares one, with a context that goes through it.',
    },
  );
}
