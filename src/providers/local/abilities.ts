import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KubewrightError } from '../../core/errors.js';
import { writeFileAtomically } from '../../state/atomic-file.js';
import type { Engine } from './engine.js';
import { runHelper } from './helper.js';
import { lackingCapabilities, type Privileges, privilegeFlags } from './privileges.js';
import { type Probe, startProbe } from './probe.js';

/** What an engine can do and how its containers are reached from here: found out by trying, never by a name. */
export interface Abilities {
  readonly privileges: Privileges;
  /** Can the kernel's modules be mounted into a node, for modprobe? */
  readonly modules: boolean;
  /** Where a container's sshd answered the operator: at its own address, or only at a port published on loopback. */
  readonly reach: 'address' | 'loopback';
  /** What resolves names for containers, loopback left out. */
  readonly resolvers: readonly string[];
}

/**
 * Starts one throwaway container to find it out, once for an engine: the answer is kept in `cacheDirectory`.
 * Errors: `container-engine-unfit` when no node could run or be reached.
 */
export async function findAbilities(
  engine: Engine,
  options: { readonly image: string; readonly cacheDirectory: string; readonly signal: AbortSignal },
): Promise<Abilities> {
  const path = abilitiesPath(engine, options.cacheDirectory);
  const known = await readKnown(path);
  if (known !== undefined) return known;
  const found = await tryOut(engine, options.image, options.signal);
  await writeFileAtomically(path, JSON.stringify(found, undefined, 2));
  return found;
}

/** Has it found out anew the next time: what was believed did not hold. */
export async function forgetAbilities(engine: Engine, cacheDirectory: string): Promise<void> {
  await rm(abilitiesPath(engine, cacheDirectory), { force: true });
}

const Known = z.object({
  privileges: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('privileged') }),
    z.object({ kind: z.literal('capabilities'), lacking: z.array(z.string()) }),
  ]),
  modules: z.boolean(),
  reach: z.enum(['address', 'loopback']),
  resolvers: z.array(z.string()),
});

/** The way to the engine is part of the question: another DOCKER_HOST may reach the same one from elsewhere. */
function abilitiesPath(engine: Engine, cacheDirectory: string): string {
  const about = [
    engine.program,
    engine.id,
    engine.version,
    engine.kernel,
    process.env['DOCKER_HOST'],
    process.env['DOCKER_CONTEXT'],
  ];
  const hash = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 16);
  return join(cacheDirectory, 'engines', `${hash}.json`);
}

async function readKnown(path: string): Promise<Abilities | undefined> {
  try {
    return Known.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Missing or unreadable: it is found out again.
    return undefined;
  }
}

async function tryOut(engine: Engine, image: string, signal: AbortSignal): Promise<Abilities> {
  const privileged = await tryWith(engine, { kind: 'privileged' }, image, signal);
  if (typeof privileged === 'object') return privileged;
  const lacking = await lackingOfEngine(engine, image, signal);
  const restricted = await tryWith(engine, { kind: 'capabilities', lacking }, image, signal);
  if (typeof restricted === 'object') return restricted;
  throw new KubewrightError(
    'container-engine-unfit',
    `${engine.program} starts no container that could be a node: ${restricted}`,
    { hint: `With --privileged it said: ${privileged}` },
  );
}

/** What was found, or the engine's words on why such a container does not start. */
async function tryWith(
  engine: Engine,
  privileges: Privileges,
  image: string,
  signal: AbortSignal,
): Promise<Abilities | string> {
  for (const modules of [true, false]) {
    const flags = [...privilegeFlags(engine, privileges), ...(modules ? MODULES_FLAGS : [])];
    await using probe = await startProbe(engine, { image, flags, token: randomBytes(8).toString('hex'), signal });
    if (probe.started) return { privileges, modules, ...(await look(probe, engine)) };
    if (!modules || !/lib\/modules/.test(probe.why)) return probe.why;
  }
  return 'it does not start';
}

/** Mounts the kernel's modules into a container; an engine whose host has none refuses it. */
export const MODULES_FLAGS = ['--mount', 'type=bind,source=/lib/modules,target=/lib/modules,readonly'] as const;

async function look(
  probe: Probe & { readonly started: true },
  { program }: Engine,
): Promise<Pick<Abilities, 'reach' | 'resolvers'>> {
  const [reach, resolvers] = await Promise.all([probe.reach(), probe.resolvers()]);
  if (reach !== undefined) return { reach, resolvers };
  throw new KubewrightError(
    'container-engine-unfit',
    `Containers of ${program} cannot be reached from this machine: neither at their own addresses nor at ports published on 127.0.0.1`,
    {
      hint: `Run kubewright on the machine that ${program} runs on, or make machines there and use the provider hosts.`,
    },
  );
}

/**
 * What the engine's containers cannot have: the bounding set of the process that starts them, which in the host's
 * process namespace is the parent of a container's first.
 */
async function lackingOfEngine(engine: Engine, image: string, signal: AbortSignal): Promise<readonly string[]> {
  const script =
    'parent=$(sed -n "s/^PPid:[[:space:]]*//p" "/proc/$$/status"); sed -n "s/^CapBnd:[[:space:]]*//p" "/proc/$parent/status"';
  const said = await runHelper(engine, script, [], { image, flags: ['--pid', 'host', '--network', 'none'], signal });
  return /^[0-9a-f]+$/.test(said) ? lackingCapabilities(said) : [];
}
