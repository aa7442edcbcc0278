import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { compileC, compileGo } from '../../../src/artifacts/build/compile.js';
import { type GoCompile, type GoProgram, goBinaryName } from '../../../src/artifacts/build/component.js';
import type { KubewrightError } from '../../../src/core/errors.js';
import { temporaryFolder } from '../../state/folder.js';
import { sha256 } from '../upstream-server.js';
import { gccMissing, goMissing, moduleProxy, type TestModule } from './module-proxy.js';

const signal = new AbortController().signal;

beforeEach((context) => context.skip(goMissing !== undefined, goMissing));

describe('compiling Go modules', () => {
  test('takes published modules for the folders that a module archive lacks', async () => {
    moduleProxy([
      app({ 'go.mod': STAGED, 'cmd/hello/main.go': mainCalling('example.test/lib', 'lib.Name()') }),
      lib('v0.36.3', 'the published lib'),
    ]);
    const programs = await compile({ stagingVersion: 'v0.36.3', programs: [program('example.test/app/cmd/hello')] });
    expect(run(programs, 'hello')).toBe('the published lib');
  });

  test('leaves out the content of packages that it is told to, and what only they need', async () => {
    moduleProxy([
      app({
        'go.mod': 'module example.test/app\n\ngo 1.21\n\nrequire example.test/nowhere v1.0.0\n',
        'main.go': 'package main\n\nimport _ "example.test/app/pkg/cloud"\n\nfunc main() { print("small") }\n',
        'pkg/cloud/cloud.go': 'package cloud\n\nimport _ "example.test/nowhere"\n',
      }),
    ]);
    const emptied = { module: 'example.test/app', packages: ['pkg/cloud'], requirements: ['example.test/nowhere'] };
    const programs = await compile({ emptied, programs: [program('example.test/app', 'renamed')] });
    expect(run(programs, 'renamed')).toBe('small');
  });

  test('compiles a main package of our own against a module', async () => {
    moduleProxy([app({ 'go.mod': PLAIN, 'greet/greet.go': 'package greet\n\nfunc Text() string { return "hi" }\n' })]);
    const source = mainCalling('example.test/app/greet', 'greet.Text()');
    const programs = await compile({ programs: [{ output: 'greeter', main: { source } }] });
    expect(run(programs, 'greeter')).toBe('hi');
  });

  test('gives the same bytes in any folder, and sets what the linker is told', async () => {
    moduleProxy([app({ 'go.mod': PLAIN, 'main.go': VERSIONED })]);
    const ldflags = ['-s', '-w', '-X', 'main.version=v1.36.3'];
    const build = async () => compile({ ldflags, programs: [program('example.test/app')] });
    const [one, two] = [await build(), await build()];
    expect(run(one, 'app')).toBe('v1.36.3');
    expect(sha256(readFileSync(join(one, 'app')))).toBe(sha256(readFileSync(join(two, 'app'))));
  });

  test("names each package as it is compiled, and gives up with the compiler's last words", async () => {
    moduleProxy([app({ 'go.mod': PLAIN, 'main.go': `package main\n\nfunc main() { ${'undefined_name'}() }\n` })]);
    const lines: string[] = [];
    const error = await failure(compile({ programs: [program('example.test/app')] }, (line) => lines.push(line)));
    expect(error.code).toBe('build-failed');
    expect(error.message).toBe('could not compile app: exit code 1');
    expect(error.output.join('\n')).toContain('undefined: undefined_name');
    expect(error.command).toContain('go build');
    expect(lines).toContain('example.test/app');
  });

  test('says which module cannot be had', async () => {
    moduleProxy([]);
    const error = await failure(compile({ programs: [program('example.test/app')] }));
    expect(error.code).toBe('build-failed');
    expect(error.message).toContain('could not fetch example.test/app v1.36.3');
    expect(error.hint).toContain('GOPROXY');
  });

  test('says that Go is too old before it compiles anything', async () => {
    moduleProxy([app({ 'go.mod': 'module example.test/app\n\ngo 1.99\n', 'main.go': VERSIONED })]);
    const error = await failure(compile({ programs: [program('example.test/app')] }));
    expect(error).toMatchObject({ code: 'build-prerequisites' });
    expect(error.message).toMatch(/^example\.test\/app@v1\.36\.3 needs Go 1\.99 or newer; this machine has go ?1\./);
  });

  test('is not led astray by settings of the user', async () => {
    moduleProxy([app({ 'go.mod': PLAIN, 'main.go': VERSIONED })]);
    const build = () => compile({ programs: [program('example.test/app')] });
    const plain = sha256(readFileSync(join(await build(), 'app')));
    vi.stubEnv('GOFLAGS', '-ldflags=-X=main.version=odd');
    vi.stubEnv('GOAMD64', 'v3');
    vi.stubEnv('GOOS', 'plan9');
    expect(sha256(readFileSync(join(await build(), 'app')))).toBe(plain);
  });

  test('can be interrupted', async () => {
    moduleProxy([app({ 'go.mod': PLAIN, 'main.go': VERSIONED })]);
    const error = await failure(
      compileGo(goCompile({ programs: [program('example.test/app')] }), {
        ...here(),
        signal: AbortSignal.abort(),
      }),
    );
    expect(error.code).toBe('interrupted');
  });
});

test('a C program is linked statically, from a source in a Go module', async (context) => {
  context.skip(gccMissing !== undefined, gccMissing);
  const source = '#include <stdio.h>\nint main(void) { puts("pause " VERSION); return 0; }\n';
  moduleProxy([app({ 'go.mod': PLAIN, 'build/pause.c': source })]);
  const compile = () =>
    compileC(
      {
        kind: 'c',
        module: 'example.test/app',
        version: 'v1.36.3',
        source: 'build/pause.c',
        flags: ['-Os', '-static', '-s', '-Wl,--build-id=none', '-DVERSION="3.10.2"'],
        output: 'pause',
      },
      here(),
    );
  const [one, two] = [await compile(), await compile()];
  expect(run(one, 'pause')).toBe('pause 3.10.2\n');
  expect(sha256(readFileSync(join(one, 'pause')))).toBe(sha256(readFileSync(join(two, 'pause'))));
});

test.each([
  ['k8s.io/kubernetes/cmd/kubelet', 'kubelet'],
  ['go.etcd.io/etcd/server/v3', 'server'],
  ['github.com/containerd/containerd/v2/cmd/ctr', 'ctr'],
])('Go calls the program of %s %s', (path, name) => {
  expect(goBinaryName(path)).toBe(name);
});

const PLAIN = 'module example.test/app\n\ngo 1.21\n';
const STAGED = `${PLAIN}
require example.test/lib v0.0.0

replace example.test/lib => ./staging/src/example.test/lib
`;
const VERSIONED = 'package main\n\nvar version = "none"\n\nfunc main() { print(version) }\n';

function app(files: TestModule['files']): TestModule {
  return { path: 'example.test/app', version: 'v1.36.3', files };
}

function lib(version: string, name: string): TestModule {
  const source = `package lib\n\nfunc Name() string { return "${name}" }\n`;
  return { path: 'example.test/lib', version, files: { 'go.mod': 'module example.test/lib\n', 'lib.go': source } };
}

function mainCalling(path: string, call: string): string {
  return `package main\n\nimport "${path}"\n\nfunc main() { print(${call}) }\n`;
}

function program(path: string, output = goBinaryName(path)): GoProgram {
  return { output, main: { package: path } };
}

function goCompile(overrides: Partial<GoCompile>): GoCompile {
  const modules = { 'example.test/app': 'v1.36.3' };
  return { kind: 'go', modules, programs: [], tags: [], ldflags: ['-s', '-w'], libraries: [], ...overrides };
}

async function compile(overrides: Partial<GoCompile>, onLine = (_: string) => {}): Promise<string> {
  return compileGo(goCompile(overrides), { ...here(), onLine });
}

function here() {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  return { directory: temporaryFolder(), os: process.platform, arch, signal, onLine: () => {} };
}

function run(folder: string, name: string): string {
  const { stdout, stderr } = spawn(join(folder, name));
  return `${stdout}${stderr}`;
}

function spawn(path: string): { stdout: string; stderr: string } {
  // print() writes to standard error, puts() to standard output.
  const output = execFileSync('/bin/sh', ['-c', 'exec "$0" 2>&1', path], { encoding: 'utf8' });
  return { stdout: output, stderr: '' };
}

async function failure(promise: Promise<unknown>): Promise<KubewrightError> {
  return promise.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
}
