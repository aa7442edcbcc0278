import { openLocalShell } from '../../src/transport/local-shell.js';
import { describeTransport } from '../contract/transport.contract.js';

describeTransport('the local shell', async () => {
  const transport = openLocalShell();
  return { transport, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
});
