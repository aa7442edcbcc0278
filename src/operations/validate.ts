import { formatDiagnostics } from '../config/diagnostics.js';
import { loadConfig } from '../config/load.js';
import type { ValidateResult } from './results.js';

/** Checks a config file and nothing else: offline, no machine is touched. What is wrong is in the result; it never rejects. */
export async function validate(request: { readonly file: string }): Promise<ValidateResult> {
  const config = await loadConfig(request.file);
  const { file, text } = config;
  if (!config.ok) {
    const { diagnostics } = config;
    return { file, valid: false, diagnostics, report: formatDiagnostics(diagnostics, text) };
  }
  const { cluster, warnings } = config;
  const controlPlanes = cluster.nodes.filter(({ roles }) => roles.includes('control-plane')).length;
  return {
    file,
    valid: true,
    cluster: {
      name: cluster.name,
      version: cluster.kubernetes.version,
      controlPlanes,
      workers: cluster.nodes.length - controlPlanes,
    },
    diagnostics: warnings,
    report: formatDiagnostics(warnings, text),
  };
}
