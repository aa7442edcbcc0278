import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHost } from '../../src/host/host.js';
import type { RemoteHost, ScriptOptions, Upload, UploadOptions } from '../../src/host/remote-host.js';
import { sendFiles } from '../../src/host/send-files.js';
import { sh } from '../../src/transport/command.js';
import type { SshTarget } from '../../src/transport/target.js';
import { type Sshd, sshdMissing, startSshd } from '../rig/sshd.js';
import { describeUnless } from '../rig/unless.js';

const signal = new AbortController().signal;
const quiet: ScriptOptions = { context: { signal, line: () => {} }, timeoutMs: 15_000, title: 'look' };
const options: UploadOptions = { context: { signal, progress: () => {} }, timeoutMs: 20_000 };

describeUnless(sshdMissing, 'upload', () => {
  let sshd: Sshd;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubewright-upload-'));
    sshd = await startSshd({
      users: [
        { name: 'ada', sudo: 'without-password' },
        { name: 'bob', sudo: 'with-password' },
      ],
      setup: 'mount -t tmpfs -o size=3m tmpfs /mnt && mount -t tmpfs -o mode=755 tmpfs /srv && chmod 700 /srv',
    });
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  let count = 0;
  /** A file to send: `content`, or so many random bytes. */
  async function upload(destination: string, content: string | number, more: Partial<Upload> = {}): Promise<Upload> {
    count += 1;
    const bytes = typeof content === 'number' ? randomBytes(content) : Buffer.from(content);
    const source = join(folder, `source-${count}`);
    await writeFile(source, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { source, destination, mode: '0644', sha256, size: bytes.length, ...more };
  }

  async function on<T>(use: (host: RemoteHost) => Promise<T>, target: Partial<SshTarget> = {}): Promise<T> {
    await using host = await openHost(sshd.target(target), { signal });
    return await use(host);
  }

  /** Lines of "mode owner sum name" of all files in a folder, hidden ones too. */
  async function listing(host: RemoteHost, path: string): Promise<string[]> {
    const { stdout } = await host.script(
      sh`cd ${path} 2> /dev/null || exit 0; for f in .[!.]* *; do [ -f "$f" ] && echo "$(stat -c '%a %U' "$f") $(sha256sum < "$f" | cut -c 1-64) $f"; done; :`,
      quiet,
    );
    return stdout.split('\n').filter((line) => line !== '');
  }

  it.each<[string, Partial<SshTarget>]>([
    ['root', {}],
    ['ada', { user: 'ada' }],
    ['bob', { user: 'bob', sudoPassword: async () => 'correct horse' }],
  ])('puts files of any size where only root may, as %s', async (user, target) => {
    const path = `/srv/${user}/deep`;
    const files = [
      await upload(`${path}/empty`, ''),
      await upload(`${path}/kubelet`, 9_000_001, { mode: '0755' }),
      await upload(`${path}/small`, 'hello\n', { mode: '0600' }),
    ];
    await on(async (host) => {
      await host.upload(files, options);
      expect(await listing(host, path)).toEqual([
        `644 root ${files[0]?.sha256} empty`,
        `755 root ${files[1]?.sha256} kubelet`,
        `600 root ${files[2]?.sha256} small`,
      ]);
    }, target);
  });

  it('takes hostile names for names', async () => {
    const names = ["it's", '$(touch owned)', '`id`', 'a b', '-rf', 'back\\slash', '"', '*', 'größe'];
    const files = await Promise.all(names.map((name) => upload(`/srv/hostile/${name}`, name)));
    await on(async (host) => {
      await host.upload(files, options);
      const found = await host.script(
        sh`cd /srv/hostile && for f in *; do printf '%s|' "$f"; cat -- "$f"; echo; done`,
        quiet,
      );
      expect(found.stdout.trim().split('\n').sort()).toEqual(names.map((name) => `${name}|${name}`).sort());
      // All are recognised again.
      const progress: number[] = [];
      await host.upload(files, { ...options, context: { signal, progress: (done) => progress.push(done) } });
      expect(progress).toEqual([]);
    });
    const broken = await upload('/srv/hostile/a\nb', 'x');
    await on((host) => expect(host.upload([broken], options)).rejects.toThrow(TypeError));
  });

  it('sends nothing that is there already, in one round trip, and mends modes', async () => {
    const files = [await upload('/srv/again/a', 'a', { mode: '0755' }), await upload('/srv/again/b', 'b')];
    await on(async (host) => {
      await host.upload(files, options);
      const sessions = () => sshd.log().match(/Starting session/g)?.length ?? 0;
      const before = sessions();
      await host.upload(files, options);
      expect(sessions() - before).toBe(1);
      await host.script(sh`chmod 600 /srv/again/a; echo other > /srv/again/b`, quiet);
      await host.upload(files, options);
      expect(await listing(host, '/srv/again')).toEqual([
        `755 root ${files[0]?.sha256} a`,
        `644 root ${files[1]?.sha256} b`,
      ]);
    });
  });

  it('replaces a symbolic link, not what it points at, and refuses a folder', async () => {
    const file = await upload('/srv/link/kubectl', 'new');
    await on(async (host) => {
      await host.script(
        sh`mkdir -p /srv/link/folder; echo old > /srv/link/target; ln -s target /srv/link/kubectl`,
        quiet,
      );
      await host.upload([file], options);
      const { stdout } = await host.script(sh`cat /srv/link/target; stat -c %F /srv/link/kubectl`, quiet);
      expect(stdout).toBe('old\nregular file\n');
      await expect(host.upload([{ ...file, destination: '/srv/link/folder' }], options)).rejects.toMatchObject({
        code: 'upload-failed',
        message: expect.stringContaining('/srv/link/folder'),
      });
    });
  });

  it('counts the bytes as they go', async () => {
    const files = [await upload('/srv/progress/a', 3_000_000), await upload('/srv/progress/b', 1_000_000)];
    const seen: [number, number | undefined][] = [];
    await on((host) =>
      host.upload(files, { ...options, context: { signal, progress: (done, total) => seen.push([done, total]) } }),
    );
    expect(seen.at(-1)).toEqual([4_000_000, 4_000_000]);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
  });

  it('says beforehand that a disk has not enough room', async () => {
    const file = await upload('/mnt/new/folder/big', 4_000_000);
    await on(async (host) => {
      await expect(host.upload([file], options)).rejects.toMatchObject({
        code: 'host-disk-full',
        message: expect.stringMatching(/3\.8 MiB are needed, 3\.0 MiB are free on \/mnt/),
      });
      expect(await listing(host, '/mnt/new')).toEqual([]);
    });
  });

  it('says that a disk became full on the way, and leaves nothing', async () => {
    // Without the look beforehand: as if somebody else had taken the room meanwhile.
    const file = await upload('/mnt/big', 4_000_000);
    await on(async (host) => {
      await expect(sendFiles(host, [file], { signal, timeoutMs: 15_000 }, () => {})).rejects.toMatchObject({
        code: 'host-disk-full',
        message: expect.stringMatching(/\/mnt\/big was sent: 3\.8 MiB are needed, 3\.0 MiB are free/),
      });
      expect(await listing(host, '/mnt')).toEqual([]);
    });
  });

  it('refuses what arrives other than announced, and leaves the old file as it was', async () => {
    const old = await upload('/srv/wrong/file', 'old');
    const wrong = await upload('/srv/wrong/file', 'new', { sha256: 'f'.repeat(64) });
    await on(async (host) => {
      await host.upload([old], options);
      await expect(host.upload([wrong], options)).rejects.toMatchObject({
        code: 'upload-failed',
        message: expect.stringContaining(`instead of ${'f'.repeat(64)}`),
      });
      await expect(host.upload([{ ...wrong, size: 999 }], options)).rejects.toMatchObject({
        code: 'upload-failed',
        message: expect.stringContaining('has 3 bytes instead of 999'),
      });
      await expect(host.upload([{ ...wrong, source: '/nonexistent' }], options)).rejects.toMatchObject({
        code: 'upload-failed',
        message: expect.stringContaining('/nonexistent cannot be read'),
      });
      expect(await listing(host, '/srv/wrong')).toEqual([`644 root ${old.sha256} file`]);
    });
  });

  it('says what the host says where it cannot write', async () => {
    const file = await upload('/proc/nothing/here', 'x');
    await on((host) =>
      expect(host.upload([file], options)).rejects.toMatchObject({
        code: 'upload-failed',
        message: expect.stringMatching(/\/proc\/nothing\/here could not be put on node-1: the host says: .*mkdir/),
      }),
    );
  });

  it.each(['root', 'ada'])('leaves nothing half-written when the connection of %s is cut', async (user) => {
    const path = `/srv/cut-${user}`;
    const old = await upload(`${path}/kubelet`, 'old');
    const file = await upload(`${path}/kubelet`, 60_000_000);
    await on(
      async (host) => {
        await host.upload([old], options);
        let cut = false;
        const progress = (done: number) => {
          if (done < 8_000_000 || cut) return;
          cut = true;
          void sshd.cutConnections();
        };
        await expect(host.upload([file], { ...options, context: { signal, progress } })).rejects.toMatchObject({
          code: 'ssh-connection-lost',
          retryable: true,
        });
        await expect.poll(() => listing(host, path)).toEqual([`644 root ${old.sha256} kubelet`]);
        await host.upload([file], options);
        expect(await listing(host, path)).toEqual([`644 root ${file.sha256} kubelet`]);
      },
      { user },
    );
  });

  it('leaves nothing half-written when the user does not want any more', async () => {
    const file = await upload('/srv/stopped/kubelet', 60_000_000);
    const controller = new AbortController();
    await on(async (host) => {
      const progress = (done: number) => {
        if (done > 8_000_000) controller.abort();
      };
      await expect(
        host.upload([file], { ...options, context: { signal: controller.signal, progress } }),
      ).rejects.toMatchObject({ code: 'interrupted', message: expect.stringContaining('/srv/stopped/kubelet') });
      await expect.poll(() => listing(host, '/srv/stopped')).toEqual([]);
    });
  });
});
