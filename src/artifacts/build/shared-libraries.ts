import { KubewrightError } from '../../core/errors.js';
import { runProgram } from '../../transport/program.js';

/**
 * Where the loader finds each library of these programs ("libc.so.6 => /lib/…/libc.so.6 (0x…)", ldd(1)), the loader
 * itself included: path in an image to path here. Rejects with `build-failed` where one is missing.
 */
export async function sharedLibraries(files: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  if (files.length === 0) return new Map();
  const { code, stdout, stderr } = await runProgram('ldd', files, { signal, timeoutMs: 30_000 });
  const lost = /^\s*(\S+) => not found/m.exec(stdout);
  if (code !== 0 || lost !== null) {
    throw new KubewrightError('build-failed', `cannot find what ${files[0]} is linked against`, {
      output: [...(lost === null ? [] : [`${lost[1]} not found`]), stderr.trim()],
    });
  }
  const paths = [...stdout.matchAll(/(?:=>\s*)?(\/\S+) \(0x[0-9a-f]+\)/g)].flatMap(([, path]) => path ?? []);
  return new Map(paths.map((path) => [path, path]));
}
