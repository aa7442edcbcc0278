import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until an SSH server answers there with its identification (RFC 4253, 4.2), one that has `token` in it when
 * one is given. False when the time is up.
 */
export async function awaitBanner(
  address: string,
  port: number,
  options: { readonly token?: string; readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<boolean> {
  const { token = 'SSH-', signal, timeoutMs } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const left = deadline - performance.now();
    if (left <= 0) return false;
    const banner = await readBanner(address, port, Math.min(left, ATTEMPT_MS), signal);
    if (banner.startsWith('SSH-') && banner.includes(token)) return true;
    await delay(Math.min(PAUSE_MS, left), undefined, { signal });
  }
}

/** A try that got no answer is given up and made anew: the first packets to a new container may be lost. */
const ATTEMPT_MS = 1_000;
const PAUSE_MS = 20;

/** The first line that a server sends; what it sent in time, often nothing, when that is no line. */
function readBanner(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: address, port });
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener('abort', end);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n') || text.length > 255) end();
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}
