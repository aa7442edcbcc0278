import type { Readable } from 'node:stream';
import { Cut, type FakeMachine } from './machine.js';
import { runScript, type ScriptSurroundings } from './run-script.js';
import { unquote } from './script.js';

/**
 * The far end of `sh -s` as src/host/root-script.ts speaks to it: takes the script out of the text that it wraps it in,
 * says the token on both streams, runs it. Resolves with its exit code, rejects with `Cut` where the connection broke.
 */
export async function serveShell(
  machine: FakeMachine,
  stdin: Readable,
  options: Pick<ScriptSurroundings, 'out' | 'alive' | 'breaksAt'> & {
    /** Awaited where input follows: that is sent only when the token has come back. */
    readonly roundTrip?: () => Promise<void>;
  },
): Promise<number> {
  const input = new Input(stdin);
  const wrapped = await input.until(END);
  const [, script] = /^\{\nscript=([\s\S]*?)\nLC_ALL=C PATH=/.exec(wrapped) ?? [];
  const [, token] = /^printf '\\n%s\\n' (\S+)$/m.exec(wrapped) ?? [];
  if (script === undefined || token === undefined) throw new Cut('that was no script of ours');
  const isFed = wrapped.includes('( exec <&3 3<&-; eval "$script" )');
  options.out(`\n${token}\n`, 'stdout');
  options.out(`\n${token}\n`, 'stderr');
  if (isFed) await options.roundTrip?.();
  return runScript(machine, unquote(script), {
    ...options,
    read: (bytes) => input.read(bytes),
    // Of a script without input the end of it means that nobody wants it any more.
    alive: () => options.alive() && (isFed || !input.ended),
  });
}

const END = '\nexit "$code"\n}\n';

/** Bytes as they are wanted, of a stream that gives them as they come. */
class Input {
  ended = false;
  #pending: Buffer = Buffer.alloc(0);
  #wake = () => {};

  constructor(source: Readable) {
    const end = () => {
      this.ended = true;
      this.#wake();
    };
    source.on('data', (chunk: Buffer) => {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      this.#wake();
    });
    source.on('end', end);
    source.on('close', end);
    source.on('error', end);
  }

  /** All up to and with the marker. Rejects with `Cut` where the stream ends before. */
  async until(marker: string): Promise<string> {
    for (;;) {
      const at = this.#pending.indexOf(marker);
      if (at !== -1) return this.#take(at + marker.length).toString('utf8');
      if (this.ended) throw new Cut('the connection broke before there was a script');
      await this.#more();
    }
  }

  async read(bytes: number): Promise<Buffer> {
    while (this.#pending.length < bytes && !this.ended) await this.#more();
    return this.#take(bytes);
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
