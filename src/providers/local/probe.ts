import { type CallOptions, callEngine, tryEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import { helperName, removeContainer } from './helper.js';
import { labelFlags } from './labels.js';
import { LOOPBACK, SSH_PORT } from './machine.js';
import { awaitBanner } from './ssh-banner.js';

/** A throwaway container with an sshd, to try things on. Dispose removes it. */
export type Probe = AsyncDisposable &
  (
    | { readonly started: false; readonly why: string }
    | {
        readonly started: true;
        /** Where its sshd is reached from here, rather at its own address; undefined: nowhere. */
        reach(): Promise<'address' | 'loopback' | undefined>;
        /** Nameservers that the engine gives to containers on its own network: real ones, no stand-ins on loopback. */
        resolvers(): Promise<readonly string[]>;
      }
  );

export interface ProbeOptions extends Pick<CallOptions, 'signal'> {
  readonly image: string;
  readonly flags: readonly string[];
  /** Shown in its banner, so that another sshd at the same address is not taken for it. */
  readonly token: string;
}

/** Starts one; an engine that does not start it has its reasons told, and that is no error. */
export async function startProbe(engine: Engine, { image, flags, token, signal }: ProbeOptions): Promise<Probe> {
  const name = helperName();
  const args = [
    ...['run', '--detach', '--name', name, ...labelFlags({ helper: 'yes' }), '--publish', `${LOOPBACK}::${SSH_PORT}`],
    ...[...flags, '--entrypoint', '/bin/sh', image, '-c', SCRIPT, 'sh', token],
  ];
  const dispose = { [Symbol.asyncDispose]: () => removeContainer(engine, name) };
  const result = await tryEngine(engine, args, { signal }).catch(async (error: unknown) => {
    await removeContainer(engine, name);
    throw error;
  });
  if (result.code !== 0) {
    return { started: false, why: engineFailure(engine.program, args, result).message, ...dispose };
  }
  return {
    started: true,
    async reach() {
      const where = await callEngine(engine, ['inspect', '--format', WHERE, name], { signal });
      const [port = '', ...addresses] = where.split(' ').filter((word) => word !== '');
      const at = (address: string, seconds: number) =>
        awaitBanner(address, address === LOOPBACK ? Number(port) : SSH_PORT, {
          token,
          signal,
          timeoutMs: seconds * 1000,
        });
      const direct = await Promise.all(addresses.map((address) => at(address, 3)));
      if (direct.includes(true)) return 'address';
      return (await at(LOOPBACK, 5)) ? 'loopback' : undefined;
    },
    async resolvers() {
      const logs = await callEngine(engine, ['exec', name, 'cat', '/etc/resolv.conf'], { signal });
      return [...logs.matchAll(/^nameserver\s+(\S+)/gm)].flatMap(([, address = '']) =>
        /^127\.|^::1$/.test(address) ? [] : [address],
      );
    },
    ...dispose,
  };
}

const WHERE = `{{(index (index .NetworkSettings.Ports "${SSH_PORT}/tcp") 0).HostPort}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}`;

/** sshd reads no configuration: the image's may want keys that are not there. */
const SCRIPT = `mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N '' -f /run/probe_key &&
exec /usr/sbin/sshd -D -e -f /dev/null -h /run/probe_key -o UsePAM=no -o "VersionAddendum=$1"`;
