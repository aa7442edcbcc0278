import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quote, secret, sh } from '../../src/transport/command.js';
import type { RunOptions, Transport } from '../../src/transport/transport.js';

/** What is set up around a transport: closing takes all of it down. */
export interface TransportRig extends AsyncDisposable {
  readonly transport: Transport;
}

/** Every transport behaves like this. `open` makes one whose commands run on a machine with a POSIX shell. */
export function describeTransport(name: string, open: () => Promise<TransportRig>): void {
  describe(`${name}, as every transport`, () => {
    let rig: TransportRig;
    beforeAll(async () => {
      rig = await open();
    });
    afterAll(() => rig[Symbol.asyncDispose]());

    const options = (more: Partial<RunOptions> = {}): RunOptions => ({
      signal: new AbortController().signal,
      timeoutMs: 20_000,
      ...more,
    });

    it('resolves with exit code and both streams, whatever the code is', async () => {
      const result = await rig.transport.run(sh`echo out; echo err >&2; exit 3`, options());
      expect(result).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
      expect(result.truncated).toBeUndefined();
    });

    it('says 128 + n for a command that signal n ended', async () => {
      expect((await rig.transport.run(sh`kill -9 $$`, options())).code).toBe(137);
    });

    it('gives a command no input unless told to', async () => {
      expect((await rig.transport.run(sh`cat; echo end`, options())).stdout).toBe('end\n');
    });

    it('sends bytes unchanged both ways', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 128);
      const result = await rig.transport.run(sh`cat`, options({ stdin: bytes }));
      expect(Buffer.from(result.stdout).equals(Buffer.from(bytes))).toBe(true);
    });

    it('streams input that is larger than any buffer', async () => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const stdin = Readable.from(Array.from({ length: 24 }, () => chunk));
      const result = await rig.transport.run(sh`wc -c`, options({ stdin }));
      expect(result.stdout.trim()).toBe(String(24 * 1024 * 1024));
    });

    it('does not wait for input that a command does not want', async () => {
      const endless = Readable.from(
        (async function* () {
          for (;;) {
            yield Buffer.alloc(65_536);
            await delay(1);
          }
        })(),
      );
      const result = await rig.transport.run(sh`head -c 10 > /dev/null; exit 4`, options({ stdin: endless }));
      expect(result.code).toBe(4);
      expect(endless.destroyed).toBe(true);
    });

    it('fails when the input cannot be read', async () => {
      const broken = new Readable({ read() {} });
      setImmediate(() => broken.destroy(new Error('the disk is gone')));
      await expect(rig.transport.run(sh`cat`, options({ stdin: broken }))).rejects.toThrow('the disk is gone');
    });

    it('keeps 8 MiB of output and says that there was more', async () => {
      const result = await rig.transport.run(sh`head -c 9000000 /dev/zero | tr '\0' x`, options());
      expect(result.stdout.length).toBe(8 * 1024 * 1024);
      expect(result.truncated).toBe(true);
    });

    it('gives lines as they come, secrets masked and escape sequences gone', async () => {
      const lines: string[] = [];
      const { stdout } = await rig.transport.run(
        sh`printf 'pass %s\n' ${secret('s3cret phrase')}; printf '\033]0;owned\007\033[31mred\033[0m\n' >&2`,
        options({ onLine: (line, stream) => lines.push(`${stream} ${line}`) }),
      );
      expect(lines.sort()).toEqual(['stderr red', 'stdout pass ***']);
      expect(stdout).toBe('pass s3cret phrase\n');
    });

    it('gives lines while the command still runs', async () => {
      const stdin = new PassThrough();
      const run = rig.transport.run(sh`echo ready; cat`, options({ stdin, onLine: () => stdin.end('end') }));
      expect((await run).stdout).toBe('ready\nend');
    });

    it('takes its input away from a command that is aborted, and lets it clean up', async () => {
      const controller = new AbortController();
      const mark = `/tmp/kubewright-contract-${process.pid}-${name.replaceAll(/\W/g, '')}`;
      const run = rig.transport.run(
        sh`trap : TERM; echo ready; cat; echo is this a broken pipe; echo ended > ${mark}`,
        options({ signal: controller.signal, stdin: new PassThrough(), onLine: () => controller.abort() }),
      );
      await expect(run).rejects.toMatchObject({ code: 'interrupted' });
      const cleanedUp = await rig.transport.run(
        sh`i=0; until [ -s ${mark} ] || [ $i -ge 200 ]; do sleep 0.05; i=$((i + 1)); done; cat ${mark}; rm -f ${mark}`,
        options(),
      );
      expect(cleanedUp.stdout).toBe('ended\n');
    });

    it('rejects with a timeout that names the limit', async () => {
      const run = rig.transport.run(sh`cat`, options({ timeoutMs: 100, stdin: new PassThrough() }));
      await expect(run).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('0.1 s') });
    });

    it('rejects at once when it is aborted already', async () => {
      const run = rig.transport.run(sh`echo never`, options({ signal: AbortSignal.abort() }));
      await expect(run).rejects.toMatchObject({ code: 'interrupted' });
    });

    it('does not wait for what a command leaves running in the background', async () => {
      const started = performance.now();
      const { code, stdout } = await rig.transport.run(sh`sleep 20 & echo done`, options());
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
      expect(performance.now() - started).toBeLessThan(10_000);
    });

    it('runs many commands at the same time', async () => {
      const numbers = Array.from({ length: 25 }, (_, index) => index);
      const results = await Promise.all(numbers.map((n) => rig.transport.run(sh`echo ${n}`, options())));
      expect(results.map((result) => Number(result.stdout))).toEqual(numbers);
    });

    it('passes any string as exactly one word', async () => {
      // NUL cannot be in an argument; half a surrogate pair is no text.
      const word = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0'));
      const hostile = fc.constantFrom(
        "'",
        '$(id)',
        '`id`',
        '; rm -rf /',
        '\n',
        '"',
        '\\',
        '!!',
        '*',
        '~',
        '',
        '-n',
        '#',
        '\r',
        '\t',
      );
      const words = fc.array(
        fc.oneof(
          word,
          hostile,
          fc.tuple(word, hostile).map((pair) => pair.join('')),
        ),
        { maxLength: 20 },
      );
      await fc.assert(
        fc.asyncProperty(words, async (list) => {
          const { stdout } = await rig.transport.run(
            sh`for word in ${list}; do printf '%s\0' "$word"; done`,
            options(),
          );
          expect(stdout).toBe(list.map((item) => `${item}\0`).join(''));
        }),
        { numRuns: 30 },
      );
    });

    it('quotes so that a quoted command can be quoted again', async () => {
      const inner = sh`printf %s ${"it's $HOME"}`;
      const { stdout } = await rig.transport.run(sh`sh -c ${quote(inner.text) === '' ? '' : inner.text}`, options());
      expect(stdout).toBe("it's $HOME");
    });
  });
}
