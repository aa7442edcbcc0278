import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GoCommand } from './go-command.js';

/** A Go module in the module cache. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Its folder in the module cache: read-only. */
  readonly directory: string;
  /** "1.26.0": the least version of Go that it asks for. */
  readonly go: string;
  /** Modules that it replaces by folders of its repository which the module archive lacks. */
  readonly replacedByFolders: readonly string[];
  /** "default=go1.26": settings of the Go runtime that its programs are released with. */
  readonly debugSettings: readonly string[];
  /** Its go.sum: the sums of all that it depends on. */
  readonly sums: string;
}

/** Has Go fetch a module, verified against Go's checksum database, and reads what it says of itself. */
export async function goModule(go: GoCommand, path: string, version: string): Promise<GoModule> {
  const title = `fetch ${path} ${version}`;
  // Twice: with -json, Go hides what went wrong in the JSON.
  await go.run(['mod', 'download', `${path}@${version}`], title);
  const answer = await go.run(['mod', 'download', '-json', `${path}@${version}`], title);
  const { Dir: directory } = Download.parse(JSON.parse(answer));
  const file = ModFile.parse(
    JSON.parse(await go.run(['mod', 'edit', '-json', join(directory, 'go.mod')], `read go.mod of ${path}`)),
  );
  return {
    path,
    version,
    directory,
    go: file.Go ?? '1.16',
    replacedByFolders: (file.Replace ?? [])
      .filter((replace) => replace.New.Path.startsWith('.') && requires(file, replace.Old.Path, 'v0.0.0'))
      .map((replace) => replace.Old.Path),
    debugSettings: (file.GoDebug ?? []).map(({ Key, Value }) => `${Key}=${Value}`),
    // A module without dependencies has none.
    sums: await readFile(join(directory, 'go.sum'), 'utf8').catch(() => ''),
  };
}

/** The newest of several "1.26.0". */
export function newestGo(versions: readonly string[]): string {
  return versions.reduce((newest, version) => (compareGo(version, newest) > 0 ? version : newest));
}

/** Negative, zero or positive, as `a` is older than, the same as or newer than `b`. */
function compareGo(a: string, b: string): number {
  const parts = (version: string) => version.split('.').map((part) => Number.parseInt(part, 10));
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `go mod download -json` and `go mod edit -json`, as far as needed (`go help mod download`, `go help mod edit`). */
const Download = z.object({ Dir: z.string() });
const ModFile = z.object({
  Go: z.string().optional(),
  GoDebug: z.array(z.object({ Key: z.string(), Value: z.string() })).nullish(),
  Require: z.array(z.object({ Path: z.string(), Version: z.string() })).nullish(),
  Replace: z.array(z.object({ Old: z.object({ Path: z.string() }), New: z.object({ Path: z.string() }) })).nullish(),
});

function requires(file: z.infer<typeof ModFile>, path: string, version: string): boolean {
  return (file.Require ?? []).some((require) => require.Path === path && require.Version === version);
}
