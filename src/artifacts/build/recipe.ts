import { type GoProgram, goBinaryName, type ImageRecipe } from './component.js';

/** Symbol tables and debugging information are left out: a third of the size. */
export const STRIPPED: readonly string[] = ['-s', '-w'];

/** What most components have in common: no C, no build tags. */
export const pureGo = { kind: 'go', tags: [], ldflags: STRIPPED, libraries: [] } as const;

/** The program of a package, under Go's own name for it unless told otherwise. */
export function goProgram(importPath: string, output: string = goBinaryName(importPath)): GoProgram {
  return { output, main: { package: importPath } };
}

/** An image of one program and nothing else. */
export function imageOfProgram(name: string, path: string): ImageRecipe {
  return { name, programs: { [path]: name }, entrypoint: [path], packetFilter: false };
}
