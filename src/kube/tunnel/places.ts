import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import { errorCode } from '../../state/file-error.js';
import type { ClusterPaths } from '../../state/paths.js';

/** The files of a cluster's tunnel, all in its state folder. */
export interface TunnelPlaces {
  readonly cluster: string;
  /** The port. */
  readonly settings: string;
  /** Where the API servers are, and the CA that they are known by. */
  readonly servers: string;
  /** The administrator's certificate and key. */
  readonly credentials: string;
  readonly log: string;
  /** Where it would be asked and stopped, if paths of sockets could be of any length. */
  readonly socket: string;
}

/** The places of a cluster's tunnel. None of it needs to exist. */
export function tunnelPlaces({ cluster, directory }: ClusterPaths): TunnelPlaces {
  return {
    cluster,
    settings: join(directory, 'tunnel.json'),
    servers: join(directory, 'api-servers.json'),
    credentials: join(directory, 'credentials.json'),
    log: join(directory, 'tunnel.log'),
    socket: join(directory, 'tunnel.sock'),
  };
}

/**
 * The path of the control socket: in the state folder, or where that is too long for sun_path (unix(7): 108 bytes on
 * Linux, 104 elsewhere) in a folder of this user's below $XDG_RUNTIME_DIR or the one for temporary files, which is
 * made. Errors: `state-unwritable` where that folder belongs to somebody else.
 */
export function controlSocket({ socket }: TunnelPlaces, env = process.env): string {
  if (Buffer.byteLength(socket) <= LONGEST_SOCKET) return socket;
  const name = `${createHash('sha256').update(socket).digest('hex').slice(0, 16)}.sock`;
  const runtime = env['XDG_RUNTIME_DIR'] ?? '';
  const folder = runtime === '' ? join(tmpdir(), `kubewright-${process.getuid?.() ?? 0}`) : join(runtime, 'kubewright');
  claim(folder);
  return join(folder, name);
}

const LONGEST_SOCKET = 100;

/** Anybody can make folders below the one for temporary files: ours must be ours, and closed to others. */
function claim(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unusable(folder, String(error));
    const found = lstatSync(folder);
    const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
    if (!isOurs) throw unusable(folder, 'it is no folder of this user alone');
  }
}

function unusable(folder: string, why: string): KubewrightError {
  return new KubewrightError('state-unwritable', `The folder ${folder} cannot hold the socket of a tunnel: ${why}`, {
    hint: 'Remove it, or set XDG_RUNTIME_DIR or KUBEWRIGHT_STATE_DIR to another folder.',
  });
}
