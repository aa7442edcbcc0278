import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { configError } from '../config/diagnostics.js';
import { parseConfig } from '../config/load.js';
import { renderTemplate, type TemplateAnswers } from '../config/template.js';
import { KubewrightError } from '../core/errors.js';
import { writeFileAtomically } from '../state/atomic-file.js';
import type { InitResult } from './results.js';

/** What `init` is to write, and where. */
export interface InitRequest {
  readonly file: string;
  readonly answers: TemplateAnswers;
  /** Overwrites what is there. */
  readonly force: boolean;
}

/**
 * Writes a new cluster.yaml, whole or not at all. Errors: `config-invalid` when the answers make no valid
 * config, `file-exists` unless forced, `file-not-writable`.
 */
export async function init(request: InitRequest): Promise<InitResult> {
  const { file, answers, force } = request;
  const text = renderTemplate(answers);
  const config = parseConfig(text, file);
  if (!config.ok) throw configError(config.diagnostics, config.text);
  if (!force && (await exists(file))) {
    throw new KubewrightError('file-exists', `${file} is there already`, {
      hint: 'Name another file with --file, or overwrite it with --force.',
    });
  }
  try {
    // A folder that is missing is more likely misspelt than meant.
    await realpath(dirname(file));
    await writeFileAtomically(file, text, { mode: 0o644 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubewrightError('file-not-writable', `${file} could not be written: ${why}`, { cause });
  }
  return { file, cluster: config.cluster.name };
}

/** The first thing that is wrong with answers; undefined when they make a valid config. */
export function answersProblem(answers: TemplateAnswers): string | undefined {
  const config = parseConfig(renderTemplate(answers), 'cluster.yaml');
  if (config.ok) return undefined;
  return config.diagnostics.find(({ severity }) => severity === 'error')?.message;
}

/** What is written when nothing is answered: the defaults of cluster.yaml itself. */
export function defaultAnswers(): TemplateAnswers {
  const name = 'demo';
  const config = parseConfig(`{apiVersion: kubewright/v1alpha1, name: ${name}, provider: {local: {}}}`, 'cluster.yaml');
  if (!config.ok) throw configError(config.diagnostics, config.text);
  const { nodes, kubernetes } = config.cluster;
  const controlPlanes = nodes.filter(({ roles }) => roles.includes('control-plane')).length;
  return {
    name,
    provider: 'local',
    controlPlanes,
    workers: nodes.length - controlPlanes,
    kubernetesVersion: kubernetes.version,
  };
}

/** Also true for a dangling link and a folder: whatever has the name must not be replaced unasked. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
