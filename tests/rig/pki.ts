import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A cluster's certificates, made by openssl: PEM. */
export interface Pki {
  readonly ca: string;
  /** As kubeadm makes it: for the name `kubernetes`, not for the address that it is reached at from here. */
  readonly server: { readonly certificate: string; readonly key: string };
  readonly admin: { readonly certificate: string; readonly key: string };
}

/** Makes a CA and what it signs. */
export function makePki(): Pki {
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-pki-'));
  try {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=kubernetes');
    const sign = (name: string, subject: string, extensions: string) => {
      writeFileSync(join(folder, `${name}.ext`), extensions);
      openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
      const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...by);
      return { certificate: read(`${name}.crt`), key: read(`${name}.key`) };
    };
    return {
      ca: read('ca.crt'),
      server: sign('server', '/CN=kube-apiserver', 'subjectAltName=DNS:kubernetes,DNS:kubernetes.default'),
      admin: sign('admin', '/O=system:masters/CN=kubernetes-admin', 'extendedKeyUsage=clientAuth'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
