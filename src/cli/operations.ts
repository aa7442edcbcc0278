/**
 * What the verbs call: the library, as src/index.ts exports it. It is loaded only when a verb runs, so that
 * `--help` and completion start at once; tests hand in their own.
 */
export type Operations = Pick<
  typeof import('../index.js'),
  | 'answersProblem'
  | 'defaultAnswers'
  | 'doctor'
  | 'down'
  | 'exec'
  | 'init'
  | 'kubeconfig'
  | 'listClusters'
  | 'nodeAdd'
  | 'nodeRemove'
  | 'nodeReplace'
  | 'plan'
  | 'reset'
  | 'scale'
  | 'ssh'
  | 'status'
  | 'tunnel'
  | 'up'
  | 'validate'
  | 'watchStatus'
>;

/** The real ones. */
export function loadOperations(): Promise<Operations> {
  return import('../index.js');
}
