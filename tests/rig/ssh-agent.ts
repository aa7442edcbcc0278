import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** A real ssh-agent with keys from files, in their order. */
export interface SshAgent extends Disposable {
  readonly socket: string;
}

export async function startSshAgent(folder: string, keyFiles: readonly string[]): Promise<SshAgent> {
  const socket = join(folder, `agent-${Math.random().toString(36).slice(2)}`);
  const child: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`ssh-agent ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (keyFiles.length > 0) await execa('ssh-add', ['-q', ...keyFiles], { env: { SSH_AUTH_SOCK: socket } });
  return { socket, [Symbol.dispose]: () => void child.kill() };
}
