import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderKubeconfig } from '../../../src/kube/kubeconfig.js';

/** PEM. */
export interface Certificates {
  readonly certificate: string;
  readonly key: string;
}

let made: Certificates | undefined;

/**
 * One certificate for all that fake clusters need: it is its own CA, a server's for loopback and an administrator's.
 * Made by openssl once a process.
 */
export function certificates(): Certificates {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-certificates-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=kubewright-fake', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', ...algorithm, ...names, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    made = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
    return made;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The admin.conf that kubeadm leaves on a control plane. */
export function adminConf(server: string): string {
  const { certificate, key } = certificates();
  return renderKubeconfig({ name: 'kubernetes', server, credentials: { ca: certificate, certificate, key } });
}
