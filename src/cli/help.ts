import type { Example } from './command.js';

/** What `kubewright` without a verb shows under the list of verbs. */
export const FIRST_STEPS = `
Start here:
  kubewright init      # asks a few questions and writes cluster.yaml
  kubewright up        # machines, Kubernetes, and a kubeconfig that works

  kubewright help VERB shows examples. The same command again goes on from where it stood.`;

/** The examples of a verb as the last part of its help: the comment above each command. */
export function examplesText(examples: readonly Example[]): string {
  const blocks = examples.map(({ command, comment }) => `  # ${comment}\n  ${command}`);
  return `\nExamples:\n${blocks.join('\n\n')}`;
}
