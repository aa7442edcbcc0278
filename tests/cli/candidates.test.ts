import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { complete, type NameSource } from '../../src/cli/completion/candidates.js';

const names: NameSource = {
  hosts: async (file) => (file === 'other.yaml' ? ['other-1'] : ['control-plane-1', 'workers-1', 'workers-2']),
  clusters: async () => ['demo', 'staging'],
};

/** The words offered at the end of this line; ":files" stands for names of files. */
async function offered(line: string): Promise<readonly string[]> {
  const { candidates, files } = await complete(line.split(' ').slice(1), COMMANDS, names);
  return [...candidates.map(({ word }) => word), ...(files ? [':files'] : [])];
}

describe('completion', () => {
  test('offers every verb but the hidden ones', async () => {
    expect(await offered('kubewright ')).toEqual(
      expect.arrayContaining(['up', 'plan', 'status', 'ssh', 'exec', 'down', 'doctor', 'completion', 'help']),
    );
    expect(await offered('kubewright _')).toEqual([]);
  });

  test('offers only what begins with the typed letters', async () => {
    expect(await offered('kubewright do')).toEqual(['down', 'doctor']);
  });

  test('offers the flags of the verb and those of every verb', async () => {
    const flags = await offered('kubewright exec -');
    expect(flags).toEqual(expect.arrayContaining(['--all', '--parallel', '--file', '--output', '--help']));
    expect(await offered('kubewright plan --pa')).toEqual([]);
  });

  test('offers the choices of a flag, behind a space and behind an equals sign', async () => {
    expect(await offered('kubewright up -o ')).toEqual(['text', 'json']);
    expect(await offered('kubewright up --output=j')).toEqual(['--output=json']);
  });

  test('leaves files to the shell', async () => {
    expect(await offered('kubewright up --file clu')).toEqual([':files']);
  });

  test('offers the hosts of the cluster that the line names', async () => {
    expect(await offered('kubewright ssh w')).toEqual(['workers-1', 'workers-2']);
    expect(await offered('kubewright -f other.yaml ssh ')).toEqual(['other-1']);
    expect(await offered('kubewright ssh --file=other.yaml ')).toEqual(['other-1']);
  });

  test('does not offer a host twice', async () => {
    expect(await offered('kubewright exec workers-1 w')).toEqual(['workers-2']);
  });

  test('offers nothing more where all arguments are given', async () => {
    expect(await offered('kubewright ssh workers-1 ')).toEqual([]);
  });

  test('offers the names of clusters', async () => {
    expect(await offered('kubewright down --cluster s')).toEqual(['staging']);
  });

  test('takes no flag for a verb', async () => {
    expect(await offered('kubewright --file up ')).toContain('up');
  });

  test('offers nothing of its own behind two dashes', async () => {
    expect(await offered('kubewright exec --all -- --')).toEqual([':files']);
  });

  test('offers verbs to help', async () => {
    expect(await offered('kubewright help st')).toEqual(['status']);
  });
});
