import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Completes package-lock.json: to be run after `npm install` from a registry that has not every platform's
 * packages. npm leaves those out of the lock without a word, and `npm ci` then refuses the lock, everywhere. An
 * entry that is added here has no checksum (nobody could compute one); it is installed on its own platform only.
 */
const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock: Lock = JSON.parse(await readFile(file, 'utf8'));
const added: [string, Entry][] = [];

for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = [`${place}/node_modules/${name}`, `node_modules/${name}`].some((path) => path in lock.packages);
    if (!known) added.push([`node_modules/${name}`, platformEntry(name, version)]);
  }
}
const packages = Object.entries(lock.packages).concat(added);
lock.packages = Object.fromEntries(packages.sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(file, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`added ${added.length} packages of other platforms\n`);

/** What npm itself would write, as far as the name tells: "@scope/name-linux-x64-musl". */
function platformEntry(name: string, version: string): Entry {
  const words = name.replace(/^.*\//, '').split('-');
  const os = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'].find((word) => words.includes(word));
  const cpu = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'].find((word) => words.includes(word));
  if (os === undefined || cpu === undefined)
    throw new Error(`${name} ${version} is missing, and for no platform known`);
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return { version, cpu: [cpu], dev: true, ...(libc === undefined ? {} : { libc: [libc] }), optional: true, os: [os] };
}

interface Lock {
  packages: Record<string, Entry>;
}

interface Entry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}
