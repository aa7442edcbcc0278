import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import * as z from 'zod';
import { errorCode } from './file-error.js';

/** Who holds a lock: the content of the lock file. */
export type LockOwner = z.infer<typeof ownerSchema>;

const ownerSchema = z.object({
  /** Of this one acquisition, never used again. */
  id: z.string(),
  user: z.string(),
  host: z.string(),
  /** The machine since it was booted, and its namespace of process ids; empty where that cannot be told. */
  machine: z.string(),
  pid: z.number().int().positive(),
  /** When the process began, in the kernel's ticks since boot: tells it from a later one with the same number. Empty likewise. */
  processStarted: z.string(),
  verb: z.string(),
  /** ISO 8601, UTC. */
  started: z.iso.datetime(),
});

/** This process, about to do `verb`. */
export function thisOwner(verb: string): LockOwner {
  return {
    id: randomBytes(8).toString('hex'),
    user: userName(),
    host: hostname(),
    machine: thisMachine(),
    pid: process.pid,
    processStarted: processStart(process.pid) ?? '',
    verb,
    started: new Date().toISOString(),
  };
}

/** "`up` by anna on laptop (process 4711)". */
export function describeOwner({ verb, user, host, pid }: LockOwner): string {
  return `\`${verb}\` by ${user} on ${host} (process ${pid})`;
}

/** The owner that a lock file names; undefined while it is being written, or when it is damaged. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Does the owner's process still live? `unknown` where that cannot be told from here: it is on another machine or
 * in another container, or the platform does not say whether a process of that number is still the same.
 */
export function liveness(owner: LockOwner): 'alive' | 'dead' | 'unknown' {
  if (owner.host !== hostname() || owner.machine !== thisMachine()) return 'unknown';
  if (owner.processStarted !== '') return processStart(owner.pid) === owner.processStarted ? 'alive' : 'dead';
  try {
    process.kill(owner.pid, 0);
    return 'unknown';
  } catch (error) {
    return errorCode(error) === 'ESRCH' ? 'dead' : 'unknown';
  }
}

/** Linux: the boot's id and the namespace of process ids (proc(5), namespaces(7)). */
function thisMachine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Linux: field 22 of /proc/PID/stat (proc(5)). Undefined where there is no such process, or no /proc. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in parentheses and may contain both of them and spaces; fields count from after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not have a name.
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
