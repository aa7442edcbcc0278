import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import ssh2 from 'ssh2';

/** A key that an agent holds. */
export interface AgentKey {
  readonly key: ParsedKey;
  /** Stands for an agent that holds this key alone. */
  readonly agent: InstanceType<typeof ssh2.BaseAgent>;
}

/** The keys of the agent at `socket`, in its own order. Rejects when it does not answer within `timeoutMs`. */
export function agentKeys(socket: string, timeoutMs = 5000): Promise<readonly AgentKey[]> {
  const agent = ssh2.createAgent(socket);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it does not answer')), timeoutMs);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) return reject(error);
      resolve((keys ?? []).flatMap((key) => (isKey(key) ? [{ key, agent: new OneKeyAgent(agent, key) }] : [])));
    });
  });
}

/** Certificates and security keys come as types that ssh2 cannot offer; it hands them over as something else. */
function isKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key;
}

/** ssh2 tries all keys of an agent in one go; one at a time, they can be counted and named. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: InstanceType<typeof ssh2.BaseAgent>;
  readonly #key: ParsedKey;

  constructor(agent: InstanceType<typeof ssh2.BaseAgent>, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}
