import { posix } from 'node:path';
import { Header } from 'tar';
import { type Segment, sizeOf } from './segment.js';

/** An entry of an archive. Paths are relative, with forward slashes. Owner and times are always 0. */
export type TarEntry =
  | { readonly path: string; readonly type: 'file'; readonly mode: number; readonly content: readonly Segment[] }
  | { readonly path: string; readonly type: 'symlink'; readonly target: string }
  | { readonly path: string; readonly type: 'directory'; readonly mode: number };

/** A tar archive (POSIX ustar) of the entries, in the order given. The same entries give the same bytes. */
export function tarArchive(entries: readonly TarEntry[]): readonly Segment[] {
  return [...entries.flatMap(entrySegments), Buffer.alloc(2 * BLOCK)];
}

/** The entries sorted by path, each preceded by the directories above it (0755) that are not among them. */
export function withParents(entries: readonly TarEntry[]): readonly TarEntry[] {
  const all = new Map(entries.map((entry) => [entry.path, entry]));
  for (const entry of entries) {
    for (let path = posix.dirname(entry.path); path !== '.'; path = posix.dirname(path)) {
      if (!all.has(path)) all.set(path, { path, type: 'directory', mode: 0o755 });
    }
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const BLOCK = 512;

function entrySegments(entry: TarEntry): readonly Segment[] {
  switch (entry.type) {
    case 'directory':
      return [header({ path: `${entry.path}/`, type: 'Directory', mode: entry.mode, size: 0 })];
    case 'symlink':
      return [header({ path: entry.path, type: 'SymbolicLink', mode: 0o777, size: 0, linkpath: entry.target })];
    case 'file': {
      const size = sizeOf(entry.content);
      const padding = (BLOCK - (size % BLOCK)) % BLOCK;
      return [
        header({ path: entry.path, type: 'File', mode: entry.mode, size }),
        ...entry.content,
        ...(padding > 0 ? [Buffer.alloc(padding)] : []),
      ];
    }
  }
}

function header(fields: ConstructorParameters<typeof Header>[0] & { path: string }): Buffer {
  const block = Buffer.alloc(BLOCK);
  const head = new Header({ ...fields, uid: 0, gid: 0, mtime: new Date(0) });
  if (head.encode(block)) throw new Error(`${fields.path} does not fit a plain tar header`);
  return block;
}
