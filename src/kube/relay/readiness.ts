import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';

/**
 * Asks the API server at the other end of a stream whether it is ready (GET /readyz). Rejects with why it is not: its
 * certificate is none of this cluster's, it answers with an error, or the signal aborts before it answers at all.
 * The stream is used up.
 */
export async function askReadiness(stream: Duplex, ca: string, signal: AbortSignal): Promise<void> {
  const secure = connect({ socket: stream, ca, servername: API_SERVER_NAME });
  try {
    const status = await new Promise<number>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
      secure.once('error', reject);
      // The transport may break where TLS does not look yet.
      stream.once('error', reject);
      const asking = request({
        createConnection: () => secure,
        path: '/readyz',
        headers: { host: API_SERVER_NAME, connection: 'close', 'user-agent': 'kubewright' },
      });
      asking.once('error', reject);
      asking.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asking.end();
    });
    if (!READY.includes(status)) throw new Error(`/readyz answers ${status}`);
  } finally {
    // What still arrives after that is of no interest, an error least of all.
    secure.on('error', () => {});
    stream.on('error', () => {});
    secure.destroy();
    stream.destroy();
  }
}

/** A name in the certificate of every API server that kubeadm sets up, whatever its address. */
export const API_SERVER_NAME = 'kubernetes';

/** A server that lets nobody ask without credentials is there and answers: that is what matters. */
const READY: readonly number[] = [200, 401, 403];
