import { type ConfigResult, parseConfig } from '../../src/config/load.js';
import type { Cluster } from '../../src/model/cluster.js';

/** "LINE:COLUMN MESSAGE" of every error. */
export function problemsOf(text: string): readonly string[] {
  return errorsOf(text).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** The hint of every error. */
export function hintsOf(text: string): readonly (string | undefined)[] {
  return errorsOf(text).map(({ hint }) => hint);
}

/** "LINE:COLUMN MESSAGE" of every warning. */
export function warningsOf(text: string): readonly string[] {
  return diagnosticsOf(parseConfig(text, 'cluster.yaml'))
    .filter(({ severity }) => severity === 'warning')
    .map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function errorsOf(text: string) {
  return diagnosticsOf(parseConfig(text, 'cluster.yaml')).filter(({ severity }) => severity === 'error');
}

/** The cluster of a config that must be valid. */
export function clusterOf(text: string, file = 'cluster.yaml'): Cluster {
  const result = parseConfig(text, file);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.cluster;
}

export function diagnosticsOf(result: ConfigResult) {
  return result.ok ? result.warnings : result.diagnostics;
}

/** The first three lines of a config with the provider `local`, then more. */
export function local(more = ''): string {
  return `apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {}}\n${more}`;
}

/** The same with the provider `hosts`. */
export function hosts(more = '', defaults = '{}'): string {
  return `apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {hosts: ${defaults}}\n${more}`;
}
