import type { Terminal } from './terminal.js';

/** This process as a terminal. `exit` ends it at once. */
export function processTerminal(exit: (code: number) => void): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    stdin,
    stdout,
    stderr,
    env,
    exit,
    onInterrupt(listener) {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      const listeners = signals.map((signal) => [signal, () => listener(signal)] as const);
      for (const [signal, heard] of listeners) process.on(signal, heard);
      return () => {
        for (const [signal, heard] of listeners) process.off(signal, heard);
      };
    },
  };
}
