import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './sources.js';

/**
 * The rules about promises still live in Biome's nursery: an update may rename one and then say nothing about
 * it. Each mistake here must be found, by the configuration of this project.
 */
const MISTAKES: Readonly<Record<string, string>> = {
  noFloatingPromises: `
    async function work(): Promise<number> { return 1; }
    export function start(): void { work(); }`,
  noMisusedPromises: `
    async function isDone(): Promise<boolean> { return true; }
    export function check(): string { if (isDone()) { return 'done'; } return 'open'; }`,
  useExhaustiveSwitchCases: `
    export function name(state: 'on' | 'off'): string { switch (state) { case 'on': return 'lit'; } return ''; }`,
  noNonNullAssertion: `
    export function first(list: readonly string[]): string { return list[0]!; }`,
  noExplicitAny: `
    export function length(value: any): number { return value.length; }`,
  noConsole: `
    export function say(): void { console.log('x'); }`,
};

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-lint-'));
  await cp(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  // The configuration asks for an ignore file.
  await writeFile(join(folder, '.gitignore'), 'dist/\n');
  for (const [rule, code] of Object.entries(MISTAKES)) await writeFile(join(folder, `${rule}.ts`), code);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the linter finds', () => {
  test.each(Object.keys(MISTAKES))('%s', async (rule) => {
    const { all, exitCode } = await execa('biome', ['lint', `${rule}.ts`], {
      cwd: folder,
      preferLocal: true,
      localDir: ROOT,
      reject: false,
      all: true,
    });
    expect(all).toContain(rule);
    expect(exitCode).toBe(1);
  });
});
