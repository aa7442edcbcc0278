import { type Document, isMap, isSeq, parseDocument, stringify } from 'yaml';
import { KubewrightError } from '../core/errors.js';
import type { ClientCredentials } from './client.js';
import { EXEC_API } from './tunnel/exec-credential.js';

/** Credentials of an administrator, taken from a kubeconfig such as kubeadm's admin.conf. */
export interface AdminAccess {
  readonly server: string;
  readonly credentials: ClientCredentials;
}

/** Reads server and credentials of the current context. Errors: `kubeconfig-invalid`. */
export function readAdminConf(text: string): AdminAccess {
  const config = parseDocument(text).toJS() as Kubeconfig | null;
  const context = config?.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config?.users?.find(({ name }) => name === context?.user)?.user;
  const ca = decode(cluster?.['certificate-authority-data']);
  const certificate = decode(user?.['client-certificate-data']);
  const key = decode(user?.['client-key-data']);
  if (!cluster?.server || !ca || !certificate || !key) {
    throw new KubewrightError('kubeconfig-invalid', "The control plane's admin.conf lacks a server or credentials", {
      hint: 'Look at /etc/kubernetes/admin.conf on the control plane; `kubeadm init phase kubeconfig admin` writes it anew.',
    });
  }
  return { server: cluster.server, credentials: { ca, certificate, key } };
}

/** The entries that kubewright owns in a kubeconfig: cluster, user and context of one name. */
export interface KubeconfigEntry {
  /** Name of the context and of the cluster; the user is "<name>-admin". */
  readonly name: string;
  readonly server: string;
  /** The name the server's certificate is checked for, when it is not the server's own host. */
  readonly serverName?: string | undefined;
  readonly credentials: ClientCredentials;
  /** Given, it is asked for certificate and key each time, and the kubeconfig holds neither. */
  readonly plugin?: CredentialPlugin | undefined;
}

/** A program that prints credentials (an ExecCredential). */
export interface CredentialPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Shown by kubectl when the command is not there. */
  readonly installHint: string;
}

/** A kubeconfig with this one entry as the current context. */
export function renderKubeconfig(entry: KubeconfigEntry): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [clusterOf(entry)],
    users: [userOf(entry)],
    contexts: [contextOf(entry)],
    'current-context': entry.name,
  };
  // As a merge writes it: else the first merge into it would change its line breaks.
  return stringify(config, { lineWidth: 0 });
}

/**
 * Puts the entry into an existing kubeconfig's text: its own three items are replaced or added, every
 * other item, comment and the current context stay as they are (unless `setCurrent`, or there is none).
 * Errors: `kubeconfig-invalid` where the text is not a kubeconfig; nothing is guessed then.
 */
export function mergeKubeconfig(text: string, entry: KubeconfigEntry, setCurrent: boolean): string {
  if (text.trim() === '') return renderKubeconfig(entry);
  const document = parseKubeconfig(text);
  putItem(document, 'clusters', clusterOf(entry));
  putItem(document, 'users', userOf(entry));
  putItem(document, 'contexts', contextOf(entry));
  if (setCurrent || !document.get('current-context')) document.set('current-context', entry.name);
  return document.toString({ lineWidth: 0 });
}

/** Takes the entry's three items out again; the current context is unset when it was this one. */
export function removeFromKubeconfig(text: string, name: string): { text: string; removed: boolean } {
  if (text.trim() === '') return { text, removed: false };
  const document = parseKubeconfig(text);
  const removed = [
    deleteItem(document, 'clusters', name),
    deleteItem(document, 'users', userName(name)),
    deleteItem(document, 'contexts', name),
  ].some(Boolean);
  if (!removed) return { text, removed };
  if (document.get('current-context') === name) document.set('current-context', '');
  return { text: document.toString({ lineWidth: 0 }), removed };
}

/** The current context's name; empty when none is set. */
export function currentContext(text: string): string {
  if (text.trim() === '') return '';
  return String(parseKubeconfig(text).get('current-context') ?? '');
}

/** Is there an entry of that name, whose credentials a program is asked for? */
export function usesPlugin(text: string, name: string): boolean {
  const config = text.trim() === '' ? undefined : (parseKubeconfig(text).toJS() as Kubeconfig);
  return config?.users?.find((user) => user.name === userName(name))?.user.exec !== undefined;
}

function parseKubeconfig(text: string): Document {
  const document = parseDocument(text);
  const problem = document.errors[0]?.message ?? (isMap(document.contents) ? undefined : 'it is not a mapping');
  if (problem !== undefined) {
    throw new KubewrightError('kubeconfig-invalid', `The kubeconfig cannot be read: ${problem}`, {
      hint: 'Mend or move the file, or name another with --kubeconfig. It was left as it is.',
    });
  }
  return document;
}

function putItem(document: Document, section: string, item: { readonly name: string }): void {
  const list = document.get(section);
  if (!isSeq(list)) {
    document.set(section, document.createNode([item]));
    return;
  }
  const index = list.items.findIndex((node) => isMap(node) && node.get('name') === item.name);
  const node = document.createNode(item);
  // An empty `[]` is in flow style: what we add must not inherit that.
  list.flow = false;
  if (index === -1) list.add(node);
  else list.set(index, node);
}

function deleteItem(document: Document, section: string, name: string): boolean {
  const list = document.get(section);
  if (!isSeq(list)) return false;
  const index = list.items.findIndex((node) => isMap(node) && node.get('name') === name);
  if (index === -1) return false;
  list.delete(index);
  return true;
}

function clusterOf({ name, server, serverName, credentials }: KubeconfigEntry) {
  return {
    name,
    cluster: {
      server,
      ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
      'certificate-authority-data': encode(credentials.ca),
    },
  };
}

function userOf({ name, credentials, plugin }: KubeconfigEntry) {
  if (plugin !== undefined) return { name: userName(name), user: { exec: execOf(plugin) } };
  return {
    name: userName(name),
    user: {
      'client-certificate-data': encode(credentials.certificate),
      'client-key-data': encode(credentials.key),
    },
  };
}

function execOf({ command, args, env, installHint }: CredentialPlugin) {
  return {
    apiVersion: EXEC_API,
    command,
    args,
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    interactiveMode: 'Never',
    provideClusterInfo: false,
    installHint,
  };
}

function contextOf({ name }: KubeconfigEntry) {
  return { name, context: { cluster: name, user: userName(name) } };
}

function userName(name: string): string {
  return `${name}-admin`;
}

function encode(pem: string): string {
  return Buffer.from(pem, 'utf8').toString('base64');
}

function decode(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster: { readonly server?: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users?: readonly {
    readonly name: string;
    readonly user: {
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
      readonly exec?: unknown;
    };
  }[];
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
}
