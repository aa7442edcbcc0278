import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHost } from '../../src/host/host.js';
import type { RemoteHost, ScriptOptions } from '../../src/host/remote-host.js';
import { secret, sh } from '../../src/transport/command.js';
import type { SshTarget } from '../../src/transport/target.js';
import { type Sshd, sshdMissing, startSshd } from '../rig/sshd.js';
import { describeUnless } from '../rig/unless.js';

const signal = new AbortController().signal;
const quiet: ScriptOptions = { context: { signal, line: () => {} }, timeoutMs: 15_000, title: 'try something' };

describeUnless(sshdMissing, 'a host', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({
      users: [
        { name: 'bash-free', sudo: 'without-password' },
        { name: 'dash-free', sudo: 'without-password', shell: '/bin/dash' },
        { name: 'bash-asked', sudo: 'with-password' },
        { name: 'dash-asked', sudo: 'with-password', shell: '/bin/dash' },
        { name: 'forbidden' },
        { name: 'no-shell', sudo: 'without-password', shell: '/usr/sbin/nologin' },
        { name: 'read-only', sudo: 'without-password', home: 'read-only' },
        { name: 'homeless', sudo: 'without-password', home: 'missing' },
        { name: 'noisy', sudo: 'without-password' },
        { name: 'restricted' },
      ],
      without: ['python3', 'python3.11', 'perl'],
      setup: [
        "echo 'echo Welcome to $HOSTNAME; echo on stderr, too >&2; printf unfinished' > /home/noisy/.bashrc",
        "echo 'restricted ALL=(ALL) NOPASSWD: /usr/bin/id' > /etc/sudoers.d/restricted",
        'mount -t tmpfs -o noexec,nosuid,mode=1777 tmpfs /var/tmp',
        // Homes are on the machine's own tmpfs; python lives in /usr/local and /root too on some machines.
        'mount -t tmpfs tmpfs /usr/local',
      ].join('\n'),
    });
  });
  afterAll(() => sshd[Symbol.asyncDispose]());

  async function on<T>(target: Partial<SshTarget>, use: (host: RemoteHost) => Promise<T>): Promise<T> {
    await using host = await openHost(sshd.target(target), { signal });
    return await use(host);
  }

  it.each([
    ['root', undefined],
    ['bash-free', undefined],
    ['dash-free', undefined],
    ['bash-free', 'a password that is not needed'],
    ['bash-asked', 'correct horse'],
    ['dash-asked', 'correct horse'],
    ['read-only', undefined],
    ['homeless', undefined],
    ['noisy', undefined],
  ])('runs scripts as root for %s (sudo password: %s)', async (user, password) => {
    const sudoPassword = password === undefined ? undefined : async () => password;
    await on({ user, sudoPassword }, async (host) => {
      for (let round = 0; round < 2; round += 1) {
        const result = await host.script(sh`id -u; echo on stderr >&2; command -v python3 || echo no python`, quiet);
        expect(result).toMatchObject({ code: 0, stdout: '0\nno python\n', stderr: 'on stderr\n' });
      }
    });
  });

  it('asks for the sudo password once, and only where sudo wants it', async () => {
    let asked = 0;
    const sudoPassword = async () => {
      asked += 1;
      return 'correct horse';
    };
    await on({ user: 'bash-free', sudoPassword }, (host) => host.script(sh`:`, quiet));
    expect(asked).toBe(0);
    await on({ user: 'bash-asked', sudoPassword }, (host) =>
      Promise.all([1, 2, 3].map(() => host.script(sh`:`, quiet))),
    );
    expect(asked).toBe(1);
  });

  it.each([
    ['bash-asked', undefined, 'sudo-password-needed'],
    ['bash-asked', 'Tr0ub4dor', 'sudo-password-wrong'],
    ['dash-asked', 'Tr0ub4dor', 'sudo-password-wrong'],
    ['forbidden', 'correct horse', 'sudo-not-permitted'],
    ['restricted', 'correct horse', 'sudo-not-permitted'],
    ['no-shell', undefined, 'remote-shell-failed'],
  ])('says why %s with the password %s cannot become root: %s', async (user, password, code) => {
    const sudoPassword = password === undefined ? undefined : async () => password;
    await on({ user, sudoPassword }, async (host) => {
      const script = sh`echo ${secret('never sent')}`;
      const failing = host.script(script, quiet);
      await expect(failing).rejects.toMatchObject({ code, host: 'node-1', message: expect.stringContaining(user) });
      expect(JSON.stringify(await failing.catch((error: Error) => error))).not.toMatch(/never sent|Tr0ub4dor|horse/);
    });
  });

  it('does not try a wrong sudo password a second time', async () => {
    await on({ user: 'bash-asked', sudoPassword: async () => 'wrong' }, async (host) => {
      await expect(host.script(sh`:`, quiet)).rejects.toMatchObject({ code: 'sudo-password-wrong' });
      const started = performance.now();
      await expect(host.script(sh`:`, quiet)).rejects.toMatchObject({ code: 'sudo-password-wrong' });
      // sudo makes whoever guesses wrong wait for two seconds.
      expect(performance.now() - started).toBeLessThan(500);
    });
  });

  it('answers a prompt that a PAM module words by itself', async () => {
    // Root under another name, with a sudo that asks in its own words and takes one answer.
    await using odd = await startSshd({
      users: [{ name: 'toor' }],
      without: ['sudo'],
      setup: `usermod -o -u 0 toor
cat > /usr/bin/sudo <<'END'
#!/bin/sh
printf 'LDAP Password: ' >&2
IFS= read -r answer
[ "$answer" = 'correct horse' ] || { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }
while [ "$1" != sh ]; do shift; done
exec "$@"
END
chmod 755 /usr/bin/sudo`,
    });
    const as = (password: string) => ({ user: 'toor', sudoPassword: async () => password });
    await using host = await openHost(odd.target(as('correct horse')), { signal });
    expect((await host.script(sh`id -u`, quiet)).stdout).toBe('0\n');
    await using wrong = await openHost(odd.target(as('Tr0ub4dor')), { signal });
    await expect(wrong.script(sh`id -u`, quiet)).rejects.toMatchObject({ code: 'sudo-password-wrong' });
  });

  it('says that there is no sudo', async () => {
    await using bare = await startSshd({ users: [{ name: 'ada' }], without: ['sudo'] });
    for (const sudoPassword of [undefined, async () => 'correct horse']) {
      await using host = await openHost(bare.target({ user: 'ada', sudoPassword }), { signal });
      await expect(host.script(sh`:`, quiet)).rejects.toMatchObject({ code: 'sudo-missing' });
    }
  });

  it('gives a script a predictable environment and no input to swallow', async () => {
    const { stdout } = await on({ user: 'bash-free' }, (host) =>
      host.script(sh`echo "$LC_ALL $PWD $(umask) $#"; cat; echo "$PATH" | tr : '\n' | grep -c sbin; echo end`, quiet),
    );
    expect(stdout).toBe('C / 0022 0\n3\nend\n');
  });

  it('runs nothing of a script that does not parse', async () => {
    await on({}, async (host) => {
      const failing = host.script(sh`echo begun; if true; then`, quiet);
      await expect(failing).rejects.toMatchObject({ code: 'remote-command-failed' });
      const { output } = await failing.catch((error) => error);
      expect(output).not.toContain('begun');
    });
  });

  it('fails with title, exit code and the last 20 lines, secrets masked', async () => {
    await on({}, async (host) => {
      const token = secret('abc.0123');
      await expect(
        host.script(sh`for i in $(seq 30); do echo line $i; done; echo token ${token} >&2; exit 7`, {
          ...quiet,
          title: 'join with abc.0123',
        }),
      ).rejects.toMatchObject({
        code: 'remote-command-failed',
        message: 'join with *** failed on node-1: exit code 7.',
        command: 'join with ***',
        host: 'node-1',
        output: [...Array.from({ length: 19 }, (_, index) => `line ${index + 12}`), 'token ***'],
      });
      expect((await host.script(sh`exit 7`, { ...quiet, allowFailure: true })).code).toBe(7);
    });
  });

  it('passes lines on as they come, unless they are not for people', async () => {
    await on({ user: 'noisy' }, async (host) => {
      const lines: string[] = [];
      const context = { signal, line: (text: string, stream?: string) => lines.push(`${stream}: ${text}`) };
      await host.script(sh`echo one; printf '\033[2Jtwo\n' >&2`, { ...quiet, context });
      await host.script(sh`echo three`, { ...quiet, context, show: false });
      expect(lines.sort()).toEqual(['stderr: two', 'stdout: one']);
    });
  });

  it('keeps secrets out of the process list', async () => {
    await on({ user: 'bash-asked', sudoPassword: async () => 'correct horse' }, async (host) => {
      const { stdout } = await host.script(
        sh`: ${secret('hunter2')}; cat /proc/[0-9]*/cmdline | tr '\0' '\n'; cat /proc/[0-9]*/environ | tr '\0' '\n'`,
        quiet,
      );
      expect(stdout).toContain('sshd');
      expect(stdout).not.toMatch(/hunter2|correct horse/);
    });
  });

  it.each(['root', 'bash-free'])('ends all that a script of %s has started when it is aborted', async (user) => {
    await on({ user }, async (host) => {
      const controller = new AbortController();
      const context = { signal: controller.signal, line: () => controller.abort() };
      const running = host.script(sh`(sleep 987 & sleep 986) & sleep 985 & sh -c 'echo ready; sleep 984'`, {
        ...quiet,
        context,
      });
      await expect(running).rejects.toMatchObject({
        code: 'interrupted',
        message: expect.stringContaining('try something'),
      });
      expect(await leftBehind(host)).toBe('');
    });
  });

  it('ends all that a script has started when the connection is cut', async () => {
    await on({ user: 'dash-free' }, async (host) => {
      const context = { signal, line: () => void sshd.cutConnections() };
      const running = host.script(sh`echo ready; sleep 985; echo never`, { ...quiet, context });
      await expect(running).rejects.toMatchObject({
        code: 'ssh-connection-lost',
        retryable: true,
        command: 'try something',
        output: ['ready'],
      });
      expect(await leftBehind(host)).toBe('');
    });
  });

  it('says which script took too long', async () => {
    await on({}, async (host) => {
      await expect(host.script(sh`echo begun; sleep 983`, { ...quiet, timeoutMs: 300 })).rejects.toMatchObject({
        code: 'timeout',
        message: 'try something on node-1 took longer than 0.3 s.',
        output: ['begun'],
      });
      expect(await leftBehind(host)).toBe('');
    });
  });

  it('takes hostile names for what they are: words', async () => {
    const names = ['$(touch /run/owned)', '`touch /run/owned`', "'; touch /run/owned; '", 'a\nb', '-rf', '* ?', '\\'];
    await on({ user: 'bash-free' }, async (host) => {
      const { stdout } = await host.script(
        sh`for name in ${names}; do printf '%s|' "$name"; done; ls /run/owned 2> /dev/null || echo safe`,
        quiet,
      );
      expect(stdout).toBe(`${names.join('|')}|safe\n`);
    });
  });

  /** Processes of the sleeps above that still run a moment after their end was ordered. */
  async function leftBehind(host: RemoteHost): Promise<string> {
    const { stdout } = await host.script(
      sh`i=0; while grep -lzx '98[4-7]' /proc/[0-9]*/cmdline 2> /dev/null | grep -q . && [ $i -lt 80 ]; do sleep 0.05; i=$((i + 1)); done
grep -lzx '98[4-7]' /proc/[0-9]*/cmdline 2> /dev/null || :`,
      quiet,
    );
    return stdout;
  }
});
