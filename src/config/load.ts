import { dirname } from 'node:path';
import type { Cluster } from '../model/cluster.js';
import type { Diagnostic } from './diagnostics.js';
import { type ConfigDocument, readDocument } from './document.js';
import { problemsOf } from './issues.js';
import { isPresent, locate } from './locate.js';
import type { Path, Problem } from './problem.js';
import { readText } from './read-text.js';
import { resolve } from './resolve.js';
import { brokenRules } from './rules.js';
import { salvage } from './salvage.js';
import { configSchema } from './schema/v1alpha1.js';
import { placesIn } from './span.js';

/** A config that was read: the cluster it asks for, or everything that is wrong with it. */
export type ConfigResult = ValidConfig | InvalidConfig;

export interface ValidConfig {
  readonly ok: true;
  readonly cluster: Cluster;
  readonly text: string;
  /** As it was named. */
  readonly file: string;
  /** The parsed text with its comments: what an edit of the file starts from. */
  readonly document: ConfigDocument;
  /** What is allowed and yet hardly meant. */
  readonly warnings: readonly Diagnostic[];
}

export interface InvalidConfig {
  readonly ok: false;
  /** In the order of the file; at least one is an error. */
  readonly diagnostics: readonly Diagnostic[];
  /** For `formatDiagnostics`; empty when the file could not be read. */
  readonly text: string;
  readonly file: string;
}

/** Reads and checks a config file. Everything that is wrong with the file is in the result; it never rejects. */
export async function loadConfig(path: string): Promise<ConfigResult> {
  const read = await readText(path);
  if (read.ok) return parseConfig(read.text, path);
  const { message, hint, line = 0 } = read;
  const diagnostic: Diagnostic = { severity: 'error', message, hint, file: path, line, column: Math.min(line, 1) };
  return { ok: false, diagnostics: [diagnostic], text: '', file: path };
}

/**
 * Checks the text of a config and reports all problems at once, those between fields too as long as the fields
 * concerned are fine. `file` is named in diagnostics, and relative paths in the config start at its folder.
 */
export function parseConfig(text: string, file: string): ConfigResult {
  const { document, value, problems: syntax } = readDocument(text);
  const place = placesIn(text);
  const fromSyntax = syntax.map(
    ({ message, hint, span }): Diagnostic => ({ severity: 'error', message, hint, file, ...place(span) }),
  );
  if (value === undefined) return { ok: false, diagnostics: inOrder(fromSyntax), text, file };

  const checked = configSchema.safeParse(value);
  const usable = checked.success ? { config: checked.data, unusable: [] } : salvage(value);
  const problems = [
    ...(checked.success ? [] : problemsOf(checked.error.issues, value)),
    ...(usable === undefined ? [] : brokenRules(usable.config, usable.unusable)),
  ];
  const fromChecks = problems.map((problem): Diagnostic => {
    const { severity, message, hint } = problem;
    return { severity, message, hint, file, ...place(locate(document, placePath(problem, document), problem.at)) };
  });
  const taken = new Set(fromSyntax.map(({ line, column }) => `${line}:${column}`));
  const beside = fromChecks.filter(({ line, column }) => !taken.has(`${line}:${column}`));
  const diagnostics = inOrder([...fromSyntax, ...beside]);
  if (!checked.success || diagnostics.some(({ severity }) => severity === 'error')) {
    return { ok: false, diagnostics, text, file };
  }
  return { ok: true, cluster: resolve(checked.data, dirname(file)), text, file, document, warnings: diagnostics };
}

/** The problem's own path; when the file lacks that (a default is at odds with something), a path in the file that it follows from. */
function placePath({ path, at, because = [] }: Problem, document: ConfigDocument): Path {
  return at === 'key' ? path : ([path, ...because].find((one) => isPresent(document, one)) ?? path);
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
