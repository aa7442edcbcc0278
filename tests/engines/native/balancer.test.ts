import { expect, test } from 'vitest';
import { balancerConfig } from '../../../src/engines/native/balancer.js';

const lines = balancerConfig([
  { name: 'control-plane-1', address: '10.0.0.11', port: 6443 },
  { name: 'control-plane-2', address: 'fd00::12', port: 6444 },
])
  .split('\n')
  .map((line) => line.trim());

test('the load balancer of a node passes on to every API server, in the order that was given', () => {
  expect(lines.filter((line) => line.startsWith('server '))).toEqual([
    'server control-plane-1 10.0.0.11:6443',
    'server control-plane-2 fd00::12:6444',
  ]);
});

test('it listens on loopback alone and lets TLS through untouched', () => {
  expect(lines).toContain('bind 127.0.0.1:7443');
  expect(lines.filter((line) => line.startsWith('bind '))).toHaveLength(1);
  expect(lines).toContain('mode tcp');
});

test('it asks each server whether it is ready, over TLS, and takes 401 and 403 for an answer', () => {
  expect(lines).toContain('option httpchk GET /readyz');
  expect(lines).toContain('http-check expect rstatus ^(200|401|403)$');
  const check = lines.find((line) => line.startsWith('default-server '));
  expect(check).toContain('check check-ssl verify none');
  expect(check).toContain('on-marked-down shutdown-sessions');
});

test('without servers it is a configuration all the same', () => {
  expect(balancerConfig([])).not.toContain('  server ');
});
