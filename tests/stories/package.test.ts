import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyHome, scratchFolder } from './rig.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder in which nothing but the packed package was installed, without install scripts. */
let user = '';
let installed = '';

beforeAll(async () => {
  const folder = await scratchFolder();
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdin: 'ignore' });
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  user = join(folder, 'user');
  await mkdir(user);
  await writeFile(join(user, 'package.json'), '{"private": true, "type": "module"}');
  await execa('npm', ['install', '--ignore-scripts', '--offline', '--no-audit', '--no-fund', join(folder, tarball)], {
    cwd: user,
    stdin: 'ignore',
  });
  installed = join(user, 'node_modules/kubewright');
});

describe('the published package', () => {
  test('brings no dependency and runs no script when it is installed', async () => {
    const packages = (await readdir(join(user, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['kubewright']);
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.optionalDependencies).toBeUndefined();
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(manifest.scripts?.[script]).toBeUndefined();
    }
  });

  test('runs by npx', async () => {
    const { stdout } = await execa('npx', ['--no-install', 'kubewright', '--help'], { cwd: user, stdin: 'ignore' });
    expect(stdout).toContain('Start here:');
  });

  test('validates its own examples, offline', async () => {
    for (const example of await readdir(join(installed, 'examples'))) {
      const cli = join(installed, 'dist/cli.js');
      const { stdout } = await execa(process.execPath, [cli, 'validate', join(installed, 'examples', example)], {
        cwd: user,
        env: emptyHome(user),
        extendEnv: false,
      });
      expect(stdout).toContain('is valid');
    }
  });

  test('is a library that programs import', async () => {
    const program = `
      import { ERROR_CODES, KubewrightError, validate } from 'kubewright';
      const { valid, cluster } = await validate({ file: 'node_modules/kubewright/examples/local.yaml' });
      console.log(valid, cluster.name, typeof KubewrightError, 'usage' in ERROR_CODES);`;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', program], { cwd: user });
    expect(stdout).toBe('true demo function true');
  });

  test('has types that hold under the strictest settings, without the packages that were bundled', async () => {
    const typed = join(user, '../typed');
    await mkdir(join(typed, 'node_modules/@types'), { recursive: true });
    await writeFile(join(typed, 'package.json'), '{"type": "module"}');
    await symlink(installed, join(typed, 'node_modules/kubewright'));
    for (const types of ['@types/node', 'undici-types']) {
      await symlink(join(ROOT, 'node_modules', types), join(typed, 'node_modules', types));
    }
    await writeFile(
      join(typed, 'program.ts'),
      `import { type Event, KubewrightError, type UpResult, up } from 'kubewright';
       const abort = new AbortController();
       const result: Promise<UpResult> = up(
         { file: 'cluster.yaml', setCurrentContext: false },
         {
           emit: (event: Event) => void event.type,
           stop: abort.signal,
           abort: abort.signal,
           confirm: async () => false,
           askSecret: async () => '',
         },
       );
       result.catch((error: unknown) => error instanceof KubewrightError && error.code === 'usage');
       // @ts-expect-error: a file must be named
       up({ setCurrentContext: false }, undefined);`,
    );
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--types', 'node'];
    const modules = ['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,esnext.disposable', '--noEmit'];
    const { all } = await execa('tsc', [...strict, ...modules, 'program.ts'], {
      cwd: typed,
      preferLocal: true,
      localDir: ROOT,
      reject: false,
      all: true,
    });
    expect(all).toBe('');
  });

  test('carries what it must: the licences of what it bundles, the schemas, the manifests', async () => {
    const licenses = await readFile(join(installed, 'THIRD_PARTY_LICENSES'), 'utf8');
    for (const name of ['commander', 'ssh2', 'undici', 'yaml', 'zod'])
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(await readdir(join(installed, 'schema'))).toEqual(['cluster.v1alpha1.json', 'events.v1.json']);
    expect(await readdir(installed)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'examples']));
  });
});
