import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, readSources } from './sources.js';

const MAX_LINES = 300;

/** A table that grows by a row for each error is no file that holds too many ideas. */
const TABLES = ['src/core/error-codes.ts'];

const sources = await readSources('src');
const everything = [...sources, ...(await readSources('tests', 'scripts', 'bench'))];

describe('source files', () => {
  test(`have at most ${MAX_LINES} lines`, () => {
    const long = sources.filter(({ file, text }) => text.split('\n').length > MAX_LINES + 1 && !TABLES.includes(file));
    expect(long.map(({ file, text }) => `${file}: ${text.split('\n').length - 1}`)).toEqual([]);
  });

  test('say of every function and class that they export what it does', () => {
    const silent = sources.flatMap(({ file, text }) => undocumented(text).map((name) => `${file}: ${name}`));
    expect(silent).toEqual([]);
  });

  test('are named after their idea, in lower case with dashes', () => {
    const odd = everything.filter(({ file }) => !/^[a-z0-9/.-]+\.ts$/.test(file));
    expect(odd.map(({ file }) => file)).toEqual([]);
  });

  test('leave nothing for later', () => {
    const marks = /\b(TODO|FIXME|XXX|HACK)\b|for now\b|not implemented/i;
    const later = everything.filter(({ file, text }) => marks.test(text) && !file.endsWith('files.test.ts'));
    expect(later.map(({ file }) => file)).toEqual([]);
  });

  test('switch no rule off without saying why', () => {
    const silent = everything.flatMap(({ file, text }) =>
      [...text.matchAll(/(biome-ignore [^\n]*|@ts-[a-z-]+[^\n]*)/g)]
        .filter(([mark]) => !/^biome-ignore [\w/]+: .{10}/.test(mark) && !/^@ts-expect-error.{10}/.test(mark))
        .map(([mark]) => `${file}: ${mark}`),
    );
    expect(silent.filter((each) => !each.startsWith('tests/architecture/'))).toEqual([]);
  });
});

describe('tests', () => {
  test('are skipped only with a reason', () => {
    const silent = everything
      .filter(({ file }) => file.endsWith('.test.ts'))
      .flatMap(({ file, code }) =>
        code
          .split('\n')
          .filter((line) => /\b(test|it|describe)\.(skip|todo|only|skipIf|runIf)\b/.test(line))
          // Here the name holds the reason.
          .filter((line) => !/\.skipIf\(missing !== undefined\)\(/.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(silent, 'call context.skip(condition, reason) in the test, or use rig/unless.ts').toEqual([]);
  });

  test('wait for things, never for time', () => {
    const sleeping = everything
      .filter(({ file }) => file.endsWith('.test.ts'))
      .filter(({ code }) => /await (setTimeout|sleep|delay)\(/.test(code))
      .map(({ file }) => file);
    expect(sleeping).toEqual([]);
  });
});

test.each(['./start', './test', './scripts/setup.sh', './.ci/run', './README.md', './LICENSE', './CHANGELOG.md'])(
  '%s exists',
  async (file) => {
    await expect(access(join(ROOT, file))).resolves.toBeUndefined();
  },
);

/** Names of exported functions and classes without a comment right above them. */
function undocumented(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name = /^export (?:async )?(?:function|class) (\w+)/.exec(line)?.[1];
    if (name === undefined) return [];
    const above = lines[index - 1]?.trim() ?? '';
    return above.endsWith('*/') ? [] : [name];
  });
}

test('package-lock.json has the packages of every platform: else `npm ci` refuses it', async () => {
  const lock: { packages: Record<string, { version?: string; optionalDependencies?: Record<string, string> }> } =
    JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`${place}/node_modules/${name}` in lock.packages) && !(`node_modules/${name}` in lock.packages),
    ),
  );
  expect(missing, 'npx tsx scripts/complete-lock.ts adds them').toEqual([]);
});
