import type { z } from 'zod';
import type { Path } from './problem.js';
import { API_VERSION, type Config, configSchema } from './schema/v1alpha1.js';

/** What is left of a config that does not fit the schema. */
export interface Salvage {
  /** It fits: what did not is left out, or replaced by a stand-in where there must be something. */
  readonly config: Config;
  /** Where something was left out or replaced: rules must draw no conclusions from there. */
  readonly unusable: readonly Path[];
}

type Container = Record<string | number, unknown>;

/**
 * Makes a config fit, so that the rules between fields can be asked in the same run that reports wrong fields.
 * Undefined when nothing usable is left.
 */
export function salvage(input: unknown): Salvage | undefined {
  let candidate: unknown = structuredClone(input);
  const unusable: Path[] = [];
  for (let round = 0; round < 10; round++) {
    const result = configSchema.safeParse(candidate);
    if (result.success) return { config: result.data, unusable };
    for (const issue of result.error.issues) {
      for (const path of pathsOf(issue)) {
        if (path.length === 0) candidate = {};
        else unusable.push(takeOut(candidate, path));
      }
    }
  }
  return undefined;
}

function pathsOf(issue: z.core.$ZodIssue): readonly Path[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

/** Takes the value at a path out and answers the path that has become unusable: that, or a parent. */
function takeOut(candidate: unknown, path: Path): Path {
  const parentPath = path.slice(0, -1);
  const parent = containerAt(candidate, parentPath);
  const last = path.at(-1);
  if (parent === undefined || last === undefined) return path;
  const isMachine = path.length === 4 && path[0] === 'nodes' && path[2] === 'hosts';
  if (isMachine) parent[last] = {};
  else if (Array.isArray(parent)) return takeOut(candidate, parentPath);
  else if (parent[last] !== undefined) delete parent[last];
  else if (STAND_INS.has(last)) parent[last] = STAND_INS.get(last)?.(path);
  else return takeOut(candidate, parentPath);
  // Which provider it is and which nodes there are follows from what these two have in them as a whole.
  return path.length === 2 && (path[0] === 'nodes' || path[0] === 'provider') ? parentPath : path;
}

/** What takes the place of a missing field. They are different for each path and lie in no network. */
const STAND_INS: ReadonlyMap<string | number, (path: Path) => unknown> = new Map<string, (path: Path) => unknown>([
  ['apiVersion', () => API_VERSION],
  ['name', (path) => (path.length === 1 ? 'stand-in' : standIn(path))],
  ['address', (path) => `${standIn(path)}.invalid`],
  ['provider', () => ({ local: {} })],
]);

function standIn(path: Path): string {
  return `stand-in-${path.join('-').slice(-40)}`;
}

function containerAt(value: unknown, path: Path): Container | undefined {
  for (const part of path) value = isContainer(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return isContainer(value) ? value : undefined;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
