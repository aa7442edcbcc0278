import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sh } from '../../../src/transport/command.js';
import { connectSsh } from '../../../src/transport/ssh/connect.js';
import { describeTransport } from '../../contract/transport.contract.js';
import { type Sshd, sshdMissing, startSshd } from '../../rig/sshd.js';
import { describeUnless } from '../../rig/unless.js';

const signal = new AbortController().signal;
const options = { signal, timeoutMs: 20_000 };

async function connected(sshd: Sshd) {
  return await connectSsh(sshd.target(), { signal, timeoutMs: 10_000 });
}

describeUnless(sshdMissing, 'SSH to a real sshd', () => {
  describeTransport('ssh2', async () => {
    const sshd = await startSshd();
    const transport = await connected(sshd);
    return {
      transport,
      async [Symbol.asyncDispose]() {
        await transport[Symbol.asyncDispose]();
        await sshd[Symbol.asyncDispose]();
      },
    };
  });

  describeTransport('ssh2 to an sshd that allows a single session', async () => {
    const sshd = await startSshd({ config: ['MaxSessions 1'] });
    const transport = await connected(sshd);
    return {
      transport,
      async [Symbol.asyncDispose]() {
        await transport[Symbol.asyncDispose]();
        await sshd[Symbol.asyncDispose]();
      },
    };
  });

  describe('when the connection breaks', () => {
    let sshd: Sshd;
    beforeAll(async () => {
      sshd = await startSshd();
    });
    afterAll(() => sshd[Symbol.asyncDispose]());

    it('tells a running command that the connection is lost, and reconnects for the next', async () => {
      await using transport = await connected(sshd);
      const run = transport.run(sh`echo ready; sleep 30`, { ...options, onLine: () => void sshd.cutConnections() });
      await expect(run).rejects.toMatchObject({ code: 'ssh-connection-lost', retryable: true, host: 'node-1' });
      expect((await transport.run(sh`echo again`, options)).stdout).toBe('again\n');
    });

    it('reconnects without a word when nothing was running', async () => {
      await using transport = await connected(sshd);
      await transport.run(sh`:`, options);
      await sshd.cutConnections();
      const results = await Promise.all([1, 2, 3].map((n) => transport.run(sh`echo ${n}`, options)));
      expect(results.map((result) => result.stdout)).toEqual(['1\n', '2\n', '3\n']);
    });

    it('says that a connection closed by ourselves is closed', async () => {
      const transport = await connected(sshd);
      await transport[Symbol.asyncDispose]();
      await expect(transport.run(sh`:`, options)).rejects.toMatchObject({ code: 'ssh-connection-lost' });
    });
  });

  it('uses one connection for many commands', async () => {
    await using sshd = await startSshd();
    await using transport = await connected(sshd);
    await Promise.all(Array.from({ length: 20 }, (_, n) => transport.run(sh`echo ${n}`, options)));
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  });
});
