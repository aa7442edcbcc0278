import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { ControlCommand } from './control-client.js';

/** What each command does; the answer goes back as a line of JSON. */
export type ControlAnswers = Readonly<Record<ControlCommand, () => unknown>>;

/**
 * Answers commands on a unix socket, one line of JSON each: `{"command": "status"}`. A socket that is there already is
 * taken for one that was left behind: only whoever holds the tunnel's port may call this. Disposing removes it.
 */
export async function listenForControl(path: string, answers: ControlAnswers): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => {});
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const [line, rest] = text.split('\n', 2);
      if (text.length > LONGEST_LINE) socket.destroy();
      if (line === undefined || rest === undefined) return;
      socket.end(`${JSON.stringify(answerTo(line, answers))}\n`);
    });
  });
  listener.maxConnections = 32;
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(path, resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      // Closing it removes the socket's file.
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const socket of open) if (!socket.writableEnded) socket.destroy();
      await closed;
    },
  };
}

const PATIENCE_MS = 5000;
const LONGEST_LINE = 1000;

function answerTo(line: string, answers: ControlAnswers): unknown {
  try {
    const { command }: { command?: unknown } = Object(JSON.parse(line));
    if (command === 'status' || command === 'keep' || command === 'stop')
      return { ok: true, status: answers[command]() };
    return { ok: false, error: `unknown command ${JSON.stringify(command)}` };
  } catch {
    return { ok: false, error: 'not a line of JSON' };
  }
}
