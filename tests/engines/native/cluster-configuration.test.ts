import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { withCertificateNames } from '../../../src/engines/native/cluster-configuration.js';

/* As kubeadm 1.36 writes it into kube-system/kubeadm-config. */
const CONFIGURATION = `apiServer:
  certSANs:
  - 172.18.0.2
  - localhost
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
clusterName: demo
controlPlaneEndpoint: 127.0.0.1:7443
etcd:
  local:
    dataDir: /var/lib/etcd
kind: ClusterConfiguration
kubernetesVersion: v1.36.3
`;

test('names that are missing are added after those that are there, and all else stays as it is', () => {
  const changed = withCertificateNames(CONFIGURATION, ['172.18.0.3', 'localhost', 'api.example']);
  const before = parse(CONFIGURATION);
  expect(parse(changed)).toEqual({
    ...before,
    apiServer: { certSANs: ['172.18.0.2', 'localhost', '172.18.0.3', 'api.example'] },
  });
});

test('where they are all there the text is the same to the letter', () => {
  expect(withCertificateNames(CONFIGURATION, ['localhost', '172.18.0.2'])).toBe(CONFIGURATION);
  expect(withCertificateNames(CONFIGURATION, [])).toBe(CONFIGURATION);
});

test('a configuration without any names gets them, and keeps what else the API server was told', () => {
  expect(parse(withCertificateNames('clusterName: demo\n', ['a']))).toEqual({
    clusterName: 'demo',
    apiServer: { certSANs: ['a'] },
  });
  const told = 'apiServer:\n  extraArgs:\n  - name: v\n    value: "2"\n';
  expect(parse(withCertificateNames(told, ['a'])).apiServer).toEqual({
    extraArgs: [{ name: 'v', value: '2' }],
    certSANs: ['a'],
  });
});
