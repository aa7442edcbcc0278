import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EmptiedPackages, GoCompile } from './component.js';
import type { GoCommand } from './go-command.js';
import { type GoModule, goModule, newestGo } from './go-modules.js';

/**
 * Makes the folder `directory` a module that requires the component's modules and takes over their go.sum, so that
 * exactly the versions are compiled that their authors released with. Dependencies' own `replace` lines do not
 * count in Go: Kubernetes' staging folders, which its module archive lacks, become the published staging modules.
 */
export async function writeWrapperModule(directory: string, compile: GoCompile, go: GoCommand): Promise<void> {
  await writeEmptyModule(directory);
  const modules: GoModule[] = [];
  for (const [path, version] of Object.entries(compile.modules)) modules.push(await goModule(go, path, version));
  const staging = modules.flatMap((module) =>
    module.replacedByFolders.map((path) => `${path} ${compile.stagingVersion}`),
  );
  // The version that the module itself asks for, v0.0.0, does not exist: hence both lines.
  const replaced = staging.map((published) => `${published.split(' ')[0]} => ${published}`);
  const { emptied } = compile;
  if (emptied !== undefined) {
    const module = modules.find(({ path }) => path === emptied.module);
    if (module !== undefined) await copyEmptied(module, emptied, join(directory, 'emptied'), go);
    replaced.push(`${emptied.module} => ./emptied`);
  }
  await writeFile(
    join(directory, 'go.mod'),
    [
      HEAD,
      `go ${newestGo(modules.map((module) => module.go))}`,
      ...new Set(modules.flatMap((module) => module.debugSettings.map((setting) => `godebug ${setting}`))),
      ...modules.map((module) => `require ${module.path} ${module.version}`),
      ...staging.map((published) => `require ${published}`),
      ...replaced.map((line) => `replace ${line}`),
      '',
    ].join('\n'),
  );
  const sums = new Set(modules.flatMap((module) => module.sums.split('\n').filter((line) => line !== '')));
  await writeFile(join(directory, 'go.sum'), [...sums].sort().join('\n').concat('\n'));

  for (const { main, output } of compile.programs) {
    if (!('source' in main)) continue;
    await mkdir(join(directory, output));
    await writeFile(join(directory, output, 'main.go'), main.source);
  }
}

/** A module to run `go` in, so that it never takes the user's own for the one that is meant. */
export async function writeEmptyModule(directory: string): Promise<void> {
  await writeFile(join(directory, 'go.mod'), `${HEAD}\n`);
}

const HEAD = 'module kubewright.build/wrapper';

async function copyEmptied(
  module: GoModule,
  emptied: EmptiedPackages,
  destination: string,
  go: GoCommand,
): Promise<void> {
  await copyTree(module.directory, destination, new Set(emptied.packages.map((path) => join(module.directory, path))));
  for (const path of emptied.packages) {
    await writeFile(join(destination, path, 'empty.go'), `package ${basename(path)}\n`);
  }
  await go.run(
    ['mod', 'edit', ...emptied.requirements.map((path) => `-droprequire=${path}`), join(destination, 'go.mod')],
    `edit go.mod of ${module.path}`,
  );
}

/** The module cache is read-only; the copy must not be. Folders in `emptied` are made without their content. */
async function copyTree(source: string, destination: string, emptied: ReadonlySet<string>): Promise<void> {
  await mkdir(destination, { recursive: true });
  if (emptied.has(source)) return;
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(destination, entry.name)];
    if (entry.isDirectory()) await copyTree(from, to, emptied);
    else {
      await copyFile(from, to);
      await chmod(to, 0o644);
    }
  }
}
