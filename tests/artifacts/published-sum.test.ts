import { describe, expect, onTestFinished, test } from 'vitest';
import { openHttpClient } from '../../src/artifacts/upstream/http-client.js';
import { parsePublishedSum, publishedSum } from '../../src/artifacts/upstream/published-sum.js';
import { sha256, upstreamServer } from './upstream-server.js';

const SUM = sha256('kubeadm');

describe('a published sum', () => {
  test.each([
    ['alone, as dl.k8s.io has it', SUM],
    ['alone, with a newline', `${SUM}\n`],
    ['in capitals', SUM.toUpperCase()],
    ['before the file name', `${SUM}  kubeadm\n`],
    ['before the name of a binary file', `${SUM} *kubeadm\n`],
    ['before a path', `${SUM}  ./bin/kubeadm\n`],
    ['among others', `${sha256('a')}  kubelet\n${SUM}  kubeadm\n${sha256('b')}  kubeadm.exe\n`],
  ])('is read %s', (_, text) => {
    expect(parsePublishedSum(text, 'kubeadm')).toBe(SUM);
  });

  test.each([
    ['a login page', '<html><body>Please log in</body></html>'],
    ['nothing', ''],
    ['a sum of another file', `${SUM}  kubelet\n`],
    ['a sum of another kind', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['two bare sums', `${SUM}\n${SUM}\n`],
  ])('is not found in %s', (_, text) => {
    expect(parsePublishedSum(text, 'kubeadm')).toBeUndefined();
  });

  test('that is no sum is an error with what came instead', async () => {
    const server = await upstreamServer();
    server.put('/kubeadm.sha256', '<html>\nPlease log in');
    const client = openHttpClient();
    onTestFinished(() => client[Symbol.asyncDispose]());
    await expect(
      publishedSum(client, `${server.url}/kubeadm.sha256`, 'kubeadm', new AbortController().signal),
    ).rejects.toMatchObject({
      code: 'artifact-invalid',
      message: `${server.url}/kubeadm.sha256 holds no sha256 of kubeadm`,
      output: ['<html>', 'Please log in'],
    });
  });

  test('that never ends is not read to the end', async () => {
    const server = await upstreamServer();
    server.put('/kubeadm.sha256', 'a'.repeat(100_000));
    const client = openHttpClient();
    onTestFinished(() => client[Symbol.asyncDispose]());
    await expect(
      publishedSum(client, `${server.url}/kubeadm.sha256`, 'kubeadm', new AbortController().signal),
    ).rejects.toMatchObject({ code: 'artifact-invalid' });
  });
});
