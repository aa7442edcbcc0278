import { readFile } from 'node:fs/promises';
import { KubewrightError } from '../../core/errors.js';
import { writeFileAtomically } from '../../state/atomic-file.js';
import { errorCode, fileError } from '../../state/file-error.js';
import type { ApiServer } from '../relay/dial.js';
import type { TunnelPlaces } from './places.js';

/** Where a cluster's API servers are. */
export interface ServerList {
  /** PEM. */
  readonly ca: string;
  readonly servers: readonly ApiServer[];
}

/** The administrator's certificate and key, PEM. */
export interface AdminCredentials {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Writes where the API servers are, for the tunnel that runs and for those to come: a running one takes it over within a
 * second or two. To be called whenever a control plane came, went or moved. False where nothing was to be changed.
 */
export function writeServers(places: TunnelPlaces, list: ServerList): Promise<boolean> {
  return write(places.servers, list, `write the API servers of ${places.cluster}`);
}

/** What `writeServers` wrote; undefined where nothing was written. Errors: `state-invalid`. */
export function readServers(places: TunnelPlaces): Promise<ServerList | undefined> {
  return read(places.servers, isServerList);
}

/** Keeps the administrator's credentials (mode 0600) for kubectl to ask for. False where nothing was to be changed. */
export function writeCredentials(places: TunnelPlaces, { certificate, key }: AdminCredentials): Promise<boolean> {
  return write(places.credentials, { certificate, key }, `write the credentials of ${places.cluster}`);
}

/** What `writeCredentials` wrote; undefined where nothing was written. Errors: `state-invalid`. */
export function readCredentials(places: TunnelPlaces): Promise<AdminCredentials | undefined> {
  return read(places.credentials, isCredentials);
}

/** The port that was chosen for a cluster; undefined before that. Errors: `state-invalid`. */
export async function readPort(places: TunnelPlaces): Promise<number | undefined> {
  return (await read(places.settings, isSettings))?.port;
}

/** Chooses a port for good. */
export function writePort(places: TunnelPlaces, port: number): Promise<boolean> {
  return write(places.settings, { port }, `write the settings of the tunnel of ${places.cluster}`);
}

/** Of a file that a newer kubewright wrote, nothing can be said. */
const VERSION = 1;

async function write(path: string, content: object, doing: string): Promise<boolean> {
  const text = `${JSON.stringify({ version: VERSION, ...content }, undefined, 2)}\n`;
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false;
  await writeFileAtomically(path, text, { doing });
  return true;
}

/** By hand, not with zod: kubectl waits for it, and to load that takes longer than all the rest. */
async function read<Content>(
  path: string,
  is: (value: Fields) => value is Content & Fields,
): Promise<Content | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read a file of the tunnel', path);
  }
  const value = parsed(text);
  if (isFields(value) && value['version'] === VERSION && is(value)) return value;
  throw new KubewrightError('state-invalid', `${path} is damaged, or another version of kubewright wrote it`, {
    hint: '`kubewright kubeconfig --merge --tunnel` writes it anew.',
  });
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isServerList(value: Fields): value is Fields & ServerList {
  const { ca, servers } = value;
  return typeof ca === 'string' && Array.isArray(servers) && servers.every(isServer);
}

function isServer(value: unknown): boolean {
  return (
    isFields(value) && typeof value['name'] === 'string' && typeof value['host'] === 'string' && isPort(value['port'])
  );
}

function isCredentials(value: Fields): value is Fields & AdminCredentials {
  return typeof value['certificate'] === 'string' && typeof value['key'] === 'string';
}

function isSettings(value: Fields): value is Fields & { readonly port: number } {
  return isPort(value['port']);
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536;
}
