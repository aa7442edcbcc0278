import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One TypeScript file: where it is, what it says, and what it imports of ours. */
export interface Source {
  /** From the checkout: "src/core/step.ts". */
  readonly file: string;
  readonly text: string;
  /** The text without comments, strings kept. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** An import of another file of ours, or of a package. */
export interface Import {
  /** "src/core/errors.ts" of a file, "node:fs" or "zod" of anything else. */
  readonly target: string;
  readonly isFile: boolean;
  /** Gone when the program runs: `import type`. */
  readonly isType: boolean;
}

/** Every TypeScript file below the folders, in the order of their names. */
export async function readSources(...folders: readonly string[]): Promise<readonly Source[]> {
  const lists = await Promise.all(folders.map((folder) => typescriptFiles(join(ROOT, folder))));
  return Promise.all(
    lists.flat().map(async (path) => {
      const file = relative(ROOT, path);
      const text = await readFile(path, 'utf8');
      const code = withoutComments(text);
      return { file, text, code, imports: importsOf(file, code) };
    }),
  );
}

async function typescriptFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function importsOf(file: string, code: string): readonly Import[] {
  const found = [
    ...code.matchAll(/^\s*(?:import|export)\b([^;'"]*?)\bfrom\s*'([^']+)'/gm),
    ...code.matchAll(/^\s*import()\s*'([^']+)'/gm),
    ...code.matchAll(/\bimport()\(\s*'([^']+)'\s*\)/g),
  ];
  return found.map(([, names = '', specifier = '']) => ({
    isType: /^\s+type\b/.test(names),
    ...(specifier.startsWith('.')
      ? { target: normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts'), isFile: true }
      : { target: specifier, isFile: false }),
  }));
}

/** Blanks comments out, so that prose is not taken for code; strings and templates stay as they are. */
function withoutComments(text: string): string {
  const pattern =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|(?<=^|[\s;,{}()])\/\/[^\n]*/g;
  return text.replace(pattern, (match) => (match.startsWith('/') ? match.replace(/[^\n]/g, ' ') : match));
}
