import { outputTo } from '../ui/output.js';
import { processTerminal } from './process-terminal.js';

// kubectl must not wait for the parser and the data of all verbs: what programs call are bundles of their own.
const words = process.argv.slice(2);
const terminal = processTerminal((status) => process.exit(status));
const { main } =
  words[0] === 'credential'
    ? await import('./credential.js')
    : words[0] === 'relay'
      ? await import('./relay.js')
      : await import('./verbs.js');
const code = await main(words, terminal);
// Connections that are kept for later must not keep the process.
await Promise.all([outputTo(process.stdout).flush(), outputTo(process.stderr).flush()]);
process.exit(code);
