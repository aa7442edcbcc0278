import { serializeError } from '../core/errors.js';
import { outputTo } from '../ui/output.js';
import { clusterIn } from './cluster-word.js';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/**
 * `kubewright relay --cluster NAME`: the tunnel in the background, as kubectl's call for credentials starts it. Resolves
 * with the exit code.
 */
export async function main(words: readonly string[], terminal: Terminal): Promise<number> {
  const cluster = clusterIn(words);
  if (cluster === undefined) {
    outputTo(terminal.stderr).write('kubewright relay: expected --cluster NAME\n');
    return EXIT.usage;
  }
  const stop = new AbortController();
  const forget = terminal.onInterrupt(() => stop.abort());
  const say = boundedLog((line) => outputTo(terminal.stdout).write(line));
  try {
    const { relay } = await import('../operations/relay.js');
    const end = await relay(cluster, {
      signal: stop.signal,
      say,
      onReady(status) {
        say(`process ${status.pid} listens on 127.0.0.1:${status.port}`);
        tellStarter({ status });
      },
    });
    if (end.why === 'already') tellStarter({ status: end.status });
    else say(`process ${process.pid} ends: ${end.why}`);
    return EXIT.done;
  } catch (error) {
    say(serializeError(error).message);
    tellStarter({ error: serializeError(error) });
    return EXIT.failed;
  } finally {
    forget();
  }
}

/** Whoever started this in the background waits for one message; after that nothing ties the two. */
function tellStarter(word: object): void {
  process.send?.(word, () => process.connected && process.disconnect());
}

/** Lines with the time, as long as there are not too many of them. */
function boundedLog(write: (line: string) => void): (text: string) => void {
  let room = LONGEST_LOG;
  return (text) => {
    const line = `${new Date().toISOString()} ${text}\n`;
    if (room <= 0) return;
    room -= line.length;
    write(room > 0 ? line : 'the log is full: nothing more is said\n');
  };
}

const LONGEST_LOG = 1024 * 1024;
