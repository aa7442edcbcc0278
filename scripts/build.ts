import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { execa } from 'execa';
import { reachableDeclarations } from './declarations.js';
import { thirdPartyLicenses } from './licenses.js';

/**
 * Makes what is published: dist/cli.js with its parts, dist/index.js (every dependency inside, so the package has none), the
 * library's types under dist/types, and THIRD_PARTY_LICENSES of what was bundled.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

const shared: BuildOptions = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // Names stay, so that a stack trace in a bug report can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // ssh2 does without its native parts: its own crypto in JavaScript, no detection of CPU features.
  loader: { '.node': 'empty' },
  external: ['cpu-features'],
};

/** What CommonJS dependencies expect to find, in an ES module. */
const commonJs = `import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __toPath}from'node:url';const require=__createRequire(import.meta.url);const __filename=__toPath(import.meta.url);const __dirname=__toPath(new URL('.',import.meta.url));`;

/**
 * What is loaded late is a bundle of its own: the library only when a verb needs it, so that `--help` starts at once, and
 * neither that nor the verbs when kubectl asks for credentials.
 */
const loadedLate: Plugin = {
  name: 'loaded late',
  setup(context) {
    context.onResolve({ filter: /^\.[./]*\/(index|verbs|credential|relay)\.js$/ }, ({ importer, path, kind }) =>
      kind === 'dynamic-import' && importer.startsWith(join(root, 'src'))
        ? { path: `./${basename(path)}`, external: true }
        : null,
    );
  },
};

const [library, ...cli] = await Promise.all([
  build({ ...shared, entryPoints: { index: 'src/index.ts' }, banner: { js: commonJs } }),
  build({
    ...shared,
    entryPoints: { verbs: 'src/cli/verbs.ts', credential: 'src/cli/credential.ts', relay: 'src/cli/relay.ts' },
    banner: { js: commonJs },
    plugins: [loadedLate],
  }),
  build({
    ...shared,
    entryPoints: { cli: 'src/cli/main.ts' },
    banner: { js: '#!/usr/bin/env node' },
    plugins: [loadedLate],
  }),
  emitTypes(),
]);
await chmod(join(root, 'dist/cli.js'), 0o755);
const inputs = [library, ...cli].flatMap((made) => Object.keys(made?.metafile?.inputs ?? {}));
await writeFile(join(root, 'THIRD_PARTY_LICENSES'), await thirdPartyLicenses(root, inputs));

async function emitTypes(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'kubewright-types-'));
  try {
    // Checking is a matter of its own: `npm run types`.
    const options = ['--noCheck', '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src'];
    await execa('tsc', ['-p', 'scripts/tsconfig.types.json', ...options, '--outDir', scratch], {
      cwd: root,
      preferLocal: true,
    });
    await rm(join(root, 'dist/types'), { recursive: true, force: true });
    for (const file of await reachableDeclarations(scratch, 'index.d.ts')) {
      await cp(join(scratch, file), join(root, 'dist/types', file), { recursive: true });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
