import type { KubeconfigResult } from '../../operations/results.js';

/** The kubeconfig itself, to be redirected into a file; after a merge, where it went. */
export function printKubeconfig(result: KubeconfigResult & { readonly content: string }, merged: boolean): string {
  if (!merged) return result.content.replace(/\n$/, '');
  const current = result.current ? 'it is the current context' : 'the current context is another one';
  const place = result.form === 'tunnel' ? `${result.server}, through the tunnel` : result.server;
  return `Merged into ${result.path} as context ${result.context} (${place}); ${current}.`;
}
