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
  return { file, valid: true, cluster, diagnostics: warnings, report: formatDiagnostics(warnings, text) };
}
