import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { heldHost } from '../../src/host/held-host.js';
import { openHost } from '../../src/host/host.js';
import type { RemoteHost } from '../../src/host/remote-host.js';
import { sh } from '../../src/transport/command.js';
import { type Sshd, sshdMissing, startSshd } from '../rig/sshd.js';
import { describeUnless } from '../rig/unless.js';

const signal = new AbortController().signal;
const looking = { context: { signal, line: () => {} }, timeoutMs: 15_000, title: 'look' };
const changing = { ...looking, title: 'change', changes: true };

describeUnless(sshdMissing, 'a host that is changed by one operator at a time', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({
      users: [{ name: 'ada', sudo: 'without-password' }],
    });
  });
  afterAll(() => sshd[Symbol.asyncDispose]());

  async function operator(id: string, user = 'root'): Promise<RemoteHost & { readonly events: readonly Event[] }> {
    const events: Event[] = [];
    const host = await openHost(sshd.target({ user }), { signal });
    const emit = (event: Event) => void events.push(event);
    return { ...heldHost(host, { id, description: `\`up\` by ${id} on laptop (process 7)`, emit }), events };
  }
  const lockOf = async (host: RemoteHost) =>
    (await host.script(sh`cat /run/kubewright-operator/owner 2>/dev/null || echo free`, looking)).stdout.trim();

  it('is not held by whoever only looks', async () => {
    await using anna = await operator('anna');
    await anna.script(sh`true`, looking);
    expect(await lockOf(anna)).toBe('free');
  });

  it.each(['root', 'ada'])('keeps others out while it is being changed by %s, and names who does', async (user) => {
    const watching = await operator('watching');
    {
      await using anna = await operator('anna', user);
      await using bob = await operator('bob');
      await anna.script(sh`true`, changing);
      await expect(bob.script(sh`true`, changing)).rejects.toMatchObject({
        code: 'host-locked',
        message: expect.stringMatching(/is being changed by `up` by anna on laptop \(process 7\)/),
      });
      // Who only looks is let in, and whoever holds it goes on.
      await bob.script(sh`true`, looking);
      await anna.script(sh`true`, changing);
    }
    expect(await lockOf(watching)).toBe('free');
    await watching[Symbol.asyncDispose]();
  });

  it('is let go when its operator is cut off', async () => {
    const anna = await operator('anna');
    await anna.script(sh`true`, changing);
    await sshd.cutConnections();
    await using bob = await operator('bob');
    await expect
      .poll(
        () =>
          bob.script(sh`true`, changing).then(
            () => 'mine',
            () => 'held',
          ),
        { timeout: 10_000, interval: 200 },
      )
      .toBe('mine');
    await anna[Symbol.asyncDispose]();
  });

  it('is taken over from one who was silent for more than a minute, which is said', async () => {
    await using bob = await operator('bob');
    await bob.script(
      sh`mkdir /run/kubewright-operator; echo carl > /run/kubewright-operator/id; printf %s 'an up of carl' > /run/kubewright-operator/owner
touch -d '2 minutes ago' /run/kubewright-operator`,
      looking,
    );
    await bob.script(sh`true`, changing);
    expect(await lockOf(bob)).toContain('bob');
    expect(bob.events).toMatchObject([
      { type: 'note', level: 'warning', text: expect.stringMatching(/from an up of carl: silent for 12\d s/) },
    ]);
  });

  it('is not taken from one who was silent for less', async () => {
    await using bob = await operator('bob');
    await bob.script(
      sh`mkdir /run/kubewright-operator; echo carl > /run/kubewright-operator/id; printf %s carl > /run/kubewright-operator/owner
touch -d '40 seconds ago' /run/kubewright-operator`,
      looking,
    );
    await expect(bob.script(sh`true`, changing)).rejects.toMatchObject({ code: 'host-locked' });
    await bob.script(sh`rm -r /run/kubewright-operator`, looking);
  });
});
