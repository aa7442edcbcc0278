import { describe, expect, test } from 'vitest';
import { readSources, type Source } from './sources.js';

/**
 * Which folders of src/ a folder may import from, besides itself. Imports go one way:
 * cli → operations → engines, providers → host, artifacts, kube → transport → core, model.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  model: [],
  ui: ['core'],
  transport: ['core', 'model'],
  config: ['core', 'model'],
  state: ['core', 'model', 'transport'],
  host: ['core', 'model', 'state', 'transport'],
  artifacts: ['core', 'model', 'state', 'transport'],
  kube: ['core', 'model', 'state', 'transport'],
  providers: ['core', 'model', 'state', 'transport', 'host', 'artifacts', 'kube'],
  engines: ['core', 'model', 'state', 'transport', 'host', 'artifacts', 'kube', 'src/providers/provider.ts'],
  operations: ['core', 'model', 'config', 'state', 'transport', 'host', 'artifacts', 'kube', 'providers', 'engines'],
  // The library is loaded as a whole and late, through src/index.ts; what is imported besides must be light.
  cli: ['core', 'ui', 'operations', 'src/index.ts'],
};

/** What every folder may import: the package's own name and place. */
const FOR_ALL = ['src/package.ts'];

const sources = await readSources('src');

describe('imports of ours go one way', () => {
  const folders = [...new Set(sources.flatMap(({ file }) => folderOf(file) ?? []))].sort();

  test.each(folders)('out of src/%s', (folder) => {
    const allowed = MAY_IMPORT[folder];
    expect(allowed, `src/${folder} has no place in the layers yet: give it one here`).toBeDefined();
    const wrong = sources
      .filter(({ file }) => folderOf(file) === folder)
      .flatMap(({ file, imports }) =>
        imports
          .filter(({ target, isFile }) => isFile && !isAllowed(folder, target, allowed ?? []))
          .map(({ target }) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('the CLI takes values of operations from the library only, which it loads late', () => {
    const wrong = sources
      .filter(({ file }) => folderOf(file) === 'cli')
      .flatMap(({ file, code }) =>
        [...code.matchAll(/^import (?!type )[^;]*from '(\.\.\/(?:\.\.\/)?(?:operations\/|index)[^']*)'/gm)].map(
          ([, from]) => `${file} imports ${from} at start`,
        ),
      );
    expect(wrong).toEqual([]);
  });

  test('no file is part of a circle', () => {
    expect(circles(sources)).toEqual([]);
  });

  test('only src/index.ts passes on what it does not define', () => {
    const barrels = sources.filter(({ file, code }) => file !== 'src/index.ts' && /^export\b[^;]*\bfrom '/m.test(code));
    expect(barrels.map(({ file }) => file)).toEqual([]);
  });
});

describe('only the right places', () => {
  test.each([
    ['print to the console', /\bconsole\.\w+\(/, []],
    ['end the process', /\bprocess\.(exit|abort)\b/, [/^src\/cli\/main\.ts$/]],
    ['start programs', /from '(node:child_process|execa)'/, [/^src\/transport\//]],
    ['write to the standard streams', /\bprocess\.(stdout|stderr)\b/, [/^src\/cli\//, /^src\/ui\//]],
    ['listen to signals', /\bprocess\.(on|once)\(/, [/^src\/cli\//, /^src\/ui\//]],
  ] as const)('%s', (_, pattern, places) => {
    const wrong = sources.filter(({ file, code }) => pattern.test(code) && !places.some((place) => place.test(file)));
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });
});

function folderOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

function isAllowed(folder: string, target: string, allowed: readonly string[]): boolean {
  const there = folderOf(target);
  return (
    there === folder || (there !== undefined && allowed.includes(there)) || [...allowed, ...FOR_ALL].includes(target)
  );
}

/** Every circle of imports once, as the files on it. Types that name each other are no circle: they are gone when the program runs. */
function circles(all: readonly Source[]): readonly string[] {
  const imports = new Map(
    all.map(({ file, imports }) => [file, imports.filter(({ isFile, isType }) => isFile && !isType)]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const { target } of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
