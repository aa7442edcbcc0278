// Exits with 0 when everything that kubewright downloads from answers, through the machine's proxy if it has
// one; with 1 when anything does not. Takes 5 seconds at most.
import { EnvHttpProxyAgent, fetch } from 'undici';

const addresses = ['https://dl.k8s.io/', 'https://github.com/', 'https://registry.k8s.io/v2/'];
const dispatcher = new EnvHttpProxyAgent();
const signal = AbortSignal.timeout(5000);

try {
  await Promise.all(
    addresses.map(async (address) => {
      const response = await fetch(address, { method: 'HEAD', dispatcher, signal, redirect: 'manual' });
      // A registry says 401 to the nameless, which is an answer; a proxy that refuses says 403 or 407.
      if (response.status >= 400 && response.status !== 401) throw new Error(`${address}: ${response.status}`);
    }),
  );
  process.exitCode = 0;
} catch {
  process.exitCode = 1;
} finally {
  await dispatcher.destroy();
}
