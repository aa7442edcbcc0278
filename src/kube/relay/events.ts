import type { ApiServer } from './dial.js';

/** What a relay has to say. Only changes are said: a client that tries again and again makes no lines. */
export type RelayEvent =
  | { readonly kind: 'using'; readonly server: ApiServer }
  | { readonly kind: 'failing'; readonly server: ApiServer; readonly why: string }
  /** Connections were ended, so that their clients go to a server that lives. */
  | { readonly kind: 'cut'; readonly server: ApiServer; readonly connections: number }
  | { readonly kind: 'ready'; readonly server: ApiServer }
  /** A connection found no server at all. */
  | { readonly kind: 'none'; readonly why: string }
  /** The list of servers was read anew. */
  | { readonly kind: 'servers'; readonly servers: readonly ApiServer[] }
  | { readonly kind: 'full'; readonly connections: number };

/** An event as a line for people. */
export function relayLine(event: RelayEvent): string {
  switch (event.kind) {
    case 'using':
      return `connections go to ${shown(event.server)}`;
    case 'failing':
      return `${shown(event.server)} is not ready: ${event.why}`;
    case 'cut':
      return `${event.connections} connections to ${event.server.name} were ended, to be opened to another server`;
    case 'ready':
      return `${shown(event.server)} is ready again`;
    case 'none':
      return `no API server takes a connection: ${event.why}`;
    case 'servers':
      return `the API servers are ${event.servers.map(shown).join(', ')}`;
    case 'full':
      return `there are ${event.connections} connections: more are turned away`;
  }
}

/** Is it something that a person should look at? */
export function isWarning({ kind }: RelayEvent): boolean {
  return kind === 'failing' || kind === 'none' || kind === 'full';
}

function shown({ name, host, port }: ApiServer): string {
  return `${name} (${host}:${port})`;
}
