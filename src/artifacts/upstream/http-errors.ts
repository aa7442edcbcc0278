import { KubewrightError } from '../../core/errors.js';

/** A request that got no answer, or whose answer broke off, in words: what happened, with which server, what helps. */
export function httpFailure(
  url: string,
  error: unknown,
  context: { readonly signal: AbortSignal; readonly stallMs: number },
): KubewrightError {
  if (error instanceof KubewrightError) return error;
  const { host } = new URL(url);
  if (context.signal.aborted) {
    return new KubewrightError('interrupted', `stopped while fetching ${url}`, { cause: error });
  }
  const code = codeOf(error);
  const unreachable = (what: string, retryable: boolean, hint = NETWORK_HINT) =>
    new KubewrightError('artifact-unreachable', `${what} (${url})`, { hint, retryable, cause: error });
  const proxyStatus = error instanceof Error ? /Proxy response \((\d+)\)/.exec(error.message)?.[1] : undefined;

  if (proxyStatus !== undefined) {
    return new KubewrightError(
      'artifact-refused',
      `the proxy refused the way to ${host} with ${proxyStatus} (${url})`,
      {
        hint: 'Check HTTPS_PROXY and what the proxy allows; NO_PROXY names hosts to reach directly.',
        cause: error,
      },
    );
  }
  switch (code) {
    case 'ENOTFOUND':
      return unreachable(`cannot resolve the host name ${host}`, false);
    case 'EAI_AGAIN':
      return unreachable(`cannot resolve the host name ${host} right now`, true);
    case 'ECONNREFUSED':
      return unreachable(`${host} refused the connection`, true);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable(`there is no route to ${host}`, true);
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return unreachable(`${host} did not answer the connection`, true);
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return new KubewrightError('artifact-stalled', `${host} sent nothing for ${seconds(context.stallMs)} (${url})`, {
        hint: 'What has arrived is kept: the same command goes on from there. A mirror may be faster: artifacts.mirrors.',
        retryable: true,
        cause: error,
      });
  }
  if (TLS_CODES.has(code)) {
    return unreachable(`the certificate of ${host} is not trusted: ${code}`, false, TLS_HINT);
  }
  return unreachable(`the connection to ${host} was cut: ${code}`, true);
}

/** An answer that is no success, in words. */
export function statusFailure(url: string, status: number): KubewrightError {
  const { host } = new URL(url);
  if (status === 404 || status === 410) {
    return new KubewrightError('artifact-not-found', `${host} has no ${url} (${status})`, {
      hint: 'Does that version exist? A mirror in artifacts.mirrors must be laid out as upstream is.',
    });
  }
  if (status === 401 || status === 403 || status === 407) {
    return new KubewrightError('artifact-refused', `${host} refused ${url} (${status})`, {
      hint: `A proxy or a mirror may want a login, or forbid it. ${NETWORK_HINT}`,
    });
  }
  return new KubewrightError('artifact-unreachable', `${host} answered ${status} (${url})`, {
    hint: status === 429 ? `Too many requests: try again later. ${NETWORK_HINT}` : NETWORK_HINT,
    retryable: status >= 500 || status === 429 || status === 408,
  });
}

/** A server that sends on from https to http: what came that way could have been changed by anybody in between. */
export function unencryptedRedirect(url: string, location: string): KubewrightError {
  return new KubewrightError('artifact-refused', `${url} redirects to ${location}, which is not encrypted`, {
    hint: 'Name a mirror in artifacts.mirrors that answers over https, or one that is meant to be plain http.',
  });
}

const NETWORK_HINT =
  'Check the network and HTTPS_PROXY, name a mirror in artifacts.mirrors, or use artifacts.source: build.';
const TLS_HINT =
  "Where a company's proxy opens TLS, name its CA: NODE_EXTRA_CA_CERTS=/path/to/ca.pem. Never switch verification off.";

const TLS_CODES: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && current.code !== 'UND_ERR_SOCKET') return current.code;
    if (current.cause === undefined) return current.message;
  }
  return String(error);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
