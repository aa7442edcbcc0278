import { KubewrightError } from '../core/errors.js';
import { configError } from './diagnostics.js';
import { readDocument } from './document.js';
import { withDefaultPools } from './edit/default-pools.js';
import { withEntry, withoutEntry } from './edit/entries.js';
import { impossible } from './edit/impossible.js';
import { machineLines } from './edit/machine.js';
import { withNumbers } from './edit/numbers.js';
import { listAt, nodeAt } from './edit/place.js';
import { verified } from './edit/verified.js';
import { parseConfig, type ValidConfig } from './load.js';
import { nearest } from './nearest.js';
import { numbersOf, type PlacedNode, placedNodes, poolsOf } from './nodes.js';
import { type Config, configSchema, type HostConfig, type PoolConfig } from './schema/v1alpha1.js';
import { shown } from './shown.js';

/*
 * Edits of a cluster.yaml as text: all other lines stay as they are to the byte. The text must be a valid config
 * (`config-invalid`), and so must the outcome be: an edit that would break a rule is refused and says which
 * (`edit-impossible`). Pools that are only there by default are written out. `file` is what messages call the text.
 */

/** The text in which a pool that is counted has that many machines: further ones get the lowest numbers that are free, and the highest go first. */
export function setPoolCount(text: string, pool: string, count: number, file = 'cluster.yaml'): string {
  const before = read(text, file);
  const { count: now = 0, except = [] } = countedPool(before, pool);
  if (count === now) return text;
  const numbers = () => numbersOf({ count, except });
  // Growing leaves alone what somebody wrote there for numbers yet to come.
  const left = count > now || !(count >= 0) ? except : except.filter((number) => number < (numbers().at(-1) ?? 0));
  return verified(before.config, withNumbers(writtenOut(before, text), pool, count, left), () => [
    ...namesOf(before.nodes.filter(({ node }) => node.pool !== pool)),
    ...numbers().map((number) => `${pool}-${number}`),
  ]);
}

/** The text in which a pool that is counted has `more` machines. */
export function addNodes(text: string, pool: string, more: number, file = 'cluster.yaml'): string {
  if (!(more >= 1)) throw impossible(`${more} machines cannot be added`, 'Say how many: a whole number from 1 on.');
  return setPoolCount(text, pool, (countedPool(read(text, file), pool).count ?? 0) + more, file);
}

/**
 * The text without these nodes, all others under the names they have: of a pool that is counted, `except` names the
 * numbers that are missing below the highest. Errors besides: `unknown-host`.
 */
export function removeNodes(text: string, names: readonly string[], file = 'cluster.yaml'): string {
  const before = read(text, file);
  const gone = new Set(names);
  for (const name of gone) if (!namesOf(before.nodes).includes(name)) throw unknownNode(name, before);
  if (gone.size === 0) return text;
  const stay = namesOf(before.nodes).filter((name) => !gone.has(name));
  let edited = writtenOut(before, text);
  for (const [pool, { hosts, ...numbered }] of poolsOf(before.value)) {
    const left = numbersOf(numbered).filter((number) => !gone.has(`${pool}-${number}`));
    if (hosts !== undefined) edited = withoutHosts(edited, pool, gone);
    else if (left.length < (numbered.count ?? 0)) {
      const missing = numbersOf({ count: (left.at(-1) ?? 0) - left.length, except: left });
      edited = withNumbers(edited, pool, left.length, missing);
    }
  }
  return verified(before.config, edited, () => stay);
}

/** The text with a machine more at the end of a pool that lists its machines, written as the one before it is. */
export function addHost(text: string, pool: string, host: HostConfig, file = 'cluster.yaml'): string {
  const before = read(text, file);
  const { hosts } = poolNamed(before, pool);
  if (hosts === undefined) {
    const hint = `Change its count instead: nodes.${pool}.count.`;
    throw impossible(`nodes.${pool} counts its machines, which the provider local makes: none can be listed`, hint);
  }
  const path = ['nodes', pool, 'hosts'];
  const { document } = readDocument(text);
  const { length } = listAt(document, path).items;
  const lines = machineLines(host, nodeAt(document, [...path, length - 1]), text);
  return verified(before.config, withEntry(text, path, length, lines), () => [...namesOf(before.nodes), host.name]);
}

/** A valid text, before it is edited. */
interface Before {
  readonly config: ValidConfig;
  readonly value: Config;
  readonly nodes: readonly PlacedNode[];
}

function read(text: string, file: string): Before {
  const config = parseConfig(text, file);
  if (!config.ok) throw configError(config.diagnostics, text);
  const value = configSchema.parse(config.document.toJS());
  return { config, value, nodes: placedNodes(value) };
}

function writtenOut({ value }: Before, text: string): string {
  return value.nodes === undefined ? withDefaultPools(text) : text;
}

function withoutHosts(text: string, pool: string, gone: ReadonlySet<string>): string {
  const path = ['nodes', pool, 'hosts'];
  const { document } = readDocument(text);
  const hosts: readonly HostConfig[] = listAt(document, path).toJS(document);
  const index = hosts.findLastIndex(({ name }) => gone.has(name));
  return index === -1 ? text : withoutHosts(withoutEntry(text, path, index), pool, gone);
}

function countedPool(before: Before, name: string): PoolConfig {
  const pool = poolNamed(before, name);
  if (pool.hosts === undefined) return pool;
  const hint = 'Add or remove its machines one by one, by their names.';
  throw impossible(`nodes.${name} lists its machines: it has no number that could be set`, hint);
}

function poolNamed({ value, config }: Before, name: string): PoolConfig {
  const pools = new Map(poolsOf(value));
  const pool = pools.get(name);
  if (pool !== undefined) return pool;
  throw impossible(`${config.file} has no pool ${shown(name)}`, suggestion(name, [...pools.keys()], 'The pools'));
}

function unknownNode(name: string, { nodes, config }: Before): KubewrightError {
  const hint = suggestion(name, namesOf(nodes), 'The nodes');
  return new KubewrightError('unknown-host', `${config.file} has no node ${shown(name)}`, { hint });
}

function suggestion(name: string, known: readonly string[], what: string): string {
  const near = nearest(name, known);
  return near === undefined ? `${what}: ${known.join(', ')}.` : `Did you mean ${near}?`;
}

function namesOf(nodes: readonly PlacedNode[]): readonly string[] {
  return nodes.map(({ node }) => node.name);
}
