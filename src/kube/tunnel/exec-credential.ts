import type { AdminCredentials } from './access-files.js';

/**
 * The answer to kubectl, which asks for credentials by running a program. Source: "client-go credential plugins" in
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/ and client.authentication.k8s.io/v1.
 *
 * The certificate holds for longer than the answer does: what expires is that the tunnel is known to run. A client that
 * lives for hours (k9s) asks anew then, before its next request, and so starts a tunnel that has ended meanwhile; since
 * the certificate is the same, its connections stay (client-go, plugin/pkg/client/auth/exec).
 */
export function execCredential({ certificate, key }: AdminCredentials, now: Date): string {
  return `${JSON.stringify({
    apiVersion: EXEC_API,
    kind: 'ExecCredential',
    status: {
      expirationTimestamp: new Date(now.getTime() + TUNNEL_IDLE_MS / 2).toISOString(),
      clientCertificateData: certificate,
      clientKeyData: key,
    },
  })}\n`;
}

/** The certificate and key in such an answer; undefined where it is none. */
export function readExecCredential(text: string): AdminCredentials | undefined {
  const { status }: { status?: { clientCertificateData?: string; clientKeyData?: string } } = Object(JSON.parse(text));
  const { clientCertificateData: certificate, clientKeyData: key } = status ?? {};
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** The version of the protocol, in the answer and in the kubeconfig. */
export const EXEC_API = 'client.authentication.k8s.io/v1';

/** How long a tunnel in the background goes on without a connection, in milliseconds. */
export const TUNNEL_IDLE_MS = 10 * 60_000;
