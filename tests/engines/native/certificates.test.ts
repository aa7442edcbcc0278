import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { namesIn } from '../../../src/engines/native/certificates.js';

test('names of a certificate can be compared with those of cluster.yaml, whatever the form of an address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-certificate-'));
  try {
    const certificate = join(folder, 'crt');
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
        ...['-subj', '/CN=kube-apiserver', '-keyout', join(folder, 'key'), '-out', certificate],
        ...['-addext', 'subjectAltName=DNS:API.example.com,DNS:*.demo.example,IP:10.0.0.1,IP:2001:db8::1'],
      ],
      { stdio: 'ignore' },
    );
    const names = namesIn(readFileSync(certificate, 'utf8'));
    expect([...names].sort()).toEqual(['*.demo.example', '10.0.0.1', '2001:db8:0:0:0:0:0:1', 'api.example.com']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
